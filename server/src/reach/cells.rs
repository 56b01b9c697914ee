//! One cell of the matrix: whether somebody reaches a service.

use app::ports::reach::Standing;
use model::{Protocol, ServicePorts};
use policy::reach::{Entry, Note, Part, PortRanges};
use policy::{Engine, Query, Target, Who};

/// A cell with what has to be said besides the word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub standing: Standing,
    pub note: Option<String>,
}

/// What of these ports `who` reaches on a node itself.
pub fn cell(engine: &Engine, who: &Who, node: &str, ports: &ServicePorts) -> Cell {
    let query =
        Query { from: Some(who.clone()), to: Some(Target::Node(node.to_owned())), ..Query::default() };
    let mut entries = engine.reach(&query);
    entries.retain(|entry| matches!(entry.part, Part::Node | Part::Address(_)));
    let network = engine.network();
    let speaks = families(engine, who);
    let machine = network.node_named(node).and_then(|index| network.node(index));
    let addresses =
        machine.map_or(0, |machine| machine.addresses().filter(|to| speaks(to.is_ipv4())).count());
    let (mut whole, mut some, mut maybe) = (true, PortSpan::default(), None);
    let mut devices = None;
    for protocol in Protocol::ALL {
        let wanted = ranges(ports, protocol);
        let of_it = || entries.iter().filter(|entry| entry.protocol == protocol.number());
        if !wanted.difference(&everywhere(of_it(), addresses)).is_empty() {
            whole = false;
        }
        for entry in of_it() {
            let open = entry.ports.intersection(&wanted);
            match &entry.note {
                _ if open.is_empty() => {}
                None => some.add(protocol, &open),
                Some(only @ Note::Devices(_)) => {
                    some.add(protocol, &open);
                    devices = Some(only.to_string());
                }
                Some(condition) => maybe = Some(condition.to_string()),
            }
        }
    }
    if whole {
        return Cell { standing: Standing::Yes, note: None };
    }
    if !some.words.is_empty() {
        return Cell {
            standing: Standing::Part,
            note: Some(devices.unwrap_or_else(|| some.words.join(", "))),
        };
    }
    let target = Target::Node(node.to_owned());
    let doubtful = || {
        let open = |protocol: Protocol| engine.may_open(who, &target, protocol.number());
        Protocol::ALL.into_iter().any(|one| !open(one).intersection(&ranges(ports, one)).is_empty())
    };
    match maybe.or_else(|| doubtful().then(|| "a rule names something that is not known here".to_owned())) {
        Some(words) => Cell { standing: Standing::Possible, note: Some(words) },
        None => Cell { standing: Standing::No, note: None },
    }
}

/// In which address families somebody's devices can speak at all; in both where no device is seen.
fn families(engine: &Engine, who: &Who) -> impl Fn(bool) -> bool + use<> {
    let (v4, v6) = engine.families(who);
    move |of_v4| (!v4 && !v6) || if of_v4 { v4 } else { v6 }
}

#[derive(Default)]
struct PortSpan {
    words: Vec<String>,
}

impl PortSpan {
    fn add(&mut self, protocol: Protocol, ports: &PortRanges) {
        let words = format!("{} {ports}", protocol.as_str());
        if !self.words.contains(&words) {
            self.words.push(words);
        }
    }
}

fn ranges(ports: &ServicePorts, protocol: Protocol) -> PortRanges {
    let mut all = PortRanges::new();
    for range in ports.of(protocol).ranges() {
        all.union_with(&PortRanges::range(range.first(), range.last()));
    }
    all
}

/// What is open for certain, from every device, at every address of the node.
fn everywhere<'a>(entries: impl Iterator<Item = &'a Entry> + Clone, addresses: usize) -> PortRanges {
    let mut open = PortRanges::new();
    let certain = entries.filter(|entry| entry.note.is_none());
    for entry in certain.clone().filter(|entry| entry.part == Part::Node) {
        open.union_with(&entry.ports);
    }
    let mut by_address: std::collections::BTreeMap<&Part, PortRanges> = std::collections::BTreeMap::new();
    for entry in certain.filter(|entry| entry.part != Part::Node) {
        by_address.entry(&entry.part).or_default().union_with(&entry.ports);
    }
    if addresses > 0 && by_address.len() == addresses {
        let both = by_address.into_values().reduce(|a, b| a.intersection(&b));
        open.union_with(&both.unwrap_or_default());
    }
    open
}

#[cfg(test)]
mod tests {
    use policy::Network;

    use super::*;

    fn told(rule: &str, who: &str, ports: &str) -> (Standing, Option<String>) {
        let network = Network::parse(
            r#"{"users": [{"name": "ana", "email": "ana@example.com"}],
                "nodes": {"laptop": {"ipv4": "100.64.0.1", "user": "ana"}, "phone": {"ipv4": "100.64.0.2", "user": "ana"},
                          "mc": {"ipv4": "100.64.0.9", "ipv6": "fd7a:115c:a1e0::9", "tags": ["tag:x"], "shared_to": ["dee@github"]}}}"#,
        )
        .unwrap();
        let text = format!("{{\"tagOwners\": {{\"tag:x\": []}}, \"grants\": [{rule}]}}");
        let engine = Engine::new(&text, &network).unwrap();
        let cell = cell(&engine, &who.parse().unwrap(), "mc", &ports.parse().unwrap());
        (cell.standing, cell.note)
    }

    #[test]
    fn a_cell_says_all_some_possible_or_none() {
        let some = r#"{"src": ["ana@example.com", "dee@github"], "dst": ["tag:x"], "ip": ["tcp:25565"]}"#;
        assert_eq!(told(some, "ana@example.com", "tcp:25565"), (Standing::Yes, None));
        assert_eq!(
            told(some, "ana@example.com", "tcp:25565,udp:19132"),
            (Standing::Part, Some("tcp 25565".into()))
        );
        assert_eq!(told(some, "ana@example.com", "tcp:22"), (Standing::No, None));
        let device = r#"{"src": ["100.64.0.1"], "dst": ["tag:x"], "ip": ["*"]}"#;
        assert_eq!(
            told(device, "ana@example.com", "tcp:22"),
            (Standing::Part, Some("only from laptop".into()))
        );
        let elsewhere = r#"{"src": ["group:staff@example.com"], "dst": ["tag:x"], "ip": ["tcp:22-23"]}"#;
        let may = Some("a rule names something that is not known here".to_owned());
        assert_eq!(told(elsewhere, "dee@github", "tcp:20-22"), (Standing::Possible, may));
        assert_eq!(told(elsewhere, "dee@github", "tcp:24"), (Standing::No, None));
        let literal = r#"{"src": ["100.99.0.0/16"], "dst": ["tag:x"], "ip": ["*"]}"#;
        assert_eq!(told(literal, "dee@github", "tcp:22").0, Standing::Possible);
        assert_eq!(told(some, "dee@github", "tcp:25565").0, Standing::Yes);
    }

    #[test]
    fn one_address_of_two_is_a_part() {
        let half = r#"{"src": ["dee@github"], "dst": ["100.64.0.9"], "ip": ["tcp:22"]}"#;
        assert_eq!(told(half, "dee@github", "tcp:22").0, Standing::Part);
        let both = r#"{"src": ["dee@github"], "dst": ["100.64.0.9", "fd7a:115c:a1e0::9"], "ip": ["tcp:22"]}"#;
        assert_eq!(told(both, "dee@github", "tcp:22").0, Standing::Yes);
    }
}
