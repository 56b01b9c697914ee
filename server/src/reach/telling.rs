//! The engine's answers in words: one line for each who, node, part and set of rules.

use std::collections::BTreeSet;

use app::ports::shares::{ReachLine, RuleLine};
use policy::reach::{Entry, Part};
use policy::{RuleRef, Who};

use super::evaluation::is_echo;

/// Entries as lines, protocols and ports joined. `name` says whom a source is to the reader; `text` is the policy that
/// the rules stand in.
pub fn lines(entries: &[Entry], text: &str, name: impl Fn(&Who) -> String) -> Vec<ReachLine> {
    first_lines(entries, text, name, usize::MAX).0
}

/// The first of the [`lines`], and how many there are besides: those are counted without being written.
pub fn first_lines(
    entries: &[Entry],
    text: &str,
    name: impl Fn(&Who) -> String,
    most: usize,
) -> (Vec<ReachLine>, usize) {
    /// Entries come sorted: those that belong to one line are near each other.
    const NEAR: usize = 16;
    let mut lines: Vec<(&Entry, Vec<(u8, String)>)> = Vec::new();
    for entry in entries {
        let start = lines.len().saturating_sub(NEAR);
        let line = (start..lines.len()).rev().find(|at| belong_together(lines[*at].0, entry));
        let line = line.unwrap_or_else(|| {
            lines.push((entry, Vec::new()));
            lines.len() - 1
        });
        if line < most {
            lines[line].1.push((entry.protocol, entry.ports.to_string()));
        }
    }
    let more = lines.len().saturating_sub(most);
    let shown = lines.into_iter().take(most).map(|(entry, ports)| ReachLine {
        who: name(&entry.who),
        node: entry.node.clone(),
        what: format!("{}{}", ports_in_words(&ports), place(&entry.part)),
        rules: entry.rules.iter().map(|rule| rule_line(rule, text)).collect(),
        note: entry.note.as_ref().map(ToString::to_string),
    });
    (shown.collect(), more)
}

/// Whether two entries differ in protocol and ports only.
fn belong_together(a: &Entry, b: &Entry) -> bool {
    a.node == b.node && a.who == b.who && a.part == b.part && a.rules == b.rules && a.note == b.note
}

/// A ping that comes with every opening is nothing of its own; one that is all there is, is told.
pub fn without_echo(entries: Vec<Entry>) -> Vec<Entry> {
    let key = |entry: &Entry| (entry.who.clone(), entry.node.clone());
    let open: BTreeSet<_> = entries.iter().filter(|entry| !is_echo(entry.protocol)).map(key).collect();
    entries.into_iter().filter(|entry| !is_echo(entry.protocol) || !open.contains(&key(entry))).collect()
}

/// Which part of a node it is about, as the end of a line.
pub fn place(part: &Part) -> String {
    match part {
        Part::Node => String::new(),
        Part::Address(address) => format!(" at {address}"),
        Part::Route(range) => format!(" of the network {range} behind it"),
        Part::Internet => " of the internet through it".into(),
    }
}

/// Protocols with ports, as people say them.
pub fn ports_in_words(ports: &[(u8, String)]) -> String {
    let whole =
        |number: u8| ports.iter().any(|(p, text)| *p == number && matches!(text.as_str(), "*" | "0-65535"));
    if whole(6) && whole(17) {
        return "every port".into();
    }
    // Everything but the service: a list of what is left says less than these words.
    let rest = |number: u8| {
        ports.iter().any(|(p, text)| *p == number && text.starts_with("0-") && text.ends_with("-65535"))
    };
    if (rest(6) || whole(6)) && (rest(17) || whole(17)) {
        return "every other port".into();
    }
    let words: Vec<String> = ports
        .iter()
        .map(|(number, text)| match (number, text.as_str()) {
            (1 | 58, _) => "ping".into(),
            (6, "*" | "0-65535") => "every TCP port".into(),
            (17, "*" | "0-65535") => "every UDP port".into(),
            (6, text) => format!("tcp {text}"),
            (17, text) => format!("udp {text}"),
            (other, text) => format!("protocol {other} {text}"),
        })
        .collect();
    let mut unique: Vec<String> = Vec::new();
    for word in words {
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    unique.join(", ")
}

const LONGEST_RULE: usize = 160;

/// A rule with its line and its text in one line.
pub fn rule_line(rule: &RuleRef, text: &str) -> RuleLine {
    let Some(line) = u32::try_from(rule.line).ok().filter(|line| *line > 0) else {
        return RuleLine { line: None, text: "a file without rules allows everything".into() };
    };
    let source = text.get(rule.start..rule.end).unwrap_or_default();
    let mut words = source.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > LONGEST_RULE {
        words = words.chars().take(LONGEST_RULE).chain(['…']).collect();
    }
    RuleLine { line: Some(line), text: words }
}

#[cfg(test)]
mod tests {
    use policy::{Engine, Network, Query};

    use super::*;

    #[test]
    fn the_first_lines_are_those_of_all_and_the_rest_is_counted() {
        let nodes: Vec<String> =
            (1..40).map(|n| format!("\"n{n}\": {{\"ipv4\": \"100.64.0.{n}\"}}")).collect();
        let network = Network::parse(&format!("{{\"nodes\": {{{}}}}}", nodes.join(","))).unwrap();
        let text =
            r#"{"grants": [{"src": ["100.64.0.1"], "dst": ["*"], "ip": ["tcp:22", "udp:53", "sctp:9"]}]}"#;
        let entries = Engine::new(text, &network).unwrap().reach(&Query::default());
        let all = lines(&entries, text, ToString::to_string);
        assert_eq!(
            (entries.len(), all.len(), all[0].what.as_str()),
            (38 * 3, 38, "tcp 22, udp 53, protocol 132 9")
        );
        for most in [0, 1, 37, 38, 100] {
            let (first, more) = first_lines(&entries, text, ToString::to_string, most);
            assert_eq!(first, all[..most.min(38)]);
            assert_eq!(first.len() + more, 38);
        }
    }
}
