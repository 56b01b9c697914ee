//! The narrowing of a text, with its proof.

use std::collections::BTreeSet;

use hujson::edit as text_edit;

use super::Member;
use super::group::Group;
use super::sources::{Narrowed, Today};
use crate::diff::diff;
use crate::headscale;
use crate::narrow::{NarrowError, Narrowing, gap, own_line};
use crate::reach::Engine;
use crate::share::EditError;
use crate::share::mark::section;
use crate::splice::{Splice, apply, between};
use crate::syntax::{Dialect, Policy, RuleRef, Text};

/// A text in which what lets everybody in names those who are there today, `member` left out: in every rule, or in these
/// alone.
pub(crate) fn narrowed(
    text: &str,
    policy: &Policy,
    member: &Member,
    only: Option<&BTreeSet<RuleRef>>,
) -> Result<Narrowing, NarrowError> {
    let is_meant = |entry: &Entry<'_>| only.is_none_or(|only| only.contains(&entry.rule));
    let mut group = Group::of(policy, member)?;
    group.leave_only(|name| {
        let sources = |entry: &Entry<'_>| entry.src.iter().any(|source| source.as_str() == name);
        only.is_none() || entries(policy).filter(is_meant).any(|entry| sources(&entry))
    });
    let today = Today::of(member, &group.name);
    if policy.allows_by_default() {
        let after = group.write(&started(text)?, true)?;
        let after = with_acls(&after, policy, &today.all())?;
        return proven(text, policy, member, after, vec![RuleRef::DEFAULT]);
    }
    let (mut splices, mut rules) = (Vec::new(), Vec::new());
    for entry in entries(policy).filter(is_meant) {
        let count = splices.len();
        narrow_entry(text, policy, &entry, &today, &mut splices);
        rules.extend((splices.len() > count).then_some(entry.rule));
    }
    if splices.is_empty() && !group.is_left() {
        return Ok(Narrowing { after: text.to_owned(), splices, rules, lost: Vec::new() });
    }
    let after = apply(text, &splices).ok_or(EditError::Place)?;
    let needed = after.contains(&format!("\"{}\"", group.name));
    let after = group.write(&after, needed)?;
    proven(text, policy, member, after, rules)
}

/// A text without rules with the default written out, wide as it is; nothing if it has rules.
pub(crate) fn explicit(
    text: &str,
    policy: &Policy,
    member: &Member,
) -> Result<Option<Narrowing>, NarrowError> {
    if !policy.allows_by_default() {
        return Ok(None);
    }
    let after = with_acls(&started(text)?, policy, &["*".to_owned()])?;
    let explicit = proven(text, policy, member, after, vec![RuleRef::DEFAULT])?;
    let unchanged = explicit.lost.is_empty();
    unchanged.then_some(Some(explicit)).ok_or(NarrowError::Unproven { lost: Vec::new(), gained: Vec::new() })
}

fn proven(
    text: &str,
    policy: &Policy,
    member: &Member,
    after: String,
    rules: Vec<RuleRef>,
) -> Result<Narrowing, NarrowError> {
    let before = Engine::of(policy, &member.network)?;
    let change = diff(&before, &Engine::read(&after, &member.network, policy.language)?);
    let theirs = change.lost.iter().all(|entry| entry.who == member.who);
    if !theirs || !change.gained.is_empty() {
        return Err(NarrowError::Unproven { lost: change.lost, gained: change.gained });
    }
    let splices = between(text, &after).into_iter().collect();
    // Whom the server does not have yet loses nothing.
    let lost = if member.here { change.lost } else { Vec::new() };
    Ok(Narrowing { after, splices, rules, lost })
}

/// A text that has an object in it.
fn started(text: &str) -> Result<String, EditError> {
    if text.is_empty() {
        return Ok("{\n}\n".to_owned());
    }
    let null = hujson::parse_str(text)?.is_null();
    Ok(if null { text_edit::replace_value(text, "", "{\n}")?.text } else { text.to_owned() })
}

/// With the rule that holds where there are none, for these sources.
fn with_acls(text: &str, policy: &Policy, sources: &[String]) -> Result<String, EditError> {
    let root = hujson::parse_str(text)?;
    for name in ["acls", "grants"] {
        if section(&root, name)?.is_some() {
            return Err(EditError::Null(name));
        }
    }
    let mut text = text_edit::insert_member(text, "", "acls", "[\n]")?.text;
    // Rules of the old version are for TCP and UDP, where they say nothing else; its default is for ping too.
    let old = policy.language.dialect == Dialect::Headscale028;
    for proto in std::iter::once("").chain(old.then_some("\"proto\": \"icmp\", ")) {
        let rule = format!(
            "{{\"action\": \"accept\", {proto}\"src\": [{}], \"dst\": [\"*:*\"]}}",
            list(sources, ", ")
        );
        text = text_edit::insert_element(&text, "/acls", None, &rule)?.text;
    }
    Ok(text)
}

/// A rule with what it names.
struct Entry<'a> {
    rule: RuleRef,
    src: &'a [Text],
    dst: &'a [Text],
    /// The destinations that are not each user's own.
    others: Vec<&'a Text>,
}

fn entries(policy: &Policy) -> impl Iterator<Item = Entry<'_>> {
    let host =
        |text: &Text| headscale::destination(policy.language.dialect, &text.value).map(|(host, _)| host);
    let acls = policy.acls.iter().flatten().map(move |acl| {
        let others = acl.dst.iter().filter(|text| host(text).map_or(true, |host| host != "autogroup:self"));
        Entry { rule: acl.rule, src: &acl.src, dst: &acl.dst, others: others.collect() }
    });
    let grants = policy.grants.iter().flatten().map(|grant| {
        let others = grant.dst.iter().filter(|text| text.value != "autogroup:self");
        Entry { rule: grant.rule, src: &grant.src, dst: &grant.dst, others: others.collect() }
    });
    acls.chain(grants)
}

fn narrow_entry(text: &str, policy: &Policy, entry: &Entry, today: &Today, splices: &mut Vec<Splice>) {
    // Everybody's own is nothing to somebody else.
    if entry.others.is_empty() {
        return;
    }
    let mixed = entry.others.len() < entry.dst.len();
    let mut rest: Vec<String> = Vec::new();
    for source in entry.src {
        let Some(Narrowed { people, rest: more }) = today.narrowed(policy, source) else { continue };
        let mut names = people;
        if mixed && !names.is_empty() {
            rest.extend(more);
        } else {
            names.extend(more);
        }
        splices.push(replacement(text, source, &names));
    }
    if rest.is_empty() {
        return;
    }
    // Tags and addresses may not stand beside `autogroup:self`, so they get a rule of their own.
    rest.sort_unstable();
    rest.dedup();
    let others: Vec<&str> = entry.others.iter().filter_map(|item| text.get(item.span.clone())).collect();
    let within = |texts: &[Text], replacement: String| {
        let (first, last) = (texts.first()?, texts.last()?);
        let from = first.span.start.checked_sub(entry.rule.start)?;
        let to = last.span.end.checked_sub(entry.rule.start)?;
        Some(Splice { range: from..to, replacement })
    };
    let copy = text.get(entry.rule.span()).and_then(|raw| {
        let both = [within(entry.src, list(&rest, ", "))?, within(entry.dst, others.join(", "))?];
        apply(raw, &both)
    });
    if let Some(copy) = copy {
        let at = entry.rule.end;
        splices
            .push(Splice { range: at..at, replacement: format!(",{}{copy}", gap(text, entry.rule.start)) });
    }
}

fn list(sources: &[String], gap: &str) -> String {
    let quoted = sources.iter().map(|source| serde_json::Value::from(source.as_str()).to_string());
    quoted.collect::<Vec<_>>().join(gap)
}

/// The sources in place of one, each on a line of its own where that has one.
fn replacement(text: &str, wide: &Text, sources: &[String]) -> Splice {
    let gap = own_line(text, wide.span.start).unwrap_or_else(|| " ".into());
    Splice { range: wide.span.clone(), replacement: list(sources, &format!(",{gap}")) }
}
