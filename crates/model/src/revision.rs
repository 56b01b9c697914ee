//! The number of a firewall text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which of a machine's firewall texts: each one that says something else has the next number, from 1 on. It stands in
/// the text, in the rules that a host has in force, and in what the host says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(u32);

impl Revision {
    /// Before the first text; of a host: no text of ours is in force.
    pub const NONE: Self = Self(0);

    /// From its number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether there is no text.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// That of the text which comes after this one. Nobody makes four thousand million of them.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// So many before, or none.
    #[must_use]
    pub const fn before(self, count: u32) -> Self {
        Self(self.0.saturating_sub(count))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Revision {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_up_from_one_and_never_below_none() {
        let first = Revision::NONE.next();
        assert!(Revision::NONE.is_none() && !first.is_none());
        assert_eq!((first.number(), first.next().number()), (1, 2));
        assert_eq!(first.next().before(1), first);
        assert_eq!(first.before(200), Revision::NONE);
        assert_eq!(first.to_string(), "1");
        assert_eq!("7".parse(), Ok(Revision::new(7)));
        for nothing in ["", "-1", "4294967296", "7 "] {
            assert!(nothing.parse::<Revision>().is_err(), "{nothing}");
        }
    }
}
