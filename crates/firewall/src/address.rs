//! Addresses that a device in a tailnet can have.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One device address: in 100.64.0.0/10 without the reserved ranges, or in `fd7a:115c:a1e0::/48`.
///
/// The ranges and reservations are Tailscale's (<https://tailscale.com/kb/1015/100.x-addresses>,
/// <https://tailscale.com/kb/1304/ip-pool>); Headscale uses the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TailnetAddress(IpAddr);

/// Why a text is no device address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A name, a prefix, a zone, or no address at all.
    #[error(
        "`{0}` is not one address; write it like 100.64.0.20 or fd7a:115c:a1e0::20, without a prefix length"
    )]
    NotAnAddress(String),
    /// An address in a form that does not compare equal as text.
    #[error("`{given}` is not in its canonical form; write `{canonical}`")]
    NotCanonical {
        /// What was written.
        given: String,
        /// How to write it.
        canonical: String,
    },
    /// Not a tailnet's.
    #[error("`{0}` is no tailnet address; those lie in 100.64.0.0/10 or fd7a:115c:a1e0::/48")]
    Outside(IpAddr),
    /// A tailnet's, but never a device's.
    #[error("`{0}` is reserved and never the address of a device")]
    Reserved(IpAddr),
}

impl TailnetAddress {
    /// Checks that `address` can be a device's.
    ///
    /// # Errors
    /// [`AddressError::Outside`] and [`AddressError::Reserved`].
    pub fn new(address: IpAddr) -> Result<Self, AddressError> {
        let (inside, reserved) = match address {
            IpAddr::V4(v4) => match v4.octets() {
                [100, b, c, d] => {
                    // MagicDNS, and the range that ChromeOS containers use.
                    let reserved = [b, c, d] == [100, 100, 100] || (b == 115 && c & 0xfe == 92);
                    (b & 0xc0 == 64, reserved)
                }
                _ => (false, false),
            },
            IpAddr::V6(v6) => match v6.segments() {
                // The prefix itself, and MagicDNS.
                [0xfd7a, 0x115c, 0xa1e0, 0, 0, 0, 0, last] => (true, matches!(last, 0 | 0x53)),
                [0xfd7a, 0x115c, 0xa1e0, ..] => (true, false),
                _ => (false, false),
            },
        };
        if !inside {
            return Err(AddressError::Outside(address));
        }
        if reserved {
            return Err(AddressError::Reserved(address));
        }
        Ok(Self(address))
    }

    /// The plain address.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// Which family it belongs to.
    pub const fn family(self) -> Family {
        match self.0 {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }

    /// As a number, for ranges within one family.
    pub(crate) fn bits(self) -> u128 {
        match self.0 {
            IpAddr::V4(v4) => u128::from(u32::from(v4)),
            IpAddr::V6(v6) => u128::from(v6),
        }
    }
}

/// An IP family. Rules are always written for both: an IPv4-only guard leaves IPv6 open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    pub(crate) const ALL: [Self; 2] = [Self::V4, Self::V6];
}

impl FromStr for TailnetAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address: IpAddr =
            text.parse().map_err(|_| AddressError::NotAnAddress(text.chars().take(60).collect()))?;
        // `Display` follows RFC 5952, which is also how tailscaled writes addresses.
        let canonical = address.to_string();
        let address = Self::new(address)?;
        if text != canonical {
            return Err(AddressError::NotCanonical { given: text.to_owned(), canonical });
        }
        Ok(address)
    }
}

impl fmt::Display for TailnetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for TailnetAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<TailnetAddress> for String {
    fn from(address: TailnetAddress) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_a_device_can_have_are_taken() {
        for good in ["100.64.0.1", "100.127.255.254", "100.115.94.1", "100.100.100.101", "fd7a:115c:a1e0::20"]
        {
            assert_eq!(good.parse::<TailnetAddress>().unwrap().to_string(), good);
        }
        let outside =
            ["100.63.255.255", "100.128.0.1", "10.0.0.1", "fd7a:115c:a1e1::1", "::ffff:100.64.0.20", "::1"];
        for bad in outside {
            assert!(matches!(bad.parse::<TailnetAddress>(), Err(AddressError::Outside(_))), "{bad}");
        }
        for bad in ["100.100.100.100", "100.115.92.1", "100.115.93.255", "fd7a:115c:a1e0::53"] {
            assert!(matches!(bad.parse::<TailnetAddress>(), Err(AddressError::Reserved(_))), "{bad}");
        }
    }

    #[test]
    fn prefixes_names_and_other_spellings_are_refused() {
        for bad in ["100.64.0.20/10", "100.064.0.20", "localhost", "", " 100.64.0.20", "fe80::1%eth0", "1e9"]
        {
            assert!(matches!(bad.parse::<TailnetAddress>(), Err(AddressError::NotAnAddress(_))), "{bad}");
        }
        let error = "FD7A:115C:A1E0:0::20".parse::<TailnetAddress>().unwrap_err().to_string();
        assert_eq!(error, "`FD7A:115C:A1E0:0::20` is not in its canonical form; write `fd7a:115c:a1e0::20`");
    }
}
