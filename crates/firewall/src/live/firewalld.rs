//! The zone of the open part as firewalld lists it, compared entry by entry with the rendered one.

use std::collections::{BTreeMap, BTreeSet};

use model::{Protocol, Revision};

use super::answer::{Live, LiveError, MOST_LINES};
use super::compare::{Difference, Statement, differences};
use super::ports::{self, Ports};
use super::revision;
use crate::address::Family;
use crate::{Input, firewalld, guard};

/// What holds one word or none.
const SINGLE: [&str; 3] = ["target", "icmp-block-inversion", "masquerade"];
/// What holds words on its line.
const WORDS: [&str; 7] =
    ["interfaces", "sources", "services", "ports", "protocols", "source-ports", "icmp-blocks"];
/// What holds an entry on each line below it.
const LINES: [&str; 2] = ["forward-ports", "rich rules"];
/// What lets nobody in by itself, or differs between the versions of firewalld for a new zone.
const SILENT: [&str; 5] = ["summary", "description", "forward", "ingress-priority", "egress-priority"];

/// Compares the zone in force with the one that `input` renders to: interface, ports, the owner's devices, and
/// nothing else.
///
/// `pasted` is what `firewall-cmd -v --zone=acequia --list-all` prints, or the same of all zones; `-v` adds the
/// revision. Other zones are passed over, and of two lists the last one counts. With `--permanent` it says what
/// will be in force after a reload. The format is that of `print_zone_policy_info` in firewalld's own `command.py`.
///
/// # Errors
/// [`LiveError`] when the text does not show the whole zone.
pub fn compare_firewalld(input: &Input, pasted: &str) -> Result<Live, LiveError> {
    if pasted.lines().nth(MOST_LINES).is_some() {
        return Err(LiveError::TooLong);
    }
    let zone = zone(pasted).ok_or(LiveError::NoZone)?;
    let (entries, revisions) = entries(&zone);
    // It is listed last, also when there is none.
    if !entries.contains_key("rich rules") {
        return Err(LiveError::Cut);
    }
    let of = |key: &str| entries.get(key).map(Vec::as_slice).unwrap_or_default();
    let mut live = Live { revisions, differences: Vec::new() };
    for key in SINGLE.iter().chain(&WORDS).chain(&LINES) {
        let (wanted, found): (Vec<String>, &[&str]) = match *key {
            "ports" => continue,
            "target" => (vec!["default".to_owned()], of(key)),
            "icmp-block-inversion" | "masquerade" => (vec!["no".to_owned()], of(key)),
            "interfaces" => (vec![input.interface().to_string()], of(key)),
            "rich rules" => (own(input), of(key)),
            _ => (Vec::new(), of(key)),
        };
        let wanted = statements(key, wanted.iter().map(String::as_str));
        live.differences.extend(differences(&wanted, &statements(key, found.iter().copied())));
    }
    let (found, rest) = opened(of("ports"));
    for (protocol, found) in found {
        let beside = format!("/{protocol}");
        live.differences.extend(ports::differences(&ports::wanted(input, protocol), &found, beside));
    }
    live.differences.extend(rest.into_iter().map(|port| Difference::Extra { found: port.to_owned() }));
    Ok(live)
}

/// Whether a text is of firewalld: each zone has this line.
pub(super) fn recognised(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("icmp-block-inversion:"))
}

/// The lines of our zone.
fn zone(text: &str) -> Option<Vec<&str>> {
    let mut last = None;
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        if line != "acequia" && !line.starts_with("acequia (") {
            continue;
        }
        let mut zone = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            zone.push(line.trim());
        }
        last = Some(zone);
    }
    last
}

/// Each key with what it holds.
fn entries<'a>(zone: &[&'a str]) -> (BTreeMap<&'a str, Vec<&'a str>>, BTreeSet<Revision>) {
    let (mut entries, mut revisions) = (BTreeMap::<&str, Vec<&str>>::new(), BTreeSet::new());
    let mut key_above = "";
    for line in zone {
        let split = line
            .split_once(':')
            .filter(|(key, _)| [&SINGLE[..], &WORDS, &LINES, &SILENT].concat().contains(key));
        let Some((key, value)) = split else {
            entries.entry(key_above).or_default().push(line);
            continue;
        };
        key_above = key;
        if key == "summary" {
            revisions.extend(revision(value));
        }
        entries.entry(key).or_default().extend(value.split_whitespace());
    }
    (entries, revisions)
}

fn statements<'a>(key: &str, values: impl Iterator<Item = &'a str>) -> Vec<Statement> {
    let mut values: Vec<&str> = values.collect();
    // A zone has no order.
    values.sort_unstable();
    let statement = |value: &&str| {
        let text = format!("{key}: {value}");
        Statement { canonical: text.clone(), shown: text, dates: Vec::new() }
    };
    values.iter().map(statement).collect()
}

/// The rules for the owner's devices.
fn own(input: &Input) -> Vec<String> {
    Family::ALL
        .into_iter()
        .flat_map(|family| {
            let addresses = guard::texts(input.own(), family);
            addresses.into_iter().map(move |address| firewalld::own_rule(family, &address))
        })
        .collect()
}

/// The ports by protocol, and what is neither TCP nor UDP.
fn opened<'a>(words: &[&'a str]) -> ([(Protocol, Ports); 2], Vec<&'a str>) {
    let mut sets = Protocol::ALL.map(|protocol| (protocol, Ports::new()));
    let mut rest = Vec::new();
    for word in words {
        let read = word.split_once('/').and_then(|(ports, protocol)| {
            let set = sets.iter_mut().find(|(known, _)| known.as_str() == protocol);
            Some((set?, ports::range(ports, '-')?))
        });
        match read {
            Some(((_, set), range)) => set.extend(range),
            None => rest.push(*word),
        }
    }
    (sets, rest)
}
