use model::Timestamp;

use super::{Packet, listed};

/// What the chain of the packet's family decides: true if the packet passes.
pub fn iptables(text: &str, interface: &str, packet: Packet) -> bool {
    let tool = if packet.source.is_ipv4() { "iptables" } else { "ip6tables" };
    let head = format!("{tool}-restore -w --noflush <<'RULES'\n*mangle\n:ACEQUIA - [0:0]\n");
    let (_, rest) = text.split_once(&format!("\n{head}")).unwrap();
    let (rules, _) = rest.split_once("\nCOMMIT\nRULES\n").unwrap();
    let mut rules = rules.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rules.next().unwrap(), format!("-A ACEQUIA ! -i {interface} -j RETURN"));
    assert_eq!(rules.next().unwrap(), "-A ACEQUIA -m conntrack --ctdir REPLY -j RETURN");
    let icmp = if packet.source.is_ipv4() { "icmp" } else { "ipv6-icmp" };
    assert_eq!(rules.next().unwrap(), format!("-A ACEQUIA -p {icmp} -j RETURN"));
    rules.find_map(|rule| verdict(rule, packet)).unwrap_or(true)
}

pub(super) fn verdict(rule: &str, packet: Packet) -> Option<bool> {
    let mut words = rule.strip_prefix("-A ACEQUIA ").unwrap().split(' ');
    let seconds = |text: &str| format!("{text}Z").parse::<Timestamp>().unwrap().seconds();
    let mut matches = true;
    while let Some(word) = words.next() {
        let value = words.next().unwrap();
        match (word, value) {
            ("-s", address) => matches &= address == packet.source.to_string(),
            ("-p", protocol) => matches &= protocol == packet.protocol,
            ("-m", "multiport") => {
                assert_eq!(words.next(), Some("--dports"));
                let list = words.next().unwrap();
                assert!(list.split([',', ':']).count() <= 15, "{rule}");
                matches &= listed(list, ':', packet.port);
            }
            ("-m", "time") => {
                assert_eq!(words.next(), Some("--datestart"));
                let first = seconds(words.next().unwrap());
                assert_eq!(words.next(), Some("--datestop"));
                matches &= (first..=seconds(words.next().unwrap())).contains(&packet.time);
            }
            ("-m", "comment") => {
                assert_eq!(words.by_ref().take(3).collect::<Vec<_>>()[..2], ["--comment", "\"acequia"]);
                assert!(words.next().unwrap().ends_with('"'));
            }
            ("-j", "RETURN") => return matches.then_some(true),
            ("-j", "DROP") => return matches.then_some(false),
            _ => panic!("not understood: {rule}"),
        }
    }
    panic!("no target: {rule}")
}
