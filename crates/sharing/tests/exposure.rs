//! What is beyond what was agreed, what of it was accepted, and since when it is known.

use model::Timestamp;
use policy::reach::{Entry, Note, Part, PortRanges};
use policy::{RuleRef, Who};
use sharing::exposure::{Beyond, Opening, Place, beyond, of_ports, openings, since, still, within};

fn entry(machine: &str, part: Part, protocol: u8, ports: &[(u16, u16)], doubt: Option<Note>) -> Entry {
    let mut set = PortRanges::new();
    for (first, last) in ports {
        set.union_with(&PortRanges::range(*first, *last));
    }
    let (who, rules) = (Who::Login("dee@github".into()), vec![RuleRef::DEFAULT]);
    Entry { who, node: machine.into(), part, protocol, ports: set, rules, note: doubt }
}

fn opening(machine: &str, place: Place, protocol: u8, ports: &[(u16, u16)], certain: bool) -> Opening {
    Opening { machine: machine.into(), place, protocol, ports: ports.to_vec(), certain }
}

fn perhaps() -> Note {
    Note::Unknown(vec!["group:staff@example.com".into()])
}

fn told(entries: Vec<Entry>) -> Vec<String> {
    openings(&entries)
        .iter()
        .map(|one| format!("{one}{}", if one.certain { "" } else { ", perhaps" }))
        .collect()
}

#[test]
fn what_is_beyond_is_what_no_line_covers() {
    let address: std::net::IpAddr = "100.64.0.10".parse().expect("an address");
    let agreed = of_ports("mc", &"tcp:25565,udp:19132".parse().expect("ports"));
    let none: &[&str] = &[];
    let mine = |ports| entry("mc", Part::Node, 6, ports, None);
    let table = [
        // Just what was agreed, at one of its addresses too, and pings that come with it.
        (vec![mine(&[(25565, 25565)]), entry("mc", Part::Node, 1, &[(0, 65535)], None)], none),
        (vec![entry("mc", Part::Address(address), 17, &[(19132, 19132)], None)], none),
        // Other ports, protocols, machines, and what lies behind.
        (vec![mine(&[(22, 22), (25565, 25570)])], &["tcp 22,25566-25570 on mc"]),
        (vec![entry("mc", Part::Node, 17, &[(25565, 25565)], None)], &["udp 25565 on mc"]),
        (vec![entry("nas", Part::Node, 6, &[(25565, 25565)], None)], &["tcp 25565 on nas"]),
        (
            vec![entry("mc", Part::Internet, 6, &[(0, 65535)], None)],
            &["every tcp port of the internet through mc"],
        ),
        (vec![entry("mc", Part::Node, 6, &[(22, 22)], Some(perhaps()))], &["tcp 22 on mc, perhaps"]),
    ];
    for (entries, left) in table {
        assert_eq!(told(beyond(entries.clone(), &agreed)), left, "{entries:?}");
    }
}

#[test]
fn what_was_agreed_to_be_perhaps_does_not_settle_that_it_is_so() {
    let agreed = [opening("mc", Place::Itself, 6, &[(22, 22)], false)];
    assert_eq!(
        told(beyond(vec![entry("mc", Part::Node, 6, &[(22, 22)], Some(perhaps()))], &agreed)),
        [""; 0]
    );
    assert_eq!(told(beyond(vec![entry("mc", Part::Node, 6, &[(22, 22)], None)], &agreed)), ["tcp 22 on mc"]);
    assert_eq!(
        told(within(vec![entry("mc", Part::Node, 6, &[(22, 23)], Some(perhaps()))], &agreed)),
        ["tcp 22 on mc, perhaps"]
    );
}

#[test]
fn what_grows_is_told_since_it_grew_and_the_rest_since_before() {
    let at = Timestamp::from_seconds;
    let found = |ports: &[(u16, u16)], seconds| Beyond {
        opening: opening("mc", Place::Itself, 6, ports, true),
        rules: Vec::new(),
        since: at(seconds),
    };
    let all = since(vec![found(&[(22, 22), (80, 90)], 9)], &[found(&[(22, 85)], 5)]);
    assert_eq!(all, [found(&[(22, 22), (80, 85)], 5), found(&[(86, 90)], 9)]);
    assert_eq!(since(vec![found(&[(22, 22)], 9)], &[]), [found(&[(22, 22)], 9)]);
}

#[test]
fn what_was_accepted_counts_as_long_as_it_is_so() {
    let accepted = [opening("mc", Place::Itself, 6, &[(22, 22), (80, 80)], true)];
    let left = still(&accepted, &[entry("mc", Part::Node, 6, &[(1, 50)], None)]);
    assert_eq!(left, [opening("mc", Place::Itself, 6, &[(22, 22)], true)]);
    assert_eq!(still(&accepted, &[]), []);
}
