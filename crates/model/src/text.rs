//! Text typed by people: bounded, and all of it can be seen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::characters::{first_hidden, is_visible, mixed_scripts, tidy};

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
    /// A character that shows nothing or turns the reading direction.
    #[error("it has a character that cannot be shown ({0}); remove it")]
    Control(String),
    /// An angle bracket in a name.
    #[error("a name cannot have < or > in it; write it without")]
    Bracket,
    /// Letters of alphabets that are not written together: `a` of one looks like `а` of the other.
    #[error("it mixes {}, and letters of one can look like letters of the other; write it in one alphabet", .0.join(" and "))]
    Alphabets(Vec<&'static str>),
}

/// With a capital letter, as at the beginning of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A text as a sentence: errors begin in lower case and have no full stop, other people's words end as they like.
pub fn sentence(text: &str) -> String {
    let text = capitalised(text);
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// What every typed text must keep, as it is stored.
fn check(text: &str, max: usize, line_breaks: bool) -> Result<String, TextError> {
    let text = text.trim().replace("\r\n", "\n");
    let len = text.chars().count();
    if len > max {
        return Err(TextError::TooLong { max, len });
    }
    let chars: Vec<char> = text.chars().collect();
    match first_hidden(&chars, line_breaks) {
        Some(at) => Err(TextError::Control(format!("U+{:04X}", u32::from(chars[at])))),
        None => Ok(text),
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, max $max:literal, parsed $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest, in characters.
            pub const MAX: usize = $max;

            /// As it is kept: trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                let parse: fn(&str) -> Result<String, TextError> = $parse;
                parse(text).map(Self)
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
    /// A name of a person, service or tailnet that somebody typed: one line of at most 80 characters, not empty, without
    /// `<` and `>`, without what cannot be seen, in one alphabet (UTS 39, "highly restrictive").
    Name, max 80, parsed |text| {
        let name = tidy(&check(text, Name::MAX, false)?);
        if name.contains(['<', '>']) {
            return Err(TextError::Bracket);
        }
        if !is_visible(&name) {
            return Err(TextError::Empty);
        }
        match mixed_scripts(&name) {
            mixed if mixed.is_empty() => Ok(name),
            mixed => Err(TextError::Alphabets(mixed)),
        }
    }
}

text! {
    /// A note or a description: lines allowed, at most 2,000 characters, may be empty.
    Note, max 2000, parsed |text| check(text, Note::MAX, true)
}

impl Name {
    /// What is left of a name that somebody else's program gave, such as a provider of sign-in: nobody typed it here, so
    /// nobody is asked to write it better. Where it mixes alphabets, its first words in one. Nothing if nothing is left.
    pub fn cleaned(text: &str) -> Option<Self> {
        let line = one_line(&text.replace(['<', '>'], ""), Self::MAX);
        let words: Vec<&str> = line.trim_end_matches('…').split(' ').collect();
        (1..=words.len()).rev().find_map(|count| words[..count].join(" ").parse().ok())
    }
}

/// A text of another program as one line that can be shown: what shows nothing or turns the text is left out, spaces are
/// joined, and what is longer than `longest` characters ends with `…`.
pub fn one_line(text: &str, longest: usize) -> String {
    // What comes behind that many characters is not looked at: a megabyte of nothing is nothing.
    let window = longest.saturating_mul(4);
    let start = text.chars().take(window).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let line = tidy(&shown(start));
    let cut = line.chars().count() > longest || text.chars().nth(window).is_some();
    let line = shown(line.chars().take(longest).collect());
    format!("{}{}", line.trim_end(), if cut { "…" } else { "" })
}

fn shown(mut chars: Vec<char>) -> String {
    while let Some(at) = first_hidden(&chars, false) {
        chars.remove(at);
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_one_visible_line() {
        let name = |text: &str| text.parse::<Name>().map(String::from);
        assert_eq!(name("  Minecraft ").unwrap(), "Minecraft");
        assert_eq!(name("Ana\u{a0} \u{3000}B").unwrap(), "Ana B");
        assert_eq!(name("Zoe\u{308}").unwrap(), "Zoë");
        for empty in ["", " \u{3000} ", "\u{301}"] {
            assert_eq!(name(empty), Err(TextError::Empty), "{empty:?}");
        }
        for (text, sign) in
            [("a\u{7}b", "U+0007"), ("a\u{202e}b", "U+202E"), ("a\nb", "U+000A"), ("a\u{200b}b", "U+200B")]
        {
            assert_eq!(name(text), Err(TextError::Control(sign.into())));
        }
        for text in ["<b>", "a<", ">"] {
            assert_eq!(name(text), Err(TextError::Bracket));
        }
        assert_eq!(name("P\u{430}ypal"), Err(TextError::Alphabets(vec!["Latin", "Cyrillic"])));
        assert_eq!(name(&"x".repeat(81)), Err(TextError::TooLong { max: 80, len: 81 }));
        for fine in ["O’Brien & Söhne \"3\"", "美咲 Minecraft", "👩\u{200d}👧 🎮", "می\u{200c}خواهم"]
        {
            assert_eq!(name(fine).unwrap(), fine);
        }
        assert_eq!("a\r\nb <3".parse::<Note>().unwrap().as_str(), "a\nb <3");
        assert!("a\u{202e}b".parse::<Note>().is_err());
    }

    #[test]
    fn a_name_from_elsewhere_is_made_fit_or_nothing_is_left() {
        let cleaned = |text: &str| Name::cleaned(text).map(String::from);
        assert_eq!(cleaned("</title><script>Ana").as_deref(), Some("/titlescriptAna"));
        assert_eq!(cleaned("\u{202e}Ana\u{0}\n Maria\u{200d}").as_deref(), Some("Ana Maria"));
        assert_eq!(cleaned("Anna Ивановна").as_deref(), Some("Anna"));
        assert_eq!(cleaned(&"x".repeat(1_000_000)).map(|name| name.len()), Some(80));
        for nothing in ["", "<>", "\u{200b}", "P\u{430}ypal"] {
            assert_eq!(cleaned(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_text_of_a_program_is_one_short_line() {
        assert_eq!(one_line(" a\t\u{202e}b\r\n c\0 ", 50), "a b c");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("abc", 3), "abc");
        assert_eq!(one_line("ab\u{200d}c", 3), "ab…", "no joiner joins nothing");
        assert_eq!(one_line(&"\u{202e}".repeat(1_000_000), 3), "…");
    }

    proptest! {
        #[test]
        fn whatever_a_program_says_can_be_shown(text in any::<String>()) {
            let line = one_line(&text, 20);
            prop_assert!(line.chars().count() <= 21);
            prop_assert_eq!(first_hidden(&line.chars().collect::<Vec<_>>(), false), None);
            if let Some(name) = Name::cleaned(&text) {
                prop_assert_eq!(Ok(name.clone()), name.as_str().parse());
            }
        }

        #[test]
        fn what_is_accepted_once_is_accepted_as_it_is_kept(text in "\\PC{0,12}") {
            if let Ok(name) = text.parse::<Name>() {
                prop_assert_eq!(Ok(name.clone()), name.as_str().parse());
            }
        }
    }
}
