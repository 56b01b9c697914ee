//! Ports and port ranges of the transport protocols that a share can name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A transport protocol with ports. Shares name these two only; the policy engine knows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP, IP protocol 6 (RFC 9293).
    Tcp,
    /// UDP, IP protocol 17 (RFC 768).
    Udp,
}

impl Protocol {
    /// Both, in the order in which they are written.
    pub const ALL: [Self; 2] = [Self::Tcp, Self::Udp];

    /// The IANA protocol number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
        }
    }

    /// The lower-case name, as in `tcp:25565`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a port text was not understood. Each message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Nothing was written.
    #[error("no port was given; write a number from 1 to 65535, such as 25565")]
    Empty,
    /// Not a number from 1 to 65535.
    #[error("`{0}` is not a port; ports are numbers from 1 to 65535")]
    NotAPort(String),
    /// `20-10`.
    #[error("the range `{0}-{1}` runs backwards; write the smaller port first")]
    Reversed(u16, u16),
    /// Something other than `tcp` or `udp` before the colon.
    #[error("`{0}` is not a protocol; write tcp or udp")]
    NotAProtocol(String),
    /// More ranges than any service has.
    #[error("more than {0} port ranges; use fewer, wider ranges")]
    TooMany(usize),
}

/// An inclusive range of ports, 1 to 65535, `first <= last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// The range from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`PortError::NotAPort`] for port 0, [`PortError::Reversed`] if `last < first`.
    pub fn new(first: u16, last: u16) -> Result<Self, PortError> {
        if first == 0 || last == 0 {
            return Err(PortError::NotAPort("0".into()));
        }
        if last < first {
            return Err(PortError::Reversed(first, last));
        }
        Ok(Self { first, last })
    }

    /// The first port.
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The last port, the same as the first for a single port.
    pub const fn last(self) -> u16 {
        self.last
    }

    /// Whether `port` lies inside.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }
}

impl FromStr for PortRange {
    type Err = PortError;

    fn from_str(text: &str) -> Result<Self, PortError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PortError::Empty);
        }
        match text.split_once('-') {
            None => {
                let port = parse_port(text)?;
                Self::new(port, port)
            }
            Some((first, last)) => Self::new(parse_port(first.trim())?, parse_port(last.trim())?),
        }
    }
}

fn parse_port(text: &str) -> Result<u16, PortError> {
    let bad = || PortError::NotAPort(text.chars().take(40).collect());
    // `u16::from_str` takes a leading plus; a port has none.
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(bad()),
        Ok(port) => Ok(port),
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl TryFrom<String> for PortRange {
    type Error = PortError;

    fn try_from(text: String) -> Result<Self, PortError> {
        text.parse()
    }
}

impl From<PortRange> for String {
    fn from(range: PortRange) -> Self {
        range.to_string()
    }
}

/// Ports as sorted ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<PortRange>", into = "Vec<PortRange>")]
pub struct PortSet(Vec<PortRange>);

impl PortSet {
    /// The ranges in ascending order.
    pub fn ranges(&self) -> &[PortRange] {
        &self.0
    }

    /// Whether no port is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `port` is in it.
    pub fn contains(&self, port: u16) -> bool {
        self.0.iter().any(|range| range.contains(port))
    }

    /// The ports that are in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }
}

impl FromIterator<PortRange> for PortSet {
    fn from_iter<I: IntoIterator<Item = PortRange>>(ranges: I) -> Self {
        let mut sorted: Vec<PortRange> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<PortRange> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.first <= last.last.saturating_add(1) => {
                    last.last = last.last.max(range.last);
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }
}

impl From<Vec<PortRange>> for PortSet {
    fn from(ranges: Vec<PortRange>) -> Self {
        ranges.into_iter().collect()
    }
}

impl From<PortSet> for Vec<PortRange> {
    fn from(set: PortSet) -> Self {
        set.0
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, range) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}

/// What a service listens on: ports by protocol. Written `tcp:25565,udp:19132-19133`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServicePorts {
    tcp: PortSet,
    udp: PortSet,
}

impl ServicePorts {
    /// How many ranges one service may name; game servers and file shares stay far below.
    pub const MAX_RANGES: usize = 32;

    /// From ports by protocol.
    ///
    /// # Errors
    /// [`PortError::Empty`] if there is no port at all, [`PortError::TooMany`] beyond [`Self::MAX_RANGES`].
    pub fn new(tcp: PortSet, udp: PortSet) -> Result<Self, PortError> {
        let count = tcp.0.len() + udp.0.len();
        if count == 0 {
            return Err(PortError::Empty);
        }
        if count > Self::MAX_RANGES {
            return Err(PortError::TooMany(Self::MAX_RANGES));
        }
        Ok(Self { tcp, udp })
    }

    /// The ports of one protocol.
    pub fn of(&self, protocol: Protocol) -> &PortSet {
        match protocol {
            Protocol::Tcp => &self.tcp,
            Protocol::Udp => &self.udp,
        }
    }

    /// What is written, in its order.
    pub(crate) fn items(text: &str) -> impl Iterator<Item = Result<(Protocol, PortRange), PortError>> {
        let items = text.split([',', ' ', '\n', '\t', ';']).filter(|item| !item.is_empty());
        items.map(|item| match item.split_once(':') {
            None => Ok((Protocol::Tcp, item.parse()?)),
            Some((name, range)) if name.eq_ignore_ascii_case("tcp") => Ok((Protocol::Tcp, range.parse()?)),
            Some((name, range)) if name.eq_ignore_ascii_case("udp") => Ok((Protocol::Udp, range.parse()?)),
            Some((name, _)) => Err(PortError::NotAProtocol(name.chars().take(40).collect())),
        })
    }

    /// Every range with its protocol, TCP first.
    pub fn iter(&self) -> impl Iterator<Item = (Protocol, PortRange)> + '_ {
        Protocol::ALL.into_iter().flat_map(|p| self.of(p).0.iter().map(move |range| (p, *range)))
    }
}

impl FromStr for ServicePorts {
    type Err = PortError;

    /// Comma or white space separated `[tcp:|udp:]N[-M]`; without a protocol it is TCP.
    fn from_str(text: &str) -> Result<Self, PortError> {
        let (mut tcp, mut udp) = (Vec::new(), Vec::new());
        for item in Self::items(text) {
            match item? {
                (Protocol::Tcp, range) => tcp.push(range),
                (Protocol::Udp, range) => udp.push(range),
            }
        }
        Self::new(tcp.into(), udp.into())
    }
}

impl fmt::Display for ServicePorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (protocol, range)) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{protocol}:{range}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for ServicePorts {
    type Error = PortError;

    fn try_from(text: String) -> Result<Self, PortError> {
        text.parse()
    }
}

impl From<ServicePorts> for String {
    fn from(ports: ServicePorts) -> Self {
        ports.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_merged_sorted_and_written_with_their_protocol() {
        let ports: ServicePorts = "udp:19133, 25565 udp:19132,tcp:25566".parse().unwrap();
        assert_eq!(ports.to_string(), "tcp:25565-25566,udp:19132-19133");
    }

    #[test]
    fn as_json_they_are_the_text_and_read_as_strictly() {
        let ports: ServicePorts = "tcp:25565,udp:19132-19133".parse().unwrap();
        let json = r#""tcp:25565,udp:19132-19133""#;
        assert_eq!(serde_json::to_string(&ports).unwrap(), json);
        assert_eq!(serde_json::from_str::<ServicePorts>(json).unwrap(), ports);
        assert!(serde_json::from_str::<ServicePorts>(r#""tcp:0""#).is_err());
    }

    #[test]
    fn what_is_no_port_is_refused_with_its_reason() {
        let refuse = |text: &str| text.parse::<ServicePorts>().unwrap_err().to_string();
        assert_eq!(refuse("0"), "`0` is not a port; ports are numbers from 1 to 65535");
        assert_eq!(refuse("65536"), "`65536` is not a port; ports are numbers from 1 to 65535");
        assert_eq!(refuse("20-10"), "the range `20-10` runs backwards; write the smaller port first");
        assert_eq!(refuse("sctp:5"), "`sctp` is not a protocol; write tcp or udp");
        assert!(refuse("").starts_with("no port was given"));
        assert!(refuse("+5").contains("not a port"));
    }
}
