//! Enums of a few words: what is stored, what forms send and what a log says is one word for each.

/// The text is none of the words of an enum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {noun}")]
pub struct WordError {
    /// What it should have been.
    pub noun: &'static str,
    /// What it is.
    pub text: String,
}

/// An enum with a word for each of its values: `as_str`, [`Display`](std::fmt::Display) and
/// [`FromStr`](std::str::FromStr) go by it, and so does its JSON.
macro_rules! words {
    (
        $(#[$of_enum:meta])*
        $name:ident, $noun:literal:
        $($(#[$of_word:meta])* $variant:ident = $word:literal,)+
    ) => {
        $(#[$of_enum])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$of_word])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// As stored.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::WordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|word| word.as_str() == text);
                known.ok_or_else(|| $crate::words::WordError { noun: $noun, text: text.to_owned() })
            }
        }
    };
}

pub(crate) use words;
