//! The guard's table as `nft list table inet acequia` shows it, compared with the rendered one.

use std::collections::BTreeSet;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::compare::{Date, Difference, Statement, differences};
use super::revision;
use crate::{Input, nftables};

/// What a pasted list of rules says about the guard of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The revisions that it names.
    pub revisions: BTreeSet<u64>,
    /// Where it parts from the rendered rules, whatever revision it names.
    pub differences: Vec<Difference>,
}

impl Live {
    /// The rules of this very revision are in force, all of them and nothing else.
    pub fn is(&self, input: &Input) -> bool {
        self.differences.is_empty() && self.revisions.iter().eq([&input.revision()])
    }
}

/// The pasted text does not show the whole table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LiveError {
    /// Another text, or there is no such table on the host.
    #[error(
        "there is no `table inet acequia` in this text; paste all that `nft list table inet acequia` prints. If it \
         says `No such file or directory`, the guard is not in force on this host"
    )]
    NoTable,
    /// The same of iptables.
    #[error(
        "there is no chain ACEQUIA in a mangle table of this text; paste all that `iptables-save; ip6tables-save` \
         prints. If it is not there, the guard is not in force on this host"
    )]
    NoChain,
    /// iptables has a list for each, and a guard of one family leaves the other open.
    #[error("the rules for {0} are not in this text; paste all that `iptables-save; ip6tables-save` prints")]
    OneFamily(&'static str),
    /// The end is missing.
    #[error("the list ends in the middle of the table; paste it with its last line, `}}` or `COMMIT`")]
    Cut,
    /// No guard of ours is that long.
    #[error("this text has more than {MOST_LINES} lines; paste only what the command prints")]
    TooLong,
}

/// A guard has some lines per share and one per eight devices or so.
pub(super) const MOST_LINES: usize = 20_000;

/// Compares the guard in force with the one that `input` renders to, for every backend whose guard is an nft table.
///
/// `pasted` is what `nft list table inet acequia` prints, or `nft list ruleset`: other tables are passed over, and of
/// two lists the last one counts. Counters, handles and the order within a set say nothing. nft lists dates in the
/// zone of the host and does not name it, so an end that is whole quarters of an hour off, as zones are, counts as
/// the same; `TZ=UTC nft list table inet acequia` is compared to the second when the host's own zone is UTC.
///
/// # Errors
/// [`LiveError`] when the text does not show the whole table.
pub fn compare_nft(input: &Input, pasted: &str) -> Result<Live, LiveError> {
    let rendered: String =
        nftables::guard(input).done().iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    let (wanted, _) = table(&rendered)?;
    let (found, revisions) = table(pasted)?;
    Ok(Live { revisions, differences: differences(&wanted, &found) })
}

fn table(text: &str) -> Result<(Vec<Statement>, BTreeSet<u64>), LiveError> {
    if text.lines().nth(MOST_LINES).is_some() {
        return Err(LiveError::TooLong);
    }
    let mut lines = text.lines().map(plain).filter(|line| !line.is_empty());
    let mut last = None;
    while let Some(line) = lines.next() {
        if line == "table inet acequia {" {
            last = Some(inside(&mut lines));
        }
    }
    last.ok_or(LiveError::NoTable)?.ok_or(LiveError::Cut)
}

/// Without what nft adds for people: handles, and comments of the rendered text.
fn plain(line: &str) -> &str {
    let line = line.trim();
    let line = line.rsplit_once(" # handle ").map_or(line, |(line, _)| line);
    if line.starts_with('#') { "" } else { line.trim_end() }
}

/// Up to the closing brace of the table; nothing if it does not come.
fn inside<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<(Vec<Statement>, BTreeSet<u64>)> {
    let (mut statements, mut revisions) = (Vec::new(), BTreeSet::new());
    // The set or chain that is open.
    let mut block: Option<String> = None;
    loop {
        let mut line = lines.next()?.to_owned();
        if line == "}" {
            if block.take().is_none() {
                return Some((statements, revisions));
            }
            continue;
        }
        if block.is_none() {
            // Whatever else a table may hold is a block too; one that stands on one line is a statement.
            if let Some(head) = line.strip_suffix('{') {
                let head = head.trim();
                statements.push(statement("", head));
                block = Some(head.to_owned());
                continue;
            }
        }
        // Long lists are broken into lines.
        while line.matches('{').count() > line.matches('}').count() {
            line.push(' ');
            line.push_str(lines.next()?);
        }
        let block = block.as_deref().unwrap_or_default();
        revisions.extend(revision(&line));
        match line.strip_prefix("elements = {").and_then(|rest| rest.strip_suffix('}')) {
            Some(list) => {
                let list = items(list);
                statements.extend(list.iter().map(|item| statement(block, &format!("element {item}"))));
            }
            None => statements.push(statement(block, &line)),
        }
    }
}

fn items(list: &str) -> Vec<&str> {
    let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
    // Protocols have two names and, with `nft -n`, a number.
    let number = |item| match item {
        "icmp" => "1",
        "icmpv6" | "ipv6-icmp" => "58",
        other => other,
    };
    let mut items: Vec<&str> = items.map(number).collect();
    items.sort_unstable();
    items
}

fn statement(block: &str, line: &str) -> Statement {
    let shown = if block.is_empty() { line.to_owned() } else { format!("{block}: {line}") };
    let (text, dates) = without_dates(line);
    let mut words = Vec::new();
    let mut rest = text.as_str();
    // Lists have one order, and a list of one is the one.
    while let Some((before, list, after)) = braced(rest) {
        words.extend(before.split_whitespace().map(str::to_owned));
        words.push(items(list).join(","));
        rest = after;
    }
    words.extend(rest.split_whitespace().map(str::to_owned));
    let mut canonical = format!("{block}:");
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        // The number is a name in newer versions; counters run; the revision is told apart from the rules.
        let word = match word {
            "packets" | "bytes" => {
                words.next();
                continue;
            }
            "rev" => {
                words.next();
                "rev"
            }
            "mangle;" => "-150;",
            "reply" => "1",
            other => other,
        };
        canonical.push(' ');
        canonical.push_str(word);
    }
    Statement { canonical, shown, dates }
}

fn braced(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (list, after) = rest.split_once('}')?;
    Some((before, list, after))
}

/// `meta time A-B`, in seconds or as quoted local dates.
fn without_dates(line: &str) -> (String, Vec<Date>) {
    let none = || (line.to_owned(), Vec::new());
    let Some((before, rest)) = line.split_once("meta time ") else { return none() };
    let Some((first, rest)) = date(rest) else { return none() };
    let Some((last, rest)) = rest.strip_prefix('-').and_then(date) else { return none() };
    (format!("{before}meta time {rest}"), vec![first, last])
}

fn date(text: &str) -> Option<(Date, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (date, rest) = quoted.split_once('"')?;
        let at: Timestamp = format!("{}Z", date.replace(' ', "T")).parse().ok()?;
        return Some((Date { seconds: at.seconds(), local: true }, rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((Date { seconds: digits.parse().ok()?, local: false }, rest))
}
