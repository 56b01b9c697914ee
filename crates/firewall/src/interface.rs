//! The name of the tailnet interface on the host.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network interface name: 1 to 15 of `A-Z a-z 0-9 _ . -`, no wildcard.
///
/// Linux allows more (15 bytes, `IFNAMSIZ` less one); the rest means something to a shell, to Nix or to nft.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interface(String);

/// The text is no interface name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an interface name; write 1 to 15 letters, digits, dots, dashes or underscores, such as tailscale0"
)]
pub struct InterfaceError(String);

impl Interface {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Interface {
    type Err = InterfaceError;

    fn from_str(text: &str) -> Result<Self, InterfaceError> {
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        // A leading dash would be read as an option by every command; `.` and `..` are no names in sysfs.
        let named = !text.starts_with('-') && text != "." && text != "..";
        if (1..=15).contains(&text.len()) && text.bytes().all(fine) && named {
            Ok(Self(text.to_owned()))
        } else {
            Err(InterfaceError(text.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Interface {
    type Error = InterfaceError;

    fn try_from(text: String) -> Result<Self, InterfaceError> {
        text.parse()
    }
}

impl From<Interface> for String {
    fn from(interface: Interface) -> Self {
        interface.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_name_cannot_mean_anything_else() {
        for good in ["tailscale0", "ts.7", "wg-home_1"] {
            assert!(good.parse::<Interface>().is_ok(), "{good}");
        }
        for bad in
            ["", "tailscale*", "-A", "a b", "tailscale0\"", "$(x)", "0123456789abcdef", "tail/0", "..", "é"]
        {
            assert!(bad.parse::<Interface>().is_err(), "{bad}");
        }
    }
}
