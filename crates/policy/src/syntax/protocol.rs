//! IP protocols by name and number.

/// The protocols that a rule without one stands for, in the order in which clients write them: TCP, UDP,
/// ICMP, `ICMPv6` (captures, `packet_filter_matches`).
pub const DEFAULT_PROTOCOLS: [u8; 4] = [TCP, UDP, ICMP, ICMP_V6];

/// TCP.
pub const TCP: u8 = 6;
/// UDP.
pub const UDP: u8 = 17;
/// ICMP for IPv4.
pub const ICMP: u8 = 1;
/// ICMP for IPv6.
pub const ICMP_V6: u8 = 58;
/// SCTP.
pub const SCTP: u8 = 132;

/// Names that policies may use, from the policy syntax page and `tailscale/types/ipproto`.
const NAMES: [(&str, u8); 15] = [
    ("icmp", ICMP),
    ("igmp", 2),
    ("ipv4", 4),
    ("ip-in-ip", 4),
    ("tcp", TCP),
    ("egp", 8),
    ("igp", 9),
    ("udp", UDP),
    ("dccp", 33),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ipv6-icmp", ICMP_V6),
    ("sctp", SCTP),
    ("fc", 133),
];

/// A protocol that the control plane would not take. The wording is that of `tailscale/types/ipproto`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("proto name {0:?} not known; use protocol number 0-255")]
pub struct ProtocolError(pub String);

/// The number of a protocol given by name, in any case, or by a number from 1 to 255 without leading zeros.
///
/// # Errors
/// [`ProtocolError`] for anything else, also `*` and `0`.
pub fn parse(text: &str) -> Result<u8, ProtocolError> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, number)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Ok(*number);
    }
    let digits = !lower.is_empty() && lower.bytes().all(|b| b.is_ascii_digit()) && !lower.starts_with('0');
    if digits && let Ok(number) = lower.parse() {
        return Ok(number);
    }
    Err(ProtocolError(text.to_owned()))
}

/// The name of a protocol, or its number.
pub fn name(number: u8) -> String {
    match NAMES.iter().find(|(_, known)| *known == number) {
        Some((name, _)) => (*name).to_owned(),
        None => number.to_string(),
    }
}

/// Whether rules for a protocol may name ports: TCP, UDP and SCTP.
pub const fn has_ports(number: u8) -> bool {
    matches!(number, TCP | UDP | SCTP)
}

/// Whether a protocol is that of pings, which any opening lets through.
pub const fn is_echo(number: u8) -> bool {
    matches!(number, ICMP | ICMP_V6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_known_by_name_and_number() {
        assert_eq!(parse("TCP"), Ok(6));
        assert_eq!(parse("6"), Ok(6));
        assert_eq!(parse("ip-in-ip"), Ok(4));
        assert_eq!(parse("255"), Ok(255));
        for bad in ["*", "0", "06", "256", "", "-1", "tcpp"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!((name(17), name(200)), ("udp".to_owned(), "200".to_owned()));
    }
}
