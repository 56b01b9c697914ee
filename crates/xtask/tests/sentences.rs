//! Sentences for people are made in `server/src/words` and nowhere else: whoever decides hands over what they are made of.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What decides and does, and so has no sentences of its own.
const ROOMS: &[&str] = &["use_cases", "jobs", "shares"];

/// A title or a name may be that long.
const MOST_WORDS: usize = 3;

/// Macros whose texts are for the log, for whoever breaks a promise of ours, or for a test.
const NOT_FOR_PEOPLE: &[&str] = &[
    "anyhow",
    "assert",
    "bail",
    "debug",
    "debug_assert",
    "error",
    "info",
    "panic",
    "trace",
    "unreachable",
    "warn",
];

/// Functions of whose texts the same is true.
const FOR_THE_LOG: &[&str] = &["context", "expect", "internal", "or_internal", "with_context"];

fn server() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/src")
}

/// Every source text below a folder or file, with its path as seen from `server/src`.
fn sources(room: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut next = vec![room.to_path_buf(), room.with_extension("rs")];
    while let Some(path) = next.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            next.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") && path.exists() {
            let name = path.strip_prefix(server()).expect("below").to_string_lossy().into_owned();
            all.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
    all
}

/// The text literals of a source that a person could read.
fn literals(name: &str, text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut found = Vec::new();
    walk(tokens, &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<String>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, mark: char| matches!(all.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
    let mut at = 0;
    while let Some(token) = all.get(at) {
        at += 1;
        match token {
            // Attributes, and doc comments, which are attributes too.
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                at += usize::from(is(at, '!'));
                at += usize::from(matches!(all.get(at), Some(TokenTree::Group(_))));
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let skipped = if is(at, '!') && NOT_FOR_PEOPLE.iter().any(|name| word.starts_with(name)) {
                    at + 1
                } else if FOR_THE_LOG.contains(&word.as_str()) {
                    at
                } else if word == "mod"
                    && matches!(all.get(at), Some(TokenTree::Ident(name)) if name == "tests")
                {
                    at + 1
                } else {
                    continue;
                };
                if matches!(all.get(skipped), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Bracket)
                {
                    at = skipped + 1;
                }
            }
            TokenTree::Group(group) => walk(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.starts_with('"') || text.starts_with("r\"") || text.starts_with("r#") {
                    found.push(text);
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// How many words it has. What is made of other texts only has none.
fn words(text: &str) -> usize {
    let text = text.trim_matches('"').replace("\\n", " ");
    let words = text.split_whitespace().filter(|word| *word != "\\");
    let own = |word: &str| {
        word.split('{').any(|part| part.rsplit('}').next().unwrap_or(part).contains(char::is_alphabetic))
    };
    if words.clone().any(own) { words.count() } else { 0 }
}

#[test]
fn sentences_stand_in_the_modules_of_words() {
    let rooms = ROOMS.iter().flat_map(|room| sources(&server().join(room)));
    let long = rooms.flat_map(|(name, text)| {
        let all = literals(&name, &text).into_iter();
        let long = all.filter(|text| words(text) > MOST_WORDS);
        long.map(|text| format!("{name}: {text}")).collect::<Vec<_>>()
    });
    let long: Vec<String> = long.collect();
    assert!(long.is_empty(), "{} texts are for `server/src/words`: {long:#?}", long.len());
}

#[test]
fn that_nothing_was_changed_is_said_in_one_place() {
    let rooms = ROOMS.iter().chain(&["hosts", "words"]).flat_map(|room| sources(&server().join(room)));
    let said = rooms.flat_map(|(name, text)| {
        let all = literals(&name, &text).into_iter();
        all.filter(|text| text.contains("othing was changed")).map(move |text| format!("{name}: {text}"))
    });
    let said: Vec<String> = said.collect();
    assert!(said.is_empty(), "`Changed` says it, behind the words of the fault: {said:#?}");
}

#[test]
fn a_text_is_found_wherever_it_stands_but_in_a_log_or_a_test() {
    let source = r#"
        //! A comment of some more words.
        /// A comment of some more words.
        #[must_use = "an attribute of some more words"]
        fn one() -> String {
            tracing::warn!("a line of the log about {it}");
            read().or_internal("read what is read here").expect("it is always there somehow");
            let all = vec![format!("{who} may not come in.")];
            if short { "three words only".into() } else { other("this one is a sentence") }
        }
        mod tests { const WHY: &str = "a text in a test module"; }
    "#;
    let found = literals("", source);
    assert_eq!(found, ["\"{who} may not come in.\"", "\"three words only\"", "\"this one is a sentence\""]);
}
