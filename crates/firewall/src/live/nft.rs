//! The guard's table as `nft list table inet acequia` shows it, compared with the rendered one.

use std::collections::BTreeSet;

use super::answer::{Live, LiveError, MOST_LINES};
use super::compare::{Date, Statement, differences};
use super::{SEEN, revision};
use crate::{Input, Part, nftables};
use model::{Revision, Timestamp};

const GUARD: &str = "table inet acequia {";
/// The table of the stock configuration, in which the open part has a chain.
const HOST: &str = "table inet filter {";
const OPEN: &str = "chain acequia_open";

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
    let (wanted, _) = table(&nftables::guard(input).text(), GUARD)?;
    let (found, revisions) = table(pasted, GUARD)?;
    Ok(Live { revisions, differences: differences(&wanted, &found) })
}

/// The same of the chain of the open part, from `nft list chain inet filter acequia_open` or the whole ruleset. What
/// else stands in the host's own table is the host's, also whether it jumps to the chain.
pub(super) fn compare_open(input: &Input, pasted: &str) -> Result<Live, LiveError> {
    let ours = |(mut statements, revisions): (Vec<Statement>, BTreeSet<Revision>)| {
        statements.retain(|statement| statement.shown.starts_with(OPEN));
        (statements, revisions)
    };
    let (wanted, _) = ours(table(&nftables::file(input, Part::Open).text(), HOST)?);
    let (found, revisions) = ours(table(pasted, HOST)?);
    if found.is_empty() {
        return Err(LiveError::NoOpenChain(nftables::LIST_OPEN));
    }
    Ok(Live { revisions, differences: differences(&wanted, &found) })
}

/// Whether a text has the table, or the chain.
pub(super) fn recognised(text: &str, open: bool) -> bool {
    let head = if open { [OPEN, " {"].concat() } else { GUARD.to_owned() };
    text.lines().any(|line| plain(line) == head)
}

fn table(text: &str, head: &str) -> Result<(Vec<Statement>, BTreeSet<Revision>), LiveError> {
    if text.lines().nth(MOST_LINES).is_some() {
        return Err(LiveError::TooLong);
    }
    let mut lines = text.lines().map(plain).filter(|line| !line.is_empty());
    let mut last = None;
    while let Some(line) = lines.next() {
        if line == head {
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
fn inside<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<(Vec<Statement>, BTreeSet<Revision>)> {
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
        let mut depth = braces(&line);
        while depth > 0 {
            let more = lines.next()?;
            depth += braces(more);
            line.push(' ');
            line.push_str(more);
        }
        // It decides nothing, and texts of before did not have it.
        if line.contains(SEEN) {
            continue;
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

/// By how many more braces are opened than closed.
fn braces(line: &str) -> i64 {
    line.chars().map(|c| i64::from(c == '{') - i64::from(c == '}')).sum()
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
