//! Whose language a policy is written in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Reading;

/// The language of a control plane. The file looks the same in each; what is taken and what it means differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// The hosted control plane.
    #[default]
    #[serde(rename = "tailscale")]
    Tailscale,
    /// Headscale 0.28: no grants, no tests, and one address stands for both of its machine.
    #[serde(rename = "headscale-0.28")]
    Headscale028,
    /// Headscale 0.29, and what is known of 0.30.
    #[serde(rename = "headscale-0.29")]
    Headscale029,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tailscale, Self::Headscale028, Self::Headscale029];

    /// Its name, as it is given on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tailscale => "tailscale",
            Self::Headscale028 => "headscale-0.28",
            Self::Headscale029 => "headscale-0.29",
        }
    }

    /// Whether it is one of Headscale's.
    pub const fn is_headscale(self) -> bool {
        !matches!(self, Self::Tailscale)
    }

    /// A text of this dialect that is read in one of the two ways.
    pub const fn read(self, reading: Reading) -> Language {
        Language { dialect: self, reading }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no dialect has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no dialect; there are tailscale, headscale-0.28 and headscale-0.29")]
pub struct DialectError(pub String);

impl FromStr for Dialect {
    type Err = DialectError;

    fn from_str(text: &str) -> Result<Self, DialectError> {
        let named = Self::ALL.into_iter().find(|dialect| dialect.name() == text);
        named.ok_or_else(|| DialectError(text.chars().take(80).collect()))
    }
}

/// How a policy text is understood: whose language it is in, and what follows from a name that is not known. Wherever one
/// is asked for, a [`Reading`] alone means Tailscale's language, and a [`Dialect`] alone a text that is proposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Language {
    /// Whose language.
    pub dialect: Dialect,
    /// Proposed or in force.
    pub reading: Reading,
}

impl From<Reading> for Language {
    fn from(reading: Reading) -> Self {
        Dialect::Tailscale.read(reading)
    }
}

impl From<Dialect> for Language {
    fn from(dialect: Dialect) -> Self {
        dialect.read(Reading::Proposed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_known_by_its_name() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
            assert_eq!(serde_json::to_value(dialect).unwrap(), dialect.name());
        }
        assert!("headscale".parse::<Dialect>().unwrap_err().to_string().contains("headscale-0.29"));
    }
}
