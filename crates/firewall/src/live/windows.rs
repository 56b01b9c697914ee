//! The rules of both groups as the check command of Windows lists them, compared with the rendered ones.
//!
//! Not machine-checked: no Windows has printed these lines for us. The cmdlets and their properties are those of
//! Microsoft's reference of the `NetSecurity` module.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::answer::{Live, LiveError, MOST_LINES};
use super::compare::{Statement, differences};
use super::revision;
use crate::windows::{Rule, guards, opens};
use crate::{Input, Part};

/// The name is the first.
const FIELDS: usize = 7;

/// Compares the rules in force with those that `input` renders to, for the groups that `part` names.
///
/// `pasted` is what the check command prints: a line per rule with its name, whether it is enabled, direction,
/// action, protocol, ports and addresses. A line that the console broke is joined again. The order of the rules and
/// of what stands in them says nothing; Windows writes prefixes of IPv4 with a mask, which counts as the same.
///
/// # Errors
/// [`LiveError::TooLong`].
pub fn compare_windows(input: &Input, part: Part, pasted: &str) -> Result<Live, LiveError> {
    if pasted.lines().nth(MOST_LINES).is_some() {
        return Err(LiveError::TooLong);
    }
    let mut live = Live { revisions: BTreeSet::new(), differences: Vec::new() };
    for (meant, group, rules) in
        [(part.guards(), "guard", guards(input)), (part.opens(), "open", opens(input))]
    {
        if !meant {
            continue;
        }
        let found = lines(pasted, group);
        live.revisions.extend(found.iter().filter_map(|line| revision(line)));
        let wanted = sorted(rules.iter().map(|(rule, _)| statement(group, &fields(rule))).collect());
        let found = found.iter().map(|line| statement(group, line.split_once(';').unwrap_or_default().1));
        live.differences.extend(differences(&wanted, &sorted(found.collect())));
    }
    Ok(live)
}

/// Whether a text has a rule of that group.
pub(super) fn recognised(text: &str, group: &str) -> bool {
    !lines(text, group).is_empty()
}

/// One line per rule of the group, without what the console did to it.
fn lines(text: &str, group: &str) -> Vec<String> {
    // Each with the number of its fields so far, which is not counted anew for every line that is joined.
    let mut rules: Vec<(String, usize)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let fields = line.matches(';').count();
        match rules.last_mut() {
            Some((rule, more)) if goes_on(rule, *more, line) => {
                rule.push_str(line);
                *more += fields;
            }
            _ => rules.push((line.to_owned(), fields + 1)),
        }
    }
    let name = format!("acequia {group} rev ");
    rules
        .into_iter()
        .filter(|(rule, fields)| rule.starts_with(&name) && *fields > 1)
        .map(|(rule, _)| rule)
        .collect()
}

/// Whether `line` goes on with a rule that the console broke: until the last field is reached anything does, then only
/// what addresses are written with; a prompt or another message does not.
fn goes_on(rule: &str, fields: usize, line: &str) -> bool {
    let of_addresses = |c: char| c.is_ascii_hexdigit() || ",.:-/".contains(c);
    let more = fields < FIELDS || line.chars().all(of_addresses);
    rule.starts_with("acequia ") && !line.starts_with("acequia ") && more
}

fn fields(rule: &Rule) -> String {
    let Rule { action, protocol, ports, addresses, .. } = rule;
    let protocol = protocol.as_str().to_uppercase();
    format!("True; Inbound; {action}; {protocol}; {}; {}", ports.join(","), addresses.join(","))
}

fn sorted(mut statements: Vec<Statement>) -> Vec<Statement> {
    statements.sort_by(|a, b| a.canonical.cmp(&b.canonical));
    statements
}

/// `fields` is what stands behind the name.
fn statement(group: &str, fields: &str) -> Statement {
    let bare = fields.replace(char::is_whitespace, "");
    let mut canonical: Vec<String> = bare.split(';').map(str::to_owned).collect();
    for list in canonical.iter_mut().skip(4) {
        let mut items: Vec<String> = list.split(',').map(address).collect();
        items.sort_unstable();
        *list = items.join(",");
    }
    Statement {
        canonical: canonical.join(";"),
        shown: format!("{group}: {}", fields.trim()),
        dates: Vec::new(),
    }
}

/// An address, a range or a prefix in its usual spelling; anything else stays.
fn address(text: &str) -> String {
    if let Some((first, length)) = text.split_once('/') {
        let ones = length.parse().map(|mask: Ipv4Addr| u32::from(mask).leading_ones().to_string());
        return format!("{}/{}", usual(first), ones.unwrap_or_else(|_| length.to_owned()));
    }
    match text.split_once('-') {
        Some((first, last)) => format!("{}-{}", usual(first), usual(last)),
        None => usual(text),
    }
}

fn usual(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |address| address.to_string())
}
