//! Ports as rules write them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An inclusive range of ports as it stands on the wire; `*` is 0 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ports {
    /// The first port.
    #[serde(rename = "First")]
    pub first: u16,
    /// The last port.
    #[serde(rename = "Last")]
    pub last: u16,
}

impl Ports {
    /// All ports.
    pub const ANY: Self = Self { first: 0, last: u16::MAX };

    /// Whether a port lies inside.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ANY => f.write_str("*"),
            Self { first, last } if first == last => first.fmt(f),
            Self { first, last } => write!(f, "{first}-{last}"),
        }
    }
}

/// Why ports were not understood. The wordings are those of `tailscale/tailcfg/proto_port_range.go`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortsError {
    /// An empty `ip` entry.
    #[error("empty string")]
    EmptyEntry,
    /// `:80`
    #[error("empty protocol")]
    EmptyProtocol,
    /// An ACL destination without ports.
    #[error("hostport must contain a colon (\":\")")]
    NoColon,
    /// `a,b:80`
    #[error("host cannot contain a comma (\",\")")]
    HostComma,
    /// `tcp:`
    #[error("invalid port list: {0:?}")]
    List(String),
    /// `1-2-3`
    #[error("port range {0:?}: too many dashes(-)")]
    Dashes(String),
    /// `ssh`
    #[error("port range {0:?}: invalid first integer")]
    First(String),
    /// `22-ssh`
    #[error("port range {0:?}: invalid last integer")]
    Last(String),
    /// `0`
    #[error("port range {0:?}: first port must be >0, or use '*' for wildcard")]
    Zero(String),
    /// `20-10`; the comparison in the text is the control plane's own.
    #[error("port range {0:?}: first port must be >= last port")]
    Reversed(String),
    /// The protocol before the colon.
    #[error(transparent)]
    Protocol(#[from] super::protocol::ProtocolError),
}

fn integer(text: &str) -> Option<u16> {
    // Go's `ParseUint` takes no sign, Rust's `parse` takes a plus.
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// One item: `N` or `A-B`.
fn item(text: &str) -> Result<Ports, PortsError> {
    if text.matches('-').count() > 1 {
        return Err(PortsError::Dashes(text.into()));
    }
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (first, Some(last)),
        None => (text, None),
    };
    let first = integer(first).ok_or_else(|| PortsError::First(text.into()))?;
    let last = match last {
        Some(last) => integer(last).ok_or_else(|| PortsError::Last(text.into()))?,
        None => first,
    };
    if first == 0 {
        return Err(PortsError::Zero(text.into()));
    }
    if first > last {
        return Err(PortsError::Reversed(text.into()));
    }
    Ok(Ports { first, last })
}

/// A comma separated list as after the last colon of an ACL destination: `*`, `22`, `80,443`, `8000-8100`.
///
/// # Errors
/// [`PortsError`] in the control plane's words.
pub fn parse_list(text: &str) -> Result<Vec<Ports>, PortsError> {
    if text == "*" {
        return Ok(vec![Ports::ANY]);
    }
    let one = |part: &str| if part.is_empty() { Err(PortsError::List(text.into())) } else { item(part) };
    text.split(',').map(one).collect()
}

/// An ACL destination split at its last colon: the host text and the ports.
///
/// Brackets around an IPv6 address are dropped: `[::1]:80`, `[fd00::]/64:80`.
///
/// # Errors
/// [`PortsError`] in the control plane's words.
pub fn parse_destination(text: &str) -> Result<(String, Vec<Ports>), PortsError> {
    let (host, ports) = text.rsplit_once(':').ok_or(PortsError::NoColon)?;
    if host.contains(',') {
        return Err(PortsError::HostComma);
    }
    let ports = parse_list(ports.trim())?;
    let host = host.trim();
    let bare = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let bare =
        bare.filter(|(address, rest)| address.contains(':') && (rest.is_empty() || rest.starts_with('/')));
    Ok((bare.map_or_else(|| host.to_owned(), |(address, rest)| format!("{address}{rest}")), ports))
}

/// An entry of a grant's `ip`: `*`, `80`, `80-443`, `tcp:80`, `icmp:*`; no protocol is `None`.
///
/// # Errors
/// [`PortsError`] in the control plane's words.
pub fn parse_entry(text: &str) -> Result<(Option<u8>, Ports), PortsError> {
    if text.is_empty() {
        return Err(PortsError::EmptyEntry);
    }
    if text == "*" {
        return Ok((None, Ports::ANY));
    }
    let (protocol, ports) = text.rsplit_once(':').unwrap_or(("*", text));
    if protocol.contains(',') {
        return Err(PortsError::HostComma);
    }
    let ports = match ports {
        "*" => Ports::ANY,
        "" => return Err(PortsError::List(String::new())),
        ports => item(ports)?,
    };
    match protocol {
        "" => Err(PortsError::EmptyProtocol),
        "*" => Ok((None, ports)),
        name => Ok((Some(super::protocol::parse(name)?), ports)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The rows of `tailscale/tailcfg/proto_port_range_test.go`.
    #[test]
    fn entries_of_ip_are_read_as_the_client_library_reads_them() {
        let one = |port| Ports { first: port, last: port };
        assert_eq!(parse_entry("tcp:80"), Ok((Some(6), one(80))));
        assert_eq!(parse_entry("80"), Ok((None, one(80))));
        assert_eq!(parse_entry("47"), Ok((None, one(47))));
        assert_eq!(parse_entry("*"), Ok((None, Ports::ANY)));
        assert_eq!(parse_entry("*:*"), Ok((None, Ports::ANY)));
        assert_eq!(parse_entry("TCP:*"), Ok((Some(6), Ports::ANY)));
        assert_eq!(parse_entry("80-120"), Ok((None, Ports { first: 80, last: 120 })));
        let refusal = |text: &str| parse_entry(text).unwrap_err().to_string();
        assert_eq!(refusal("tcp:"), "invalid port list: \"\"");
        assert_eq!(refusal(":80"), "empty protocol");
        assert_eq!(refusal(""), "empty string");
        assert_eq!(refusal("tcp:0"), "port range \"0\": first port must be >0, or use '*' for wildcard");
        assert_eq!(refusal("9-1"), "port range \"9-1\": first port must be >= last port");
        assert_eq!(refusal("1-2-3"), "port range \"1-2-3\": too many dashes(-)");
        assert_eq!(refusal("22-x"), "port range \"22-x\": invalid last integer");
        assert_eq!(refusal("nope:80"), "proto name \"nope\" not known; use protocol number 0-255");
    }

    #[test]
    fn destinations_are_split_at_their_last_colon() {
        let host = |text: &str| parse_destination(text).unwrap().0;
        assert_eq!(host("tag:server:22,80-90"), "tag:server");
        assert_eq!(host("fd00::1:22"), "fd00::1");
        assert_eq!(host("[fd00::1]:22"), "fd00::1");
        assert_eq!(host("[fd00::]/64:*"), "fd00::/64");
        assert_eq!(parse_destination("h:22,80-90").unwrap().1.len(), 2);
        let refusal = |text: &str| parse_destination(text).unwrap_err().to_string();
        assert_eq!(refusal("host"), "hostport must contain a colon (\":\")");
        assert_eq!(refusal("tag:server:ssh"), "port range \"ssh\": invalid first integer");
        assert_eq!(refusal("h:1,"), "invalid port list: \"1,\"");
    }
}
