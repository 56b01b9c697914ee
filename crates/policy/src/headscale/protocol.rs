//! Protocols as Headscale names them.

use crate::quote::quoted;
use crate::syntax::{Dialect, protocol};

/// A protocol of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Protocol {
    pub(super) number: u8,
    /// As refusals name it.
    pub(super) name: String,
    /// Whether the rule may name ports.
    pub(super) has_ports: bool,
    /// Whether it was given by name: the old version means another thing by a number.
    named: bool,
}

/// Names of both versions.
const NAMES: [(&str, u8); 12] = [
    ("icmp", 1),
    ("igmp", 2),
    ("ipv4", 4),
    ("ip-in-ip", 4),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("udp", 17),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("sctp", 132),
];
/// Names since 0.29.
const LATER: [(&str, u8); 2] = [("ipv6-icmp", 58), ("fc", 133)];

/// Reads a protocol; none for an empty text. In acls names have any case.
pub(super) fn read(dialect: Dialect, text: &str, any_case: bool) -> Result<Option<Protocol>, String> {
    let old = dialect == Dialect::Headscale028;
    let lower = if any_case { text.to_ascii_lowercase() } else { text.to_owned() };
    let known = NAMES.iter().chain(LATER.iter().filter(|_| !old));
    let by_name = |name: &str| known.clone().find(|(known, _)| *known == name).map(|(_, number)| *number);
    match lower.as_str() {
        "" => return Ok(None),
        "*" => {
            let names = "(icmp, tcp, udp, etc.)";
            return Err(format!(
                "proto name \"*\" not known; use protocol number 0-255 or protocol name {names}"
            ));
        }
        _ => {}
    }
    if let Some(number) = by_name(&lower) {
        return Ok(Some(Protocol {
            number,
            has_ports: protocol::has_ports(number),
            name: lower,
            named: true,
        }));
    }
    let Ok(value) = lower.parse::<i64>() else {
        let must = "must be a known protocol name or valid protocol number 0-255";
        return Err(if old {
            format!("invalid protocol {}: {must}", quoted(&lower))
        } else {
            format!("invalid protocol number: {} {must}", quoted(text))
        });
    };
    let leading = if old { lower.starts_with('0') } else { value == 0 };
    if leading {
        let colon = if old { "" } else { ":" };
        return Err(format!("leading 0 not permitted in protocol number{colon} {}", quoted(&lower)));
    }
    let number = u8::try_from(value).map_err(|_| {
        if old {
            format!("protocol number {value} out of range (0-255)")
        } else {
            format!("protocol number out of range (0-255): {value}")
        }
    })?;
    let own = known.clone().find(|(_, known)| *known == number).map(|(name, _)| (*name).to_owned());
    Ok(Some(Protocol {
        number,
        has_ports: !old && protocol::has_ports(number),
        name: own.filter(|_| !old).unwrap_or_else(|| value.to_string()),
        named: false,
    }))
}

/// The protocol numbers that a rule is about; none means those of a rule without a protocol, as Tailscale has them.
pub(super) fn numbers_of(dialect: Dialect, protocol: Option<&Protocol>) -> Vec<u8> {
    match (dialect, protocol) {
        (Dialect::Headscale028, None) => vec![protocol::TCP, protocol::UDP],
        (Dialect::Headscale028, Some(Protocol { number: protocol::ICMP, named: true, .. })) => {
            vec![protocol::ICMP, protocol::ICMP_V6]
        }
        (_, protocol) => protocol.map(|protocol| protocol.number).into_iter().collect(),
    }
}

/// As [`numbers_of`], of a text in an acl.
pub(crate) fn numbers(dialect: Dialect, text: &str) -> Result<Vec<u8>, String> {
    Ok(numbers_of(dialect, read(dialect, text, true)?.as_ref()))
}
