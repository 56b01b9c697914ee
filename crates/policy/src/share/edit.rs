//! Where the rule of a share goes in the text, and how it comes out again.

use hujson::{Kind, Member, edit as text_edit};
use model::Login;

use super::entry::Entry;
use super::mark;
use super::rule::{Form, ShareId, ShareRule};
use crate::splice::{Splice, apply};
use crate::syntax::{Policy, RuleRef, Section};

/// Why a share's rule cannot be written or taken out.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EditError {
    /// The text cannot be edited in place.
    #[error(transparent)]
    Text(#[from] text_edit::EditError),
    /// A section is there but null.
    #[error("the section `{0}` is null; write a list or take it out")]
    Null(&'static str),
    /// A section is there twice.
    #[error("the section `{0}` is there twice; keep one")]
    Duplicate(String),
    /// The first rule of a file without rules would deny everything else.
    #[error("the file has no rules, so everything is allowed; it needs the explicit form of that first")]
    Default,
    /// A rule is not where the parsed policy has it.
    #[error("the edit does not fit the text")]
    Place,
}

impl From<hujson::ParseError> for EditError {
    fn from(error: hujson::ParseError) -> Self {
        Self::Text(error.into())
    }
}

/// The line of the rule that is marked with this share.
pub(crate) fn line_of(text: &str, policy: &Policy, id: &ShareId) -> Result<Option<usize>, EditError> {
    Ok(marked(text, policy)?.iter().find(|(_, known)| known == id).map(|(entry, _)| entry.rule().line))
}

/// The rules of all marked shares with one friend.
pub(crate) fn shares_with(text: &str, policy: &Policy, who: &Login) -> Result<Vec<RuleRef>, EditError> {
    let theirs = |(entry, _): &(Entry, ShareId)| entry.is_of(who);
    Ok(marked(text, policy)?.iter().filter(|found| theirs(found)).map(|(entry, _)| entry.rule()).collect())
}

/// The grants and acls that have a mark, with the share that it names, in the order of the file.
pub(crate) fn marked<'a>(text: &str, policy: &'a Policy) -> Result<Vec<(Entry<'a>, ShareId)>, EditError> {
    // Headscale takes a text with nothing in it.
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let root = hujson::parse_str(text)?;
    let grants = policy.grants.iter().flatten().map(Entry::Grant).collect::<Vec<_>>();
    let acls = policy.acls.iter().flatten().map(Entry::Acl).collect::<Vec<_>>();
    let mut all = Vec::new();
    for (form, entries) in [(Form::Grants, grants), (Form::Acls, acls)] {
        let marks = mark::marks(mark::section(&root, form.section().name())?).into_iter();
        all.extend(marks.filter_map(|(index, id)| Some((*entries.get(index)?, id))));
    }
    all.sort_by_key(|(entry, _)| entry.rule().start);
    Ok(all)
}

/// Writes out the rule that holds in a file without rules, with these sources.
pub(crate) fn insert_default(text: &str, policy: &Policy, sources: &[String]) -> Result<String, EditError> {
    let root = hujson::parse_str(text)?;
    for section in ["acls", "grants"] {
        if mark::section(&root, section)?.is_some() {
            return Err(EditError::Null(section));
        }
    }
    if !policy.allows_by_default() {
        return Err(EditError::Place);
    }
    let sources: Vec<String> = sources.iter().map(|source| format!("\"{source}\"")).collect();
    let rule = format!("{{\"action\": \"accept\", \"src\": [{}], \"dst\": [\"*:*\"]}}", sources.join(", "));
    let text = text_edit::insert_member(text, "", "acls", "[\n]")?.text;
    Ok(text_edit::insert_element(&text, "/acls", None, &rule)?.text)
}

/// Puts a share's rule at the end of its section, with its mark.
pub(crate) fn insert_rule(
    text: &str,
    policy: &Policy,
    id: &ShareId,
    rule: &ShareRule,
) -> Result<String, EditError> {
    if policy.allows_by_default() {
        return Err(EditError::Default);
    }
    let root = hujson::parse_str(text)?;
    let section = rule.form.section().name();
    let other = match rule.form {
        Form::Grants => policy.acls.is_some(),
        Form::Acls => policy.grants.is_some(),
    };
    let (mut text, name) = match mark::section(&root, section)? {
        None => (text_edit::insert_member(text, "", section, "[\n]")?.text, section.to_owned()),
        Some(member) if member.value().is_null() => return Err(EditError::Null(section)),
        // Taking the last share out removes the list where the other one stays. One that was there stays there.
        Some(member) if other && is_empty(member) => (note_empty(text, member)?, member.name().into_owned()),
        Some(member) => (text.to_owned(), member.name().into_owned()),
    };
    let pointer = format!("/{}", hujson::escape_token(&name));
    for entry in rule.texts() {
        text = text_edit::insert_element(&text, &pointer, Some(&id.mark()), &entry)?.text;
    }
    Ok(text)
}

/// Puts a rule at the end of the grants that is nobody's share.
pub(crate) fn append_grant(text: &str, policy: &Policy, rule: &ShareRule) -> Result<String, EditError> {
    if policy.allows_by_default() {
        return Err(EditError::Default);
    }
    let root = hujson::parse_str(text)?;
    let (text, name) = match mark::section(&root, "grants")? {
        None => (text_edit::insert_member(text, "", "grants", "[\n]")?.text, "grants".to_owned()),
        Some(member) if member.value().is_null() => return Err(EditError::Null("grants")),
        Some(member) => (text.to_owned(), member.name().into_owned()),
    };
    let pointer = format!("/{}", hujson::escape_token(&name));
    Ok(text_edit::insert_element(&text, &pointer, None, &rule.text())?.text)
}

fn is_empty(member: &Member) -> bool {
    member.value().as_array().is_some_and(|array| array.elements().is_empty())
}

/// Says above an empty list that it was there before.
fn note_empty(text: &str, member: &Member) -> Result<String, EditError> {
    if note_of(member).is_some() {
        return Ok(text.to_owned());
    }
    let start = member.name_value().span().start;
    let note = mark::was_empty(&member.name());
    let replacement = match crate::narrow::own_line(text, start) {
        Some(break_and_indent) => format!("// {note}{break_and_indent}"),
        None => format!("/* {note} */ "),
    };
    apply(text, &[Splice { range: start..start, replacement }]).ok_or(EditError::Place)
}

/// Where the note about an empty list stands, with the white space that came with it.
fn note_of(member: &Member) -> Option<std::ops::Range<usize>> {
    let before = member.name_value().before();
    let base = member.name_value().span().start.checked_sub(before.len())?;
    // It may also stand on the line of the bracket, in a file of one line.
    let comments = mark::comments(before);
    let words = mark::was_empty(&member.name());
    let note = comments.into_iter().find(|comment| comment.text.trim() == words)?;
    let rest = before.get(note.start..)?;
    let white = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let length = if rest.starts_with("//") {
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        line + white(rest.get(line..)?)
    } else {
        rest.find("*/")? + "*/ ".len()
    };
    Some(base + note.start..(base + note.start + length).min(base + before.len()))
}

/// Takes entries of one section out, and with the last one the list, if it was made for shares and the other section
/// stays: a file with neither allows everything.
pub(crate) fn remove_rules(text: &str, rules: &[RuleRef]) -> Result<String, EditError> {
    let form = match rules.first().map(|rule| rule.section) {
        Some(Section::Grants) => Form::Grants,
        Some(Section::Acls) => Form::Acls,
        _ => return Err(EditError::Place),
    };
    let section = form.section().name();
    let root = hujson::parse_str(text)?;
    let member = mark::section(&root, section)?.ok_or(EditError::Place)?;
    let name = member.name().into_owned();
    let pointer = format!("/{}", hujson::escape_token(&name));
    let mut indexes: Vec<usize> = rules.iter().map(|rule| rule.index).collect();
    indexes.sort_unstable();
    let mut text = text.to_owned();
    for index in indexes.into_iter().rev() {
        text = text_edit::remove_element(&text, &pointer, index)?.text;
    }

    let root = hujson::parse_str(&text)?;
    let member = mark::section(&root, section)?.ok_or(EditError::Place)?;
    let bare = matches!(member.value().kind(), Kind::Array(array) if array.elements().is_empty() && array.after().trim().is_empty());
    if !is_empty(member) {
        return Ok(text);
    }
    if let Some(range) = note_of(member) {
        let cut = Splice { range, replacement: String::new() };
        return apply(&text, &[cut]).ok_or(EditError::Place);
    }
    let other = if form == Form::Grants { Form::Acls } else { Form::Grants }.section().name();
    let stays =
        mark::section(&root, other)?.map(Member::value).is_some_and(|other| other.as_array().is_some());
    if stays && bare { Ok(text_edit::remove_member(&text, "", &name)?.text) } else { Ok(text) }
}
