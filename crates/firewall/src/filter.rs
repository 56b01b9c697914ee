//! The filter that a machine's own tailscaled holds: what is in force there, whatever a control plane says.
//!
//! Read from `PacketFilterRules` of `tailscale debug netmap` (tailscale source, `tailcfg.FilterRule`), which is no stable
//! interface: what is not understood is an error and proves nothing. `null` there is a filter that lets nothing in. `NodeKey`
//! says whose it is: a host that was switched to another network holds the filter of a machine there, perhaps with the same
//! addresses.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::{PortRange, Protocol, ServicePorts};
use serde::{Deserialize, Deserializer};

/// How many rules are read: far above what one machine of a network of thousands has.
const MOST_RULES: usize = 20_000;

/// What a machine lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    rules: Vec<Rule>,
    /// The public key by which the machine that holds it is known in its network.
    machine: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    from: Vec<Addresses>,
    to: Vec<(Addresses, PortRange)>,
    /// IP protocol numbers.
    protocols: Vec<u8>,
}

/// A range of addresses of one family, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addresses {
    All,
    Range(IpAddr, IpAddr),
}

/// The text is no such netmap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the filter of tailscale debug netmap: {0}")]
pub struct FilterError(String);

#[derive(Deserialize)]
struct Netmap {
    /// `null` is said, and is not the same as nothing said.
    #[serde(rename = "PacketFilterRules", default, deserialize_with = "said")]
    #[expect(clippy::option_option, reason = "nothing said, nothing in it, or rules")]
    rules: Option<Option<Vec<Wire>>>,
    #[serde(rename = "NodeKey", default)]
    machine: Option<String>,
}

fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "SrcIPs")]
    from: Option<Vec<String>>,
    #[serde(rename = "DstPorts")]
    to: Option<Vec<WireTo>>,
    #[serde(rename = "IPProto")]
    protocols: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct WireTo {
    #[serde(rename = "IP")]
    address: String,
    /// An older way of writing a prefix.
    #[serde(rename = "Bits")]
    bits: Option<u8>,
    #[serde(rename = "Ports")]
    ports: WirePorts,
}

#[derive(Deserialize)]
struct WirePorts {
    #[serde(rename = "First")]
    first: u16,
    #[serde(rename = "Last")]
    last: u16,
}

/// Reads the filter of a machine and whose it is; of the netmap nothing else is needed.
///
/// # Errors
/// [`FilterError`] when the text has no filter, or one that is not understood as a whole.
pub fn filter_in_netmap(text: &str) -> Result<Filter, FilterError> {
    let netmap: Netmap = serde_json::from_str(text).map_err(|error| FilterError(error.to_string()))?;
    let rules = netmap.rules.ok_or_else(|| FilterError("it names no PacketFilterRules".into()))?;
    let rules = rules.unwrap_or_default();
    if rules.len() > MOST_RULES {
        return Err(FilterError(format!("it has {} rules", rules.len())));
    }
    let rules = rules.into_iter().map(rule).collect::<Result<_, _>>()?;
    Ok(Filter { rules, machine: netmap.machine })
}

fn rule(wire: Wire) -> Result<Rule, FilterError> {
    let from = wire.from.unwrap_or_default();
    let from = from.iter().map(|text| addresses(text, None)).collect::<Result<_, _>>()?;
    let mut to = Vec::new();
    for WireTo { address, bits, ports } in wire.to.unwrap_or_default() {
        // Nobody listens on port 0.
        if let Ok(range) = PortRange::new(ports.first.max(1), ports.last) {
            to.push((addresses(&address, bits)?, range));
        }
    }
    // What names no protocol means these four (`wgengine/filter`, `defaultProtos`).
    let protocols = wire.protocols.filter(|all| !all.is_empty()).unwrap_or_else(|| vec![1, 6, 17, 58]);
    Ok(Rule { from, to, protocols })
}

fn addresses(text: &str, bits: Option<u8>) -> Result<Addresses, FilterError> {
    let wrong = || FilterError(format!("`{text}` is no address"));
    let one = |text: &str| text.parse::<IpAddr>().map_err(|_| wrong());
    if text == "*" {
        return Ok(Addresses::All);
    }
    if let Some((first, last)) = text.split_once('-') {
        return Ok(Addresses::Range(one(first)?, one(last)?));
    }
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (one(address)?, Some(bits.parse().map_err(|_| wrong())?)),
        None => (one(text)?, bits),
    };
    prefix(address, bits).ok_or_else(wrong)
}

/// From the first to the last address of a prefix; all bits where none are given.
fn prefix(address: IpAddr, bits: Option<u8>) -> Option<Addresses> {
    Some(match address {
        IpAddr::V4(v4) => {
            let bits = u32::from(bits.unwrap_or(32));
            let rest = u32::MAX.checked_shr(bits).unwrap_or(0);
            (bits <= 32).then_some(())?;
            let whole = v4.to_bits();
            Addresses::Range(IpAddr::V4((whole & !rest).into()), IpAddr::V4((whole | rest).into()))
        }
        IpAddr::V6(v6) => {
            let bits = u32::from(bits.unwrap_or(128));
            let rest = u128::MAX.checked_shr(bits).unwrap_or(0);
            (bits <= 128).then_some(())?;
            let whole = v6.to_bits();
            Addresses::Range(IpAddr::V6((whole & !rest).into()), IpAddr::V6((whole | rest).into()))
        }
    })
}

impl Addresses {
    fn contains(self, address: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Range(first, last) => {
                first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address)
            }
        }
    }
}

/// The addresses that control planes give to machines.
const GIVEN: [(IpAddr, IpAddr); 2] = [
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), IpAddr::V4(Ipv4Addr::new(100, 127, 255, 255))),
    (
        IpAddr::V6(Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, 0)),
        IpAddr::V6(Ipv6Addr::new(0xfd7a, 0x115c, 0xa1e0, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff)),
    ),
];

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Addresses {
    /// Whether an address that a machine may be given is among these and not among the known ones.
    fn holds_another_than(self, known: &BTreeSet<IpAddr>) -> bool {
        let Self::Range(first, last) = self else { return true };
        GIVEN.into_iter().filter(|(from, _)| from.is_ipv4() == first.is_ipv4()).any(|(from, to)| {
            let (from, to) = (bits(first.max(from)), bits(last.min(to)));
            // Nothing of it is given to machines.
            let Some(wide) = to.checked_sub(from) else { return false };
            let within =
                |one: &&IpAddr| one.is_ipv4() == first.is_ipv4() && (from..=to).contains(&bits(**one));
            let known = known.iter().filter(within).count();
            u128::try_from(known).map_or(true, |known| wide >= known)
        })
    }
}

impl Filter {
    /// Whether it says that it is of another machine than that with this key (`nodekey:` and 64 hexadecimal digits, as control
    /// planes tell it). Hosts that were set up before that was asked for do not say whose it is.
    pub fn is_of_another(&self, node_key: &str) -> bool {
        self.machine.as_ref().is_some_and(|machine| machine != node_key)
    }

    /// Whether it lets somebody in from an address that none of these machines has: whoever comes in next may get it.
    pub fn lets_in_somebody_new(&self, known: &BTreeSet<IpAddr>) -> bool {
        let rules = self.rules.iter().filter(|rule| !rule.to.is_empty());
        rules.flat_map(|rule| &rule.from).any(|from| from.holds_another_than(known))
    }

    /// Whether a connection may be opened.
    pub fn allows(&self, from: IpAddr, to: IpAddr, protocol: Protocol, port: u16) -> bool {
        self.rules.iter().any(|rule| {
            rule.protocols.contains(&protocol.number())
                && rule.from.iter().any(|range| range.contains(from))
                && rule.to.iter().any(|(range, ports)| range.contains(to) && ports.contains(port))
        })
    }

    /// How much of these ports of a machine is open to somebody, from one of their devices over one family: all of it, some of
    /// it, or nothing.
    pub fn holds(&self, from: &[IpAddr], to: &[IpAddr], ports: &ServicePorts) -> Held {
        let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let pairs = pairs.filter(|(from, to)| from.is_ipv4() == to.is_ipv4());
        let mut found = Held::None;
        for (from, to) in pairs {
            match self.of_pair(from, to, ports) {
                Held::All => return Held::All,
                Held::Some => found = Held::Some,
                Held::None => {}
            }
        }
        found
    }

    fn of_pair(&self, from: IpAddr, to: IpAddr, ports: &ServicePorts) -> Held {
        let (mut all, mut any) = (true, false);
        for (protocol, wanted) in ports.iter() {
            let mut open: Vec<PortRange> = Vec::new();
            for rule in self.rules.iter().filter(|rule| {
                rule.protocols.contains(&protocol.number()) && rule.from.iter().any(|one| one.contains(from))
            }) {
                open.extend(rule.to.iter().filter(|(range, _)| range.contains(to)).map(|(_, ports)| *ports));
            }
            let open: model::PortSet = open.into_iter().collect();
            let touches =
                |range: &PortRange| range.first() <= wanted.last() && wanted.first() <= range.last();
            any |= open.ranges().iter().any(touches);
            // Ranges of a set neither overlap nor touch.
            let covers = |range: &PortRange| range.first() <= wanted.first() && wanted.last() <= range.last();
            all &= open.ranges().iter().any(covers);
        }
        match (all, any) {
            (true, true) => Held::All,
            (_, true) => Held::Some,
            (_, false) => Held::None,
        }
    }
}

pub use model::host::Held;

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> ServicePorts {
        text.parse().unwrap()
    }

    fn all(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// As a real client printed it (1.103.0-dev, Headscale 0.29.2), while a rule for 25565 stands for 100.64.0.3.
    const DUNE: &str = r#"{
	"PacketFilterRules": [
		{
			"DstPorts": [
				{"IP": "100.64.0.1", "Ports": {"First": 0, "Last": 65535}},
				{"IP": "fd7a:115c:a1e0::1", "Ports": {"First": 0, "Last": 65535}}
			],
			"SrcIPs": ["100.64.0.1-100.64.0.2", "fd7a:115c:a1e0::1-fd7a:115c:a1e0::2"]
		},
		{
			"DstPorts": [{"IP": "100.64.0.1", "Ports": {"First": 25565, "Last": 25565}}],
			"IPProto": [6],
			"SrcIPs": ["100.64.0.3", "fd7a:115c:a1e0::3"]
		}
	]
}"#;

    #[test]
    fn a_recorded_filter_tells_what_it_lets_in() {
        let filter = filter_in_netmap(DUNE).unwrap();
        let dune = all(&["100.64.0.1", "fd7a:115c:a1e0::1"]);
        let bruno = all(&["100.64.0.3", "fd7a:115c:a1e0::3"]);
        let held = |from: &[IpAddr], text: &str| filter.holds(from, &dune, &ports(text));
        assert_eq!(held(&bruno, "tcp:25565"), Held::All);
        assert_eq!(held(&bruno, "udp:25565"), Held::None);
        assert_eq!(held(&bruno, "tcp:25565-25566"), Held::Some);
        assert_eq!(held(&bruno, "tcp:25565,udp:19132"), Held::Some);
        assert_eq!(held(&bruno, "tcp:22"), Held::None);
        assert_eq!(held(&all(&["100.64.0.2"]), "tcp:22,udp:53"), Held::All);
        assert_eq!(held(&all(&["100.64.0.4"]), "tcp:25565"), Held::None);
        assert_eq!(held(&[], "tcp:25565"), Held::None);
        assert!(filter.allows(bruno[0], dune[0], Protocol::Tcp, 25565));
        assert!(!filter.allows(bruno[1], dune[1], Protocol::Tcp, 25565), "that rule names one family");
    }

    #[test]
    fn null_lets_nothing_in_and_prefixes_ranges_and_stars_are_read() {
        let nothing = filter_in_netmap(r#"{"PacketFilterRules": null}"#).unwrap();
        assert_eq!(nothing, Filter::default());
        let text = r#"{"PacketFilterRules": [
            {"SrcIPs": ["100.64.0.0/10", "*"], "DstPorts": [{"IP": "*", "Ports": {"First": 80, "Last": 81}}], "IPProto": [17]},
            {"SrcIPs": ["fd7a::/16"], "DstPorts": [{"IP": "fd7a::9", "Bits": 120, "Ports": {"First": 1, "Last": 9}}]},
            {"SrcIPs": ["100.64.0.9"], "CapGrant": [{"Dsts": ["100.64.0.1/32"], "Caps": ["x"]}]}]}"#;
        let filter = filter_in_netmap(text).unwrap();
        let [v4, v6, other] = ["100.99.0.1", "fd7a::1", "2001:db8::1"].map(|text| text.parse().unwrap());
        let to: IpAddr = "fd7a::aa".parse().unwrap();
        assert!(filter.allows(v4, v4, Protocol::Udp, 81) && filter.allows(other, to, Protocol::Udp, 80));
        assert!(!filter.allows(v4, v4, Protocol::Tcp, 81));
        assert!(filter.allows(v6, to, Protocol::Tcp, 9) && !filter.allows(other, to, Protocol::Tcp, 9));
    }

    /// Sabotage: a filter without a key taken for one of another machine.
    #[test]
    fn a_filter_says_whose_it_is_if_anything() {
        let of = |text: &str| filter_in_netmap(text).unwrap().is_of_another("nodekey:1");
        assert!(!of(r#"{"NodeKey": "nodekey:1", "PacketFilterRules": null}"#));
        assert!(of(r#"{"NodeKey": "nodekey:2", "PacketFilterRules": null}"#));
        assert!(of(r#"{"PacketFilterRules": [], "NodeKey": ""}"#));
        assert!(!of(r#"{"PacketFilterRules": null}"#));
    }

    /// Sabotage: `wide > known` in `holds_another_than`, or a rule that lets everybody in left out.
    #[test]
    fn somebody_new_is_let_in_by_a_range_that_holds_more_than_the_machines_that_are_there() {
        let dune = filter_in_netmap(DUNE).unwrap();
        let known = |list: &[&str]| all(list).into_iter().collect::<BTreeSet<_>>();
        let there = ["100.64.0.1", "100.64.0.2", "100.64.0.3"];
        let there = there.into_iter().chain(["fd7a:115c:a1e0::1", "fd7a:115c:a1e0::2", "fd7a:115c:a1e0::3"]);
        let there: Vec<&str> = there.collect();
        assert!(!dune.lets_in_somebody_new(&known(&there)));
        for left_out in &there {
            let others: Vec<&str> = there.iter().filter(|one| *one != left_out).copied().collect();
            assert!(dune.lets_in_somebody_new(&known(&others)), "{left_out} is another one");
        }
        let wide = |from: &str, to: &str| {
            let text = format!(r#"{{"PacketFilterRules": [{{"SrcIPs": ["{from}"], "DstPorts": [{to}]}}]}}"#);
            filter_in_netmap(&text).unwrap().lets_in_somebody_new(&known(&there))
        };
        let to = r#"{"IP": "*", "Ports": {"First": 80, "Last": 80}}"#;
        for range in
            ["*", "0.0.0.0/0", "::/0", "100.64.0.0/10", "fd7a:115c:a1e0::/48", "100.64.0.1-100.64.0.4"]
        {
            assert!(wide(range, to), "{range}");
            assert!(!wide(range, ""), "{range}: it leads nowhere");
        }
        for range in ["192.168.1.0/24", "10.0.0.0-10.0.0.9", "2001:db8::/32", "100.64.0.2/31"] {
            assert!(!wide(range, to), "{range}");
        }
    }

    #[test]
    fn what_is_not_understood_proves_nothing() {
        for text in [
            "",
            "{}",
            "no netmap",
            r#"{"PacketFilterRules": 5}"#,
            r#"{"PacketFilterRules": [{"SrcIPs": ["carla"], "DstPorts": []}]}"#,
            r#"{"PacketFilterRules": [{"SrcIPs": ["100.64.0.1/33"], "DstPorts": []}]}"#,
            r#"{"PacketFilterRules": [{"SrcIPs": ["*"], "DstPorts": [{"IP": "x", "Ports": {"First": 1, "Last": 2}}]}]}"#,
        ] {
            assert!(filter_in_netmap(text).is_err(), "{text}");
        }
    }
}
