use std::collections::HashMap;

use firewall::Backend;

use super::{Packet, iptables, listed, nft};

/// Whether the open part of a backend lets the packet in; what the host lets in besides is not asked.
pub fn open(backend: Backend, text: &str, interface: &str, packet: Packet) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    match backend {
        Backend::Nftables => {
            let on = format!("iifname \"{interface}\" ");
            lines.filter_map(|line| line.strip_prefix(&on)).any(|rule| {
                assert!(rule.ends_with("} accept"), "{rule}");
                nft::verdict(rule, &HashMap::new(), packet) == Some(true)
            })
        }
        Backend::Iptables => {
            let tool = if packet.source.is_ipv4() { "iptables" } else { "ip6tables" };
            let head = format!("{tool}-restore -w --noflush <<'RULES'\n*filter\n:ACEQUIA-OPEN - [0:0]\n");
            let (_, rest) = text.split_once(&format!("\n{head}")).unwrap();
            let (rules, _) = rest.split_once("\nCOMMIT\nRULES\n").unwrap();
            let on = format!("-A ACEQUIA-OPEN -i {interface} ");
            rules.lines().filter_map(|rule| rule.strip_prefix(&on)).any(|rule| {
                // The same matches as in the guard, which lets pass by another word.
                let rule = format!("-A ACEQUIA {} -j RETURN", rule.strip_suffix(" -j ACCEPT").unwrap());
                iptables::verdict(&rule, packet) == Some(true)
            })
        }
        Backend::Ufw => lines.filter(|line| line.starts_with("ufw allow")).any(|line| {
            let rest = line.strip_prefix(&format!("ufw allow in on {interface} proto ")).unwrap();
            let (protocol, rest) = rest.split_once(" to any port ").unwrap();
            let (ports, _) = rest.split_once(" comment 'acequia rev ").unwrap();
            protocol == packet.protocol && listed(ports, ':', packet.port)
        }),
        Backend::Firewalld => lines.any(|line| {
            let option = line.trim_end_matches(" \\");
            if let Some((ports, protocol)) =
                option.strip_prefix("--add-port=").and_then(|it| it.split_once('/'))
            {
                return protocol == packet.protocol && listed(ports, '-', packet.port);
            }
            let own = option.strip_prefix("--add-rich-rule='rule family=");
            own.is_some_and(|rule| rule.contains(&format!("source address=\"{}\" accept", packet.source)))
        }),
        Backend::NixosNftables | Backend::NixosIptables => nixos(lines, interface, packet),
        Backend::Windows => lines.filter(|line| line.contains(" -Action Allow ")).any(|line| {
            assert!(line.contains("-RemoteAddress @('100.64.0.0/10', 'fd7a:115c:a1e0::/48') "), "{line}");
            let (_, ports) = line.split_once("-LocalPort @('").unwrap();
            let (ports, _) = ports.split_once("')").unwrap();
            let protocol = format!(" -Protocol {} ", packet.protocol.to_uppercase());
            line.contains(&protocol) && ports.split("', '").any(|item| listed(item, '-', packet.port))
        }),
    }
}

fn nixos<'a>(lines: impl Iterator<Item = &'a str>, interface: &str, packet: Packet) -> bool {
    let of = |name: &str| format!("allowed{}{name} = [", packet.protocol.to_uppercase());
    let head = format!("networking.firewall.interfaces.\"{interface}\" = {{");
    let mut lines = lines.skip_while(|line| *line != head).take_while(|line| *line != "};");
    let mut ranges = false;
    lines.any(|line| {
        if let Some(ports) = line.strip_prefix(&of("Ports")) {
            let ports = ports.strip_suffix(" ];").unwrap();
            // Ranges have a list of their own.
            return ports.split_whitespace().any(|port| port.parse::<u16>().unwrap() == packet.port);
        }
        if line.ends_with(" = [") || line == "];" {
            ranges = line == of("PortRanges");
        }
        let range = line.strip_prefix("{ from = ").and_then(|rest| rest.strip_suffix("; }"));
        ranges && range.is_some_and(|range| listed(&range.replace("; to = ", "-"), '-', packet.port))
    })
}
