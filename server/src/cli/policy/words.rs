//! Answers about reach as people read them.

use policy::reach::Part;
use policy::syntax::protocol;
use policy::{RuleRef, reach::Entry};

/// What is reached, where and by which rules; who does is said above it.
pub fn reached(entry: &Entry) -> String {
    let node = &entry.node;
    let place = match &entry.part {
        Part::Node => node.clone(),
        Part::Address(address) => format!("{node} ({address} only)"),
        Part::Route(range) => format!("{range} through {node}"),
        Part::Internet => format!("the internet through {node}"),
    };
    let protocol = protocol::name(entry.protocol);
    let ports = match (protocol::has_ports(entry.protocol), entry.ports.is_all()) {
        (false, _) => String::new(),
        (true, true) => " all ports".into(),
        (true, false) => format!(" {}", entry.ports.texts().join(", ")),
    };
    let condition = entry.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
    format!("{place}  {protocol}{ports}  ({}{condition})", by(&entry.rules))
}

/// The rules by their lines.
pub fn by(rules: &[RuleRef]) -> String {
    let mut lines: Vec<usize> = rules.iter().map(|rule| rule.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let texts: Vec<String> = lines.iter().filter(|line| **line > 0).map(ToString::to_string).collect();
    match texts.as_slice() {
        [] => "the default, which allows everything".into(),
        [line] => format!("line {line}"),
        lines => format!("lines {}", lines.join(", ")),
    }
}
