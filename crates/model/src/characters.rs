//! What may stand in a text that people are to read, and which texts look alike.
//!
//! The rules are those of Unicode Technical Standard #39, Unicode Security Mechanisms (<https://www.unicode.org/reports/tr39/>).

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{
    GeneralCategory, GeneralCategoryGroup, UnicodeEmoji as _, UnicodeGeneralCategory as _,
};
use unicode_script::{Script, UnicodeScript as _};
use unicode_security::mixed_script::AugmentedScriptSet;

/// So many marks may stand over one letter (UTS 39, section 5.4): more of them cover the lines around.
const MOST_MARKS: usize = 4;

/// The place of the first character that shows nothing, or changes how the text around it reads: controls, formats,
/// fillers, what Unicode has no meaning for. Joiners count as none between letters or emoji, where words and families
/// need them; nor does a selector of a letter's or an emoji's form behind it.
pub fn first_hidden(chars: &[char], line_breaks: bool) -> Option<usize> {
    (0..chars.len()).find(|&at| {
        let (before, c) = (&chars[..at], chars[at]);
        match c {
            '\n' => !line_breaks,
            '\u{200c}' | '\u{200d}' => !(carries(base(before)) && carries(chars.get(at + 1).copied())),
            // Variation selectors.
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}' | '\u{180f}' => {
                !before
                    .last()
                    .is_some_and(|last| carries(Some(*last)) || last.is_ascii_digit() || is_mark(*last))
            }
            // Letters, marks and a symbol that show nothing.
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}'
            | '\u{ffa0}' => true,
            _ if is_mark(c) => {
                before.len() >= MOST_MARKS && before[before.len() - MOST_MARKS..].iter().all(|c| is_mark(*c))
            }
            _ => matches!(
                c.general_category(),
                GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
                    | GeneralCategory::PrivateUse
                    | GeneralCategory::Surrogate
                    | GeneralCategory::Unassigned
            ),
        }
    })
}

/// Whether anything of it can be seen.
pub fn is_visible(text: &str) -> bool {
    use GeneralCategoryGroup::{Letter, Number, Punctuation, Symbol};
    text.chars().any(|c| matches!(c.general_category_group(), Letter | Number | Punctuation | Symbol))
}

/// Composed (NFC), each run of spaces of any kind as one, none around it.
pub fn tidy(text: &str) -> String {
    let space = |c: char| c.general_category() == GeneralCategory::SpaceSeparator;
    text.nfc().collect::<String>().split(space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The alphabets of a text that mixes them more than UTS 39 calls "highly restrictive" (section 5.2): one script, or
/// Latin with the scripts of Japanese, Chinese or Korean. Empty if it does not.
pub fn mixed_scripts(text: &str) -> Vec<&'static str> {
    let (mut all, mut beside_latin) = (AugmentedScriptSet::default(), AugmentedScriptSet::default());
    for c in text.chars() {
        let scripts = AugmentedScriptSet::from(c);
        all.intersect_with(scripts);
        if !scripts.base.contains_script(Script::Latin) {
            beside_latin.intersect_with(scripts);
        }
    }
    if !all.is_empty() || beside_latin.hanb || beside_latin.jpan || beside_latin.kore {
        return Vec::new();
    }
    let mut names = Vec::new();
    for script in text.chars().map(|c| c.script()) {
        let name = script.full_name();
        if !matches!(script, Script::Common | Script::Inherited) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether two names can be taken for each other (UTS 39, section 4: their skeletons are equal), with their letters as
/// they are or with capitals as small ones.
pub fn look_alike(one: &str, other: &str) -> bool {
    looks(one).iter().zip(looks(other)).any(|(one, other)| *one == other)
}

/// Which of these names can be taken for another of them.
pub fn alike(names: &[&str]) -> Vec<bool> {
    let looks: Vec<[String; 2]> = names.iter().map(|name| looks(name)).collect();
    let mut found: [HashMap<&str, usize>; 2] = Default::default();
    for look in &looks {
        for (found, look) in found.iter_mut().zip(look) {
            *found.entry(look).or_default() += 1;
        }
    }
    let has_double =
        |look: &[String; 2]| found.iter().zip(look).any(|(found, look)| found[look.as_str()] > 1);
    looks.iter().map(has_double).collect()
}

/// Of which version of Unicode's tables [`looks`] are: others may look otherwise.
pub const LOOKS: (u64, u64, u64) = unicode_security::UNICODE_VERSION;

/// What a name looks like, with its letters as they are and with capitals as small ones. Two names [`look_alike`] if
/// they are equal in either.
pub fn looks(name: &str) -> [String; 2] {
    let skeleton = |text: &str| unicode_security::skeleton(text).collect::<String>();
    let name = tidy(name);
    [skeleton(&name), skeleton(&name.to_lowercase())]
}

/// The last character that is not a mark on one before it.
fn base(chars: &[char]) -> Option<char> {
    let on_another = |c: &char| is_mark(*c) || matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    chars.iter().rev().find(|c| !on_another(c)).copied()
}

fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// A letter, or an emoji: digits count as emoji to Unicode, and are none here.
fn carries(c: Option<char>) -> bool {
    c.is_some_and(|c| {
        c.general_category_group() == GeneralCategoryGroup::Letter || (!c.is_ascii() && c.is_emoji_char())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Option<usize> {
        first_hidden(&text.chars().collect::<Vec<_>>(), false)
    }

    #[test]
    fn a_joiner_stands_between_letters_or_emoji_only() {
        for fine in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "👨🏽\u{200d}🦰",
            "1\u{fe0f}\u{20e3}",
        ] {
            assert_eq!(hidden(fine), None, "{fine}");
        }
        for (bad, at) in [
            ("\u{200d}a", 0),
            ("a\u{200d}", 1),
            ("a \u{200c}b", 2),
            ("a\u{200d}\u{200d}b", 1),
            ("1\u{200d}2", 1),
        ] {
            assert_eq!(hidden(bad), Some(at), "{bad:?}");
        }
    }

    #[test]
    fn a_selector_of_a_form_stands_behind_what_has_forms_only() {
        for fine in ["❤\u{fe0f}", "葛\u{e0100}", "ᠠ\u{180b}", "1\u{fe0f}"] {
            assert_eq!(hidden(fine), None, "{fine}");
        }
        for (bad, at) in [("\u{fe0f}a", 0), ("a \u{fe0f}", 2), ("-\u{e0100}", 1), (" \u{180f}", 1)] {
            assert_eq!(hidden(bad), Some(at), "{bad:?}");
        }
    }

    #[test]
    fn what_shows_nothing_or_turns_the_text_is_found() {
        let bad = [
            '\u{0}',
            '\u{7}',
            '\n',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200e}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{2066}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e000}',
            '\u{e0041}',
            '\u{3164}',
            '\u{115f}',
            '\u{ffff}',
        ];
        for c in bad {
            assert_eq!(hidden(&format!("a{c}b")), Some(1), "U+{:04X}", u32::from(c));
        }
        assert_eq!(hidden("a\u{301}\u{302}\u{303}\u{304}"), None);
        assert_eq!(hidden("a\u{301}\u{302}\u{303}\u{304}\u{305}"), Some(5), "marks over marks over marks");
    }

    #[test]
    fn alphabets_are_mixed_as_languages_mix_them() {
        for fine in [
            "Ana",
            "Анна Иванова",
            "Ἀθηνᾶ",
            "美咲のサーバー Minecraft",
            "서버 Forge",
            "書坊ㄅㄆ",
            "Zoë O’Brien-3 🎮",
            "שלום 2",
        ] {
            assert_eq!(mixed_scripts(fine), [""; 0], "{fine}");
        }
        assert_eq!(mixed_scripts("P\u{430}ypal"), ["Latin", "Cyrillic"]);
        assert_eq!(mixed_scripts("Αlice"), ["Greek", "Latin"]);
        assert!(!mixed_scripts("サーバーД").is_empty());
    }

    #[test]
    fn names_that_can_be_taken_for_each_other_look_alike() {
        for (a, b) in [
            ("Ana", "Аna"),
            ("Alice", "AIice"),
            ("ana", "Ana"),
            ("Mirna", "Mima"),
            ("O0", "OO"),
            ("Ana B", "Ana\u{a0} B"),
        ] {
            assert!(look_alike(a, b), "{a} {b}");
        }
        for (a, b) in [("Ana", "Anna"), ("Ben", "Bea"), ("Zoe", "Zoë")] {
            assert!(!look_alike(a, b), "{a} {b}");
        }
        assert_eq!(alike(&["Ana", "Ben", "\u{410}na", "AIice", "Alice"]), [true, false, true, true, true]);
    }
}
