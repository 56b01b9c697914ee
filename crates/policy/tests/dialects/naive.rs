//! A second evaluator of Headscale's language, deliberately simple: one packet from one machine to one address, held
//! against every rule in turn. It shares nothing with the engine but the decoded JSON.

use std::net::IpAddr;

use policy::network::Node;
use policy::set::IpRange;
use policy::{Dialect, Network};
use serde_json::Value;

/// One packet to a machine's own address.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    pub from: &'a Node,
    pub source: IpAddr,
    pub to: &'a Node,
    pub address: IpAddr,
    pub protocol: u8,
    pub port: u16,
}

pub struct World<'a> {
    pub policy: Value,
    pub network: &'a Network,
    pub dialect: Dialect,
}

fn texts<'a>(rule: &'a Value, field: &str) -> Vec<&'a str> {
    rule[field].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::trim).collect()
}

fn is_tailnet(address: IpAddr) -> bool {
    let range = |text: &str| text.parse::<IpRange>().unwrap().contains(address);
    (range("100.64.0.0/10") && !range("100.115.92.0/23")) || range("fd7a:115c:a1e0::/48")
}

impl<'a> World<'a> {
    /// Of a policy that has `tests`, `ssh` and whatever else; of those nothing is asked.
    pub fn of(text: &str, network: &'a Network, dialect: Dialect) -> Self {
        let policy = hujson::parse_str(text).unwrap().to_json().unwrap();
        Self { policy, network, dialect }
    }

    fn section(&self, name: &str) -> Option<&Value> {
        let object = self.policy.as_object()?;
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn rules(&self, name: &str) -> Option<&Vec<Value>> {
        self.section(name)?.as_array()
    }

    pub fn lets_in(&self, packet: &Packet) -> bool {
        let (acls, grants) = (self.rules("acls"), self.rules("grants"));
        if acls.is_none() && grants.is_none() {
            let own = |rule: &Value| texts(rule, "dst").contains(&"autogroup:self");
            let closed = self.rules("ssh").into_iter().flatten().any(own);
            return !(closed && self.dialect == Dialect::Headscale028);
        }
        let acl = |rule: &Value| {
            let protocol = match &rule["proto"] {
                Value::String(name) if name.is_empty() => None,
                Value::String(name) => Some(name.to_ascii_lowercase()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            self.is_from(rule, packet)
                && self.is_of(protocol.as_deref(), packet.protocol)
                && texts(rule, "dst").iter().any(|dst| {
                    let (host, ports) = dst.rsplit_once(':').unwrap();
                    let host = host.trim_start_matches('[').replace(']', "");
                    opens(ports, packet.port) && self.is_to(&host, packet)
                })
        };
        let grant = |rule: &Value| {
            let opened = texts(rule, "ip").iter().any(|ip| {
                let (protocol, ports) = ip.split_once(':').map_or((None, *ip), |(a, b)| (Some(a), b));
                self.is_of(protocol, packet.protocol) && opens(ports, packet.port)
            });
            texts(rule, "via").is_empty()
                && opened
                && self.is_from(rule, packet)
                && texts(rule, "dst").iter().any(|host| self.is_to(host, packet))
        };
        acls.into_iter().flatten().any(acl) || grants.into_iter().flatten().any(grant)
    }

    fn is_of(&self, name: Option<&str>, protocol: u8) -> bool {
        let number = match name {
            None => {
                return matches!(protocol, 6 | 17) || self.dialect == Dialect::Headscale029 && protocol == 1;
            }
            Some("tcp") => 6,
            Some("udp") => 17,
            Some("icmp") => 1,
            Some(text) => text.trim_start_matches('0').parse().unwrap_or(255),
        };
        number == protocol
    }

    fn is_from(&self, rule: &Value, packet: &Packet) -> bool {
        texts(rule, "src").iter().any(|name| match *name {
            "*" => self.dialect == Dialect::Headscale028 || is_tailnet(packet.source),
            "autogroup:danger-all" => true,
            name => self.is_meant(name, packet.from, packet.source),
        })
    }

    fn is_to(&self, name: &str, packet: &Packet) -> bool {
        match name {
            "*" => true,
            "autogroup:internet" => false,
            "autogroup:self" => packet.from.owner().is_some() && packet.from.owner() == packet.to.owner(),
            name => self.is_meant(name, packet.to, packet.address),
        }
    }

    /// Whether a name means a machine at an address.
    fn is_meant(&self, name: &str, node: &Node, address: IpAddr) -> bool {
        if name.contains('@') {
            return node.owner().is_some() && node.owner() == self.account(name);
        }
        match name {
            "autogroup:member" => node.owner().is_some(),
            "autogroup:tagged" => node.is_tagged(),
            _ if name.starts_with("tag:") => node.tags.iter().any(|tag| tag == name),
            _ if name.starts_with("group:") => {
                let groups = self.section("groups").unwrap();
                texts(groups, name).iter().any(|member| self.is_meant(member, node, address))
            }
            _ => {
                let host = self.section("hosts").and_then(|hosts| hosts[name].as_str());
                let text = host.unwrap_or(name);
                // For the old version an address is the machine that has it, also before the length of a prefix.
                let own: Option<IpAddr> = text.split('/').next().unwrap().parse().ok();
                let wide = self.dialect == Dialect::Headscale028
                    && own.is_some_and(|own| node.addresses().any(|address| address == own));
                wide || text.parse::<IpRange>().unwrap().contains(address)
            }
        }
    }

    /// The one account that a name means.
    fn account(&self, name: &str) -> Option<usize> {
        let name = name.strip_suffix('@').unwrap_or(name);
        let users = || self.network.users().iter().enumerate();
        let provider = users().find(|(_, user)| !user.provider_id.is_empty() && user.provider_id == name);
        if let Some((index, _)) = provider {
            return Some(index);
        }
        let mut all = users().filter(|(_, user)| user.name == name || user.mail() == Some(name));
        match (all.next(), all.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    }
}

fn opens(ports: &str, port: u16) -> bool {
    ports == "*"
        || ports.split(',').any(|one| {
            let number = |text: &str| text.trim_start_matches('+').parse::<u16>().unwrap();
            match one.split_once('-') {
                Some((first, last)) => (number(first)..=number(last)).contains(&port),
                None => number(one) == port,
            }
        })
}
