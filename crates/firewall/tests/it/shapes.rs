//! The statements that a snippet can consist of: `tests/golden/shapes/`, one file per backend, read by people.
//!
//! The real tools take port 0, reversed ranges, `flush ruleset` and worse; so each line, with its addresses,
//! ports and times taken out, must be one of the list. `UPDATE_GOLDEN=1` writes the lists from the golden
//! cases: a new line in a diff of them is to be looked at like code.

mod wrong;

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;

use firewall::{Backend, Snippet};
use model::PortRange;

use crate::{cases, golden};

/// The line with what varies taken out: every value is checked to be one.
pub fn of(line: &str) -> String {
    // Whether an option is the last of its call makes no other statement of it.
    let trimmed = line.trim_start();
    let trimmed = trimmed.strip_suffix(" \\").unwrap_or(trimmed);
    let (hash, rest) = match trimmed.strip_prefix("# ") {
        // Comments of ours hold labels; a commented rule of the open part is a rule.
        Some(rest) if rest.starts_with("acequia:") || rest.starts_with("share ") => return comment(rest),
        Some(rest) => ("# ", rest.trim_start()),
        None => ("", trimmed),
    };
    // Each end of a range of Nix is a port by itself; together they must be a range.
    if let Some((first, last)) = rest.strip_prefix("{ from = ").and_then(|rest| rest.split_once("; to = ")) {
        let last = last.strip_suffix("; }").unwrap_or(last);
        let range = ports(&format!("{first}-{last}"));
        return if range { "{ from = PORT; to = PORT; }".to_owned() } else { line.to_owned() };
    }
    // PowerShell's lists, as the others write them.
    let rest = rest.replace("@('", "").replace("', '", ", ").replace("')", "");
    let mut shape: Vec<String> = Vec::new();
    for word in rest.split(' ') {
        let (_, bare) = word.rsplit_once('=').unwrap_or(("", word));
        let bare = bare.trim_matches(['\'', '"', ',', ';']);
        let previous = shape.last().map_or("", String::as_str);
        let next = value(bare, previous).map_or_else(|| word.to_owned(), |name| word.replacen(bare, name, 1));
        // A list is one value, however long.
        if ["PORT", "PORT,", "ADDRESS,"].contains(&previous)
            && next.trim_end_matches(',') == previous.trim_end_matches(',')
        {
            shape.pop();
        }
        shape.push(next);
    }
    format!("{hash}{}", shape.join(" "))
}

/// What kind of value a word is, if it is one in its only right spelling.
fn value(word: &str, previous: &str) -> Option<&'static str> {
    let address = word.parse::<IpAddr>().is_ok();
    let time = |text: &str| text.len() == 19 && format!("{text}Z").parse::<model::Timestamp>().is_ok();
    if ["tailscale0", "ts-home.1"].contains(&word) {
        Some("INTERFACE")
    } else if previous == "rev" && word.parse::<u64>().is_ok() {
        Some("REVISION")
    } else if address || span(word) {
        Some("ADDRESS")
    } else if let Some(("1767225600", last)) = word.split_once('-') {
        last.parse::<u64>().is_ok_and(|last| last > 1_767_225_600).then_some("TIME-TIME")
    } else if time(word) {
        Some("TIME")
    } else {
        ports(word).then_some("PORT")
    }
}

fn ports(word: &str) -> bool {
    let word = word.replace(':', "-");
    let (list, protocol) = word.split_once('/').unwrap_or((&word, "tcp"));
    let fine = |text: &str| text.parse::<PortRange>().is_ok_and(|range| range.to_string() == text);
    ["tcp", "udp"].contains(&protocol) && list.split(',').all(fine)
}

fn span(text: &str) -> bool {
    text.split_once('-')
        .is_some_and(|(first, last)| first.parse::<IpAddr>().is_ok() && last.parse::<IpAddr>().is_ok())
}

fn comment(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || " ._-:=".contains(c);
    assert!(text.chars().all(safe), "{text}");
    format!("# {} ...", text.split([' ', '=']).next().unwrap())
}

fn file(backend: Backend) -> std::path::PathBuf {
    cases::folder().join(format!("shapes/{backend}"))
}

/// The list of a backend.
pub fn known(backend: Backend) -> BTreeSet<String> {
    fs::read_to_string(file(backend)).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Panics on a line whose shape is not in the list.
pub fn assert_known(known: &BTreeSet<String>, snippet: &Snippet) {
    for line in &snippet.lines {
        let shape = of(&line.text);
        assert!(known.contains(&shape), "{}: `{shape}` is not in the list: {}", snippet.backend, line.text);
    }
}

#[test]
fn every_statement_of_the_golden_files_is_in_the_list() {
    for backend in Backend::ALL {
        let files = golden::files(backend);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let lines = files.iter().flat_map(|(_, snippet)| &snippet.lines);
            let shapes: BTreeSet<String> = lines.map(|line| of(&line.text) + "\n").collect();
            fs::create_dir_all(file(backend).parent().unwrap()).unwrap();
            fs::write(file(backend), shapes.into_iter().collect::<String>()).unwrap();
        }
        for (_, snippet) in files {
            assert_known(&known(backend), &snippet);
        }
    }
}
