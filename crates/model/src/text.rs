//! Text typed by people: bounded, without control characters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a typed text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Only white space.
    #[error("please write something here")]
    Empty,
    /// Over the limit, in characters.
    #[error("at most {max} characters, this has {len}")]
    TooLong {
        /// The limit.
        max: usize,
        /// What was given.
        len: usize,
    },
    /// A control character or a character that turns the reading direction.
    #[error("it has a character that cannot be shown ({0}); remove it")]
    Control(String),
}

fn check(text: &str, max: usize, line_breaks: bool) -> Result<String, TextError> {
    let text = text.trim().replace("\r\n", "\n");
    let len = text.chars().count();
    if len > max {
        return Err(TextError::TooLong { max, len });
    }
    let hidden = |c: &char| {
        (c.is_control() && !(line_breaks && *c == '\n'))
            || matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    match text.chars().find(hidden) {
        Some(c) => Err(TextError::Control(format!("U+{:04X}", u32::from(c)))),
        None => Ok(text),
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, max $max:literal, empty $empty:literal, lines $lines:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest, in characters.
            pub const MAX: usize = $max;

            /// As it was written, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                let text = check(text, $max, $lines)?;
                if text.is_empty() && !$empty {
                    return Err(TextError::Empty);
                }
                Ok(Self(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, TextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

text! {
    /// A name of a person, service or tailnet: one line, at most 80 characters, not empty.
    Name, max 80, empty false, lines false
}
text! {
    /// A note or a description: lines allowed, at most 2,000 characters, may be empty.
    Note, max 2000, empty true, lines true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_visible_line() {
        assert_eq!("  Minecraft ".parse::<Name>().unwrap().as_str(), "Minecraft");
        assert_eq!("".parse::<Name>(), Err(TextError::Empty));
        assert_eq!("a\u{7}b".parse::<Name>(), Err(TextError::Control("U+0007".into())));
        assert_eq!("a\u{202e}b".parse::<Name>(), Err(TextError::Control("U+202E".into())));
        assert_eq!("a\nb".parse::<Name>(), Err(TextError::Control("U+000A".into())));
        assert_eq!("x".repeat(81).parse::<Name>(), Err(TextError::TooLong { max: 80, len: 81 }));
        assert_eq!("a\r\nb".parse::<Note>().unwrap().as_str(), "a\nb");
    }
}
