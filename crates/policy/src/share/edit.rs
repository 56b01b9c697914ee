//! Where the rule of a share goes in the text, and how it comes out again.

use hujson::{Kind, Member, edit as text_edit};
use model::Login;

use super::mark::{self, WAS_EMPTY};
pub(crate) use super::rule::has_shape as is_share;
use super::rule::{ShareId, ShareRule, has_shape};
use crate::splice::{Splice, apply};
use crate::syntax::{Grant, Policy, RuleRef};

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
    Ok(marked(text, policy)?.iter().find(|(_, known)| known == id).map(|(grant, _)| grant.rule.line))
}

/// The rules of all marked shares with one friend.
pub(crate) fn shares_with(text: &str, policy: &Policy, who: &Login) -> Result<Vec<RuleRef>, EditError> {
    let theirs = |grant: &Grant| {
        has_shape(grant) && grant.src.iter().any(|src| src.value.eq_ignore_ascii_case(who.as_str()))
    };
    Ok(marked(text, policy)?.iter().filter(|(grant, _)| theirs(grant)).map(|(grant, _)| grant.rule).collect())
}

/// The grants that have a mark, with the share that it names.
pub(crate) fn marked<'a>(text: &str, policy: &'a Policy) -> Result<Vec<(&'a Grant, ShareId)>, EditError> {
    let root = hujson::parse_str(text)?;
    let grants = policy.grants.as_deref().unwrap_or_default();
    let marks = mark::marks(mark::section(&root, "grants")?).into_iter();
    Ok(marks.filter_map(|(index, id)| Some((grants.get(index)?, id))).collect())
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

/// Puts a share's rule at the end of the grants, with its mark.
pub(crate) fn insert_grant(
    text: &str,
    policy: &Policy,
    id: &ShareId,
    rule: &ShareRule,
) -> Result<String, EditError> {
    if policy.allows_by_default() {
        return Err(EditError::Default);
    }
    let root = hujson::parse_str(text)?;
    let (text, name) = match mark::section(&root, "grants")? {
        None => (text_edit::insert_member(text, "", "grants", "[\n]")?.text, "grants".to_owned()),
        Some(member) if member.value().is_null() => return Err(EditError::Null("grants")),
        // Taking the last share out removes the list where `acls` stay. One that was there stays there.
        Some(member) if policy.acls.is_some() && is_empty(member) => {
            (note_empty(text, member)?, member.name().into_owned())
        }
        Some(member) => (text.to_owned(), member.name().into_owned()),
    };
    let pointer = format!("/{}", hujson::escape_token(&name));
    Ok(text_edit::insert_element(&text, &pointer, Some(&id.mark()), &rule.text())?.text)
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
    let replacement = match crate::narrow::own_line(text, start) {
        Some(break_and_indent) => format!("// {WAS_EMPTY}{break_and_indent}"),
        None => format!("/* {WAS_EMPTY} */ "),
    };
    apply(text, &[Splice { range: start..start, replacement }]).ok_or(EditError::Place)
}

/// Where the note about an empty list stands, with the white space that came with it.
fn note_of(member: &Member) -> Option<std::ops::Range<usize>> {
    let before = member.name_value().before();
    let base = member.name_value().span().start.checked_sub(before.len())?;
    // It may also stand on the line of the bracket, in a file of one line.
    let comments = mark::comments(before);
    let note = comments.into_iter().find(|comment| comment.text.trim() == WAS_EMPTY)?;
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

/// Takes the grant with this index out, and with the last one the list, if the list was made for shares.
pub(crate) fn remove_grant(text: &str, index: usize) -> Result<String, EditError> {
    let root = hujson::parse_str(text)?;
    let member = mark::section(&root, "grants")?.ok_or(EditError::Place)?;
    let name = member.name().into_owned();
    let pointer = format!("/{}", hujson::escape_token(&name));
    let text = text_edit::remove_element(text, &pointer, index)?.text;

    let root = hujson::parse_str(&text)?;
    let member = mark::section(&root, "grants")?.ok_or(EditError::Place)?;
    let bare = matches!(member.value().kind(), Kind::Array(array) if array.elements().is_empty() && array.after().trim().is_empty());
    if !is_empty(member) {
        return Ok(text);
    }
    if let Some(range) = note_of(member) {
        let cut = Splice { range, replacement: String::new() };
        return apply(&text, &[cut]).ok_or(EditError::Place);
    }
    // Without `acls` an absent list would allow everything.
    let acls = mark::section(&root, "acls")?.map(Member::value).is_some_and(|acls| acls.as_array().is_some());
    if acls && bare { Ok(text_edit::remove_member(&text, "", &name)?.text) } else { Ok(text) }
}
