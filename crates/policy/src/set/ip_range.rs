//! One inclusive range of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An inclusive range of addresses of one family. Written as the control plane writes it: `10.0.0.1`,
/// `10.0.0.0/8`, or `10.0.0.1-10.0.0.7` where no prefix fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpRange {
    /// IPv4, first and last address as numbers.
    V4(u32, u32),
    /// IPv6, first and last address as numbers.
    V6(u128, u128),
}

/// A text that is neither an address, nor a prefix, nor a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address, a prefix such as 10.0.0.0/8, or a range of addresses")]
pub struct IpRangeError(pub String);

impl IpRange {
    /// All of IPv4.
    pub const ALL_V4: Self = Self::V4(0, u32::MAX);
    /// All of IPv6.
    pub const ALL_V6: Self = Self::V6(0, u128::MAX);

    /// One address.
    pub fn single(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self::V4(v4.to_bits(), v4.to_bits()),
            IpAddr::V6(v6) => Self::V6(v6.to_bits(), v6.to_bits()),
        }
    }

    /// A prefix; host bits are dropped. `None` if the length does not fit the family.
    pub fn prefix(address: IpAddr, length: u8) -> Option<Self> {
        match address {
            IpAddr::V4(v4) if length <= 32 => {
                let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
                Some(Self::V4(v4.to_bits() & !host, v4.to_bits() | host))
            }
            IpAddr::V6(v6) if length <= 128 => {
                let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
                Some(Self::V6(v6.to_bits() & !host, v6.to_bits() | host))
            }
            _ => None,
        }
    }

    /// The fewest prefixes that make up the range, ascending.
    pub(crate) fn prefixes(self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut rest = Some(self);
        while let Some(range) = rest {
            let (first, bits) = (range.first(), if range.first().is_ipv4() { 32 } else { 128 });
            let fits = |prefix: &Self| prefix.first() == first && range.covers(*prefix);
            let mut lengths = (0..=bits).filter_map(|length| Self::prefix(first, length));
            let Some(prefix) = lengths.find(fits) else { break };
            all.push(prefix);
            rest = range.behind(prefix);
        }
        all
    }

    /// What of a range is left behind a part of it.
    fn behind(self, part: Self) -> Option<Self> {
        match (self, part) {
            (Self::V4(_, last), Self::V4(_, end)) if end < last => Some(Self::V4(end + 1, last)),
            (Self::V6(_, last), Self::V6(_, end)) if end < last => Some(Self::V6(end + 1, last)),
            _ => None,
        }
    }

    /// The first address.
    pub fn first(self) -> IpAddr {
        match self {
            Self::V4(first, _) => Ipv4Addr::from_bits(first).into(),
            Self::V6(first, _) => Ipv6Addr::from_bits(first).into(),
        }
    }

    /// The last address.
    pub fn last(self) -> IpAddr {
        match self {
            Self::V4(_, last) => Ipv4Addr::from_bits(last).into(),
            Self::V6(_, last) => Ipv6Addr::from_bits(last).into(),
        }
    }

    /// Whether it is one address only.
    pub fn is_single(self) -> bool {
        self.first() == self.last()
    }

    /// Whether it is all of its family: `0.0.0.0/0` or `::/0`, an exit route.
    pub fn is_everything(self) -> bool {
        self == Self::ALL_V4 || self == Self::ALL_V6
    }

    /// Whether an address lies inside.
    pub fn contains(self, address: IpAddr) -> bool {
        self.covers(Self::single(address))
    }

    /// Whether all of `other` lies inside.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(a, b), Self::V4(c, d)) => a <= c && d <= b,
            (Self::V6(a, b), Self::V6(c, d)) => a <= c && d <= b,
            _ => false,
        }
    }

    /// Whether the two share an address.
    pub fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(a, b), Self::V4(c, d)) => a <= d && c <= b,
            (Self::V6(a, b), Self::V6(c, d)) => a <= d && c <= b,
            _ => false,
        }
    }

    /// The prefix length, if the range is a prefix.
    pub fn prefix_length(self) -> Option<u8> {
        // The differing bits of a prefix are exactly its trailing ones.
        let (bits, zeros, same) = match self {
            Self::V4(a, b) => (
                32,
                (a ^ b).leading_zeros(),
                (a ^ b).trailing_ones() == (a ^ b).count_ones() && a & (a ^ b) == 0,
            ),
            Self::V6(a, b) => (
                128,
                (a ^ b).leading_zeros(),
                (a ^ b).trailing_ones() == (a ^ b).count_ones() && a & (a ^ b) == 0,
            ),
        };
        if same { u8::try_from(zeros.min(bits)).ok() } else { None }
    }

    /// With the prefix length even for one address: `10.0.0.1/32`, as `CapGrant` destinations are written.
    pub fn with_length(self) -> String {
        match self.prefix_length() {
            Some(length) => format!("{}/{length}", self.first()),
            None => self.to_string(),
        }
    }
}

impl FromStr for IpRange {
    type Err = IpRangeError;

    fn from_str(text: &str) -> Result<Self, IpRangeError> {
        let bad = || IpRangeError(text.chars().take(80).collect());
        if let Some((address, length)) = text.split_once('/') {
            let digits = length.len() <= 3 && length.bytes().all(|b| b.is_ascii_digit());
            let leading_zero = length.len() > 1 && length.starts_with('0');
            if !digits || leading_zero {
                return Err(bad());
            }
            let address: IpAddr = address.parse().map_err(|_| bad())?;
            let length: u8 = length.parse().map_err(|_| bad())?;
            return Self::prefix(address, length).ok_or_else(bad);
        }
        if let Some((first, last)) = text.split_once('-') {
            let first: IpAddr = first.parse().map_err(|_| bad())?;
            let last: IpAddr = last.parse().map_err(|_| bad())?;
            return match (Self::single(first), Self::single(last)) {
                (Self::V4(a, _), Self::V4(b, _)) if a <= b => Ok(Self::V4(a, b)),
                (Self::V6(a, _), Self::V6(b, _)) if a <= b => Ok(Self::V6(a, b)),
                _ => Err(bad()),
            };
        }
        text.parse().map(Self::single).map_err(|_| bad())
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix_length() {
            _ if self.is_single() => self.first().fmt(f),
            Some(length) => write!(f, "{}/{length}", self.first()),
            None => write!(f, "{}-{}", self.first(), self.last()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_the_shortest_way() {
        let same = |text: &str| assert_eq!(text.parse::<IpRange>().unwrap().to_string(), text);
        same("10.0.0.0/8");
        same("0.0.0.0/0");
        same("::/0");
        same("fd7a:115c:a1e0::/48");
        same("100.64.0.0-100.115.91.255");
        same("10.0.0.1");
        assert_eq!("10.0.0.1/32".parse::<IpRange>().unwrap().to_string(), "10.0.0.1");
        assert_eq!("10.0.0.0-10.255.255.255".parse::<IpRange>().unwrap().to_string(), "10.0.0.0/8");
        assert_eq!("10.0.0.1-10.0.0.2".parse::<IpRange>().unwrap().to_string(), "10.0.0.1-10.0.0.2");
        assert_eq!("fd00::1".parse::<IpRange>().unwrap().with_length(), "fd00::1/128");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "1.2.3.4-1.2.3.3",
            "1.2.3.4-::1",
            "01.2.3.4",
            "10.0.0.0/08",
            "10.0.0.0/+8",
        ] {
            assert!(bad.parse::<IpRange>().is_err(), "{bad}");
        }
    }
}
