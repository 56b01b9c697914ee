//! Small changes to a text that keep everything else, and can be taken back to the byte.
//!
//! [`insert_element`] and [`insert_member`] add an entry behind the last one, in the style of the text around it:
//! its indentation, its line ends, a trailing comma or none. [`remove_element`] and [`remove_member`] take out an
//! entry with its comments and separators. Nothing needs to be remembered in between: taking out what was put in
//! gives the same bytes back, also when other parts were edited meanwhile.
//!
//! ```
//! use hujson::edit;
//!
//! let text = "{\n  // who may reach what\n  \"grants\": [\n    \"first\" // mine\n  ],\n}\n";
//! let shared = edit::insert_element(text, "/grants", Some("share 7"), "\"second\"")?;
//! assert_eq!(
//!     shared.text,
//!     "{\n  // who may reach what\n  \"grants\": [\n    \"first\", // mine\n    // share 7\n    \"second\"\n  ],\n}\n"
//! );
//! assert_eq!(edit::remove_element(&shared.text, "/grants", 1)?.text, text);
//! # Ok::<(), hujson::edit::EditError>(())
//! ```
//!
//! ## How the way back is found
//!
//! - In an object or array with line breaks between its entries, a new entry gets lines of its own, right below the
//!   line of the last entry: a `//` comment and the entry. What stood between the last entry and the closing bracket
//!   stays below. Taking out removes the lines of the entry, the comment lines directly above it and a comment
//!   behind it on its line.
//! - If the last entry is set off from the one before it by an empty line, the new entry is as well, and the empty
//!   line goes with it.
//! - In one without line breaks, the new entry goes right behind the last one (or its trailing comma), with a
//!   `/* */` comment before it; taking out removes everything from the comma before to the entry's end.
//! - Where the last entry has no trailing comma, it gets one and the new one has none; taking out a last entry
//!   without trailing comma takes the comma before it along.

mod entries;
mod insertion;
mod removal;
mod style;

use std::ops::Range;

use thiserror::Error;

use crate::{Kind, Literal, Member, ParseError, PointerError, Value, parse_str};
use entries::Entries;
use insertion::Entry;

/// A change to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The parts of the old text that change, from front to back.
    pub splices: Vec<Splice>,
    /// The new text.
    pub text: String,
}

/// One part of a text and what comes in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Bytes of the old text.
    pub range: Range<usize>,
    /// What stands there in the new text.
    pub replacement: String,
}

/// Why a text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// The text is not HuJSON.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The new value is not HuJSON.
    #[error("new value: {0}")]
    Value(ParseError),
    /// The new value has a comment around it, which would be lost.
    #[error(
        "new value has a comment around it: put the comment inside, or pass it as the comment of the entry"
    )]
    Around,
    /// The pointer leads nowhere.
    #[error("`{pointer}`: {error}")]
    Pointer {
        /// The pointer.
        pointer: String,
        /// What is wrong with it.
        error: PointerError,
    },
    /// The pointer leads to something else than the edit works on.
    #[error("`{pointer}` is not an {expected}: edit it by hand")]
    Kind {
        /// The pointer.
        pointer: String,
        /// `array` or `object`.
        expected: &'static str,
    },
    /// The array has no element with this index.
    #[error("`{pointer}` has no element {index}")]
    Index {
        /// The pointer to the array.
        pointer: String,
        /// The index, from 0.
        index: usize,
    },
    /// An object on the way has two members of one name; readers differ in which one counts.
    #[error("`{name}` occurs twice, the second time in line {line}: remove one of them first")]
    Duplicate {
        /// The name.
        name: String,
        /// Line of the second one, from 1.
        line: usize,
    },
    /// The object has a member of this name, perhaps with other capitals, which Go programs read as the same.
    #[error("`{name}` is there already: change it instead")]
    Exists {
        /// The name as it stands in the text.
        name: String,
    },
    /// The changed text would not read as intended, because of comments in unusual places.
    #[error("comments around `{pointer}` are in the way: edit it by hand")]
    Tangled {
        /// The pointer.
        pointer: String,
    },
}

/// Adds an element at the end of the array at `pointer` (RFC 6901). `comment` is plain text, placed directly above
/// the element, or before it where the array stands on one line. `json` is the element; on further lines it is
/// indented with tabs, which become the indentation of the text.
///
/// # Errors
/// [`EditError`]; the text is never changed to something that reads differently than meant.
pub fn insert_element(
    text: &str,
    pointer: &str,
    comment: Option<&str>,
    json: &str,
) -> Result<Edit, EditError> {
    insert(text, pointer, "array", Entry { name: None, comment, json })
}

/// Adds a member at the end of the object at `pointer` (the empty pointer for the whole text). `json` is its value,
/// which may have comments inside; see [`insert_element`].
///
/// # Errors
/// [`EditError`], among them [`EditError::Exists`] for a name that is there already.
pub fn insert_member(text: &str, pointer: &str, name: &str, json: &str) -> Result<Edit, EditError> {
    insert(text, pointer, "object", Entry { name: Some(name), comment: None, json })
}

/// Takes out an element of the array at `pointer`, with its comments and the separators that it needed.
///
/// # Errors
/// [`EditError`], among them [`EditError::Index`].
pub fn remove_element(text: &str, pointer: &str, index: usize) -> Result<Edit, EditError> {
    let (root, entries) = open(text, pointer, "array")?;
    remove(text, root, pointer, &entries, index)
}

/// Takes out a member of the object at `pointer`, with its comments and the separators that it needed.
///
/// # Errors
/// [`EditError`], among them [`EditError::Pointer`] if there is no such member.
pub fn remove_member(text: &str, pointer: &str, name: &str) -> Result<Edit, EditError> {
    let (root, entries) = open(text, pointer, "object")?;
    let object = root.find(pointer).and_then(Value::as_object);
    let index = object.and_then(|object| object.members.iter().position(|member| member.is_named(name)));
    let missing =
        || EditError::Pointer { pointer: format!("{pointer}/{name}"), error: PointerError::Missing };
    let index = index.ok_or_else(missing)?;
    remove(text, root, pointer, &entries, index)
}

/// Puts another value in the place of the one at `pointer`. All around it stays, comments included.
///
/// # Errors
/// [`EditError`]
pub fn replace_value(text: &str, pointer: &str, json: &str) -> Result<Edit, EditError> {
    let mut root = parse_str(text)?;
    let value = locate(text, &root, pointer)?;
    let style = style::Style::of(text, &root, value.span().start);
    let json = insertion::trimmed(json)?;
    let splice = Splice { range: value.span(), replacement: style.indented(json) };
    if let Some(value) = target(&mut root, pointer) {
        value.kind = parse_str(json)?.kind;
    }
    finish(text, root, pointer, vec![splice])
}

/// The words of the comments before an entry that are its own: those that go when it is removed. For a member, ask
/// with its [`name_value`](Member::name_value).
///
/// ```
/// let list = hujson::parse_str("[\n\t1, // one\n\n\t// apart\n\n\t// share 7\n\t2,\n]")?;
/// let second = list.find("/1").ok_or("no second element")?;
/// assert_eq!(hujson::edit::own_comments(second), ["share 7"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn own_comments(entry: &Value) -> Vec<&str> {
    crate::extra::comments(removal::own_part(entry.before()))
}

fn insert(text: &str, pointer: &str, expected: &'static str, entry: Entry) -> Result<Edit, EditError> {
    let (mut root, entries) = open(text, pointer, expected)?;
    if let (Some(name), Some(object)) = (entry.name, root.find(pointer).and_then(Value::as_object))
        && let Some(member) = object.members_ignore_case(name).next()
    {
        return Err(EditError::Exists { name: member.name().into_owned() });
    }
    let splices = insertion::splices(text, &root, &entries, &entry)?;
    let value = parse_str(entry.json).map_err(EditError::Value)?;
    match target(&mut root, pointer).map(|value| &mut value.kind) {
        Some(Kind::Array(array)) => array.elements.push(value),
        Some(Kind::Object(object)) => {
            let name = Value::bare(Kind::Literal(Literal::string(entry.name.unwrap_or_default())));
            object.members.push(Member { name, value });
        }
        Some(Kind::Literal(_)) | None => {}
    }
    finish(text, root, pointer, splices)
}

fn remove(
    text: &str,
    mut root: Value,
    pointer: &str,
    entries: &Entries,
    index: usize,
) -> Result<Edit, EditError> {
    let missing = || EditError::Index { pointer: pointer.to_owned(), index };
    let splices = removal::splices(text, entries, index).ok_or_else(missing)?;
    match target(&mut root, pointer).map(|value| &mut value.kind) {
        Some(Kind::Array(array)) => drop(array.elements.remove(index)),
        Some(Kind::Object(object)) => drop(object.members.remove(index)),
        Some(Kind::Literal(_)) | None => {}
    }
    finish(text, root, pointer, splices)
}

fn target<'v>(root: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    let path = root.walk(pointer).ok()?.path;
    root.at_path_mut(&path)
}

/// Parses the text and finds the entries of the object or array at the pointer.
fn open(text: &str, pointer: &str, expected: &'static str) -> Result<(Value, Entries), EditError> {
    let root = parse_str(text)?;
    let entries = match &locate(text, &root, pointer)?.kind {
        Kind::Array(_) if expected == "array" => true,
        Kind::Object(_) if expected == "object" => true,
        _ => false,
    };
    let entries = if entries { root.find(pointer).and_then(Entries::of) } else { None };
    let entries = entries.ok_or_else(|| EditError::Kind { pointer: pointer.to_owned(), expected })?;
    Ok((root, entries))
}

/// Finds a value, if no name on the way or in its object occurs twice.
fn locate<'v>(text: &str, root: &'v Value, pointer: &str) -> Result<&'v Value, EditError> {
    let wrong = |error| EditError::Pointer { pointer: pointer.to_owned(), error };
    let walk = root.walk(pointer).map_err(wrong)?;
    for length in 0..=walk.path.len() {
        let object = walk.path.get(..length).and_then(|path| root.at_path(path)).and_then(Value::as_object);
        if let Some(twice) = object.and_then(|object| object.duplicates().next()) {
            let line = crate::LineIndex::new(text.as_bytes()).position(twice.name.span().start).line;
            return Err(EditError::Duplicate { name: twice.name().into_owned(), line });
        }
    }
    let found = if walk.missing.is_none() { root.at_path(&walk.path) } else { None };
    found.ok_or_else(|| wrong(PointerError::Missing))
}

/// Applies the splices, and makes sure that the result reads as `meant`.
fn finish(text: &str, mut meant: Value, pointer: &str, splices: Vec<Splice>) -> Result<Edit, EditError> {
    let mut changed = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for Splice { range, replacement } in &splices {
        changed.push_str(text.get(at..range.start).unwrap_or_default());
        changed.push_str(replacement);
        at = range.end;
    }
    changed.push_str(text.get(at..).unwrap_or_default());
    meant.minimize();
    let read = parse_str(&changed).map(|mut read| {
        read.minimize();
        read.pack()
    });
    if read.ok() != Some(meant.pack()) {
        return Err(EditError::Tangled { pointer: pointer.to_owned() });
    }
    Ok(Edit { splices, text: changed })
}
