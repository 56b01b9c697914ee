//! Taking back what lets one share recipient reach more than was agreed: rules say whom else they mean, a group loses
//! the person, a share's own rule says again what was written. Proven like every edit.

mod step;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::diff::diff;
use crate::network::{Network, Node};
use crate::reach::{Engine, Entry, Part, Query, Target, Who};
use crate::share::{EditError, Form, ShareId, ShareRule, edit};
use crate::syntax::{Language, Policy, RuleRef, protocol};

/// Rules that are changed one after the other; a policy that needs more is changed by hand.
const MOST: usize = 32;
/// Of the ranges of an entry so many are asked who opens them.
const RANGES: usize = 8;

/// What is agreed with one share recipient, and what is not.
pub struct Terms<'a> {
    /// Their login.
    pub login: &'a str,
    /// What they reach that nobody agreed to.
    pub beyond: &'a dyn Fn(&Engine) -> Vec<Entry>,
    /// The part of some entries that was agreed: of that nothing may go.
    pub agreed: &'a dyn Fn(&[Entry]) -> Vec<Entry>,
    /// The rules of shares as they were written, by their marks.
    pub rules: &'a [(ShareId, ShareRule)],
}

/// An edit of its own, with its proof done.
#[derive(Clone, Debug)]
pub struct Withholding {
    /// The text afterwards.
    pub after: String,
    /// What share recipients lose; nobody else loses or gains anything.
    pub lost: Vec<Entry>,
}

/// Why there is no such edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WithholdError {
    /// The control plane would refuse the policy as it is, or the text cannot be edited.
    #[error("{said}")]
    Text {
        /// What is wrong with it.
        said: String,
    },
    /// Nothing is beyond what was agreed.
    #[error("they reach nothing beyond what was agreed")]
    Nothing,
    /// A rule lets them in in a way that cannot be taken from them alone.
    #[error("the rule in line {line} cannot be narrowed by itself")]
    Rule {
        /// Its line.
        line: usize,
    },
    /// Others would lose or gain something, or the person would lose what was agreed.
    #[error("it would change more than what they reach beyond what was agreed")]
    Others,
}

impl From<EditError> for WithholdError {
    fn from(error: EditError) -> Self {
        Self::Text { said: error.to_string() }
    }
}

impl From<crate::PolicyError> for WithholdError {
    fn from(error: crate::PolicyError) -> Self {
        Self::Text { said: error.to_string() }
    }
}

/// Changes what lets a share recipient reach more than was agreed, rule by rule. What is only possible, because it rests
/// on what cannot be seen from here, is left alone.
///
/// # Errors
/// [`WithholdError`]; nothing is changed that cannot be shown to take just that, and from others than share recipients
/// nothing at all.
pub fn withhold(
    text: &str,
    network: &Network,
    language: impl Into<Language>,
    terms: &Terms<'_>,
) -> Result<Withholding, WithholdError> {
    let language = language.into();
    let mut after = text.to_owned();
    for _ in 0..MOST {
        let policy = Policy::read(&after, language)?;
        let engine = Engine::of(&policy, network)?;
        let beyond = (terms.beyond)(&engine);
        let Some(first) = certain(&beyond) else { break };
        let Some(rule) = openers(&engine, first).first().copied() else { break };
        let marked = edit::marked(&after, &policy)?;
        let mark = marked.iter().find(|(entry, _)| entry.rule() == rule).map(|(_, id)| id.clone());
        let place = step::Place { text: &after, policy: &policy, engine: &engine, rule };
        let next = place.without(terms, mark.as_ref(), language)?;
        let next = next.filter(|next| *next != after).ok_or(WithholdError::Rule { line: rule.line })?;
        after = next;
    }
    if after == text {
        return Err(WithholdError::Nothing);
    }
    proven(text, after, network, language, terms)
}

/// Of the rules of an entry those that open its ports as they are, where some were taken out: asked of the first port of
/// each range.
pub fn openers(engine: &Engine, entry: &Entry) -> Vec<RuleRef> {
    if !protocol::has_ports(entry.protocol) {
        return entry.rules.clone();
    }
    let asked = entry.ports.ranges().iter().take(RANGES).flat_map(|(first, _)| {
        engine.reach(&Query {
            from: Some(entry.who.clone()),
            to: Some(Target::Node(entry.node.clone())),
            protocol: Some(entry.protocol),
            port: Some(*first),
            without: Vec::new(),
        })
    });
    let alike = asked.filter(|one| one.is_unproven() == entry.is_unproven());
    let rules: BTreeSet<RuleRef> = alike.flat_map(|one| one.rules).collect();
    rules.into_iter().filter(|rule| entry.rules.contains(rule)).collect()
}

/// The first that is certain.
fn certain(entries: &[Entry]) -> Option<&Entry> {
    entries.iter().find(|entry| !entry.is_unproven())
}

fn proven(
    before: &str,
    after: String,
    network: &Network,
    language: Language,
    terms: &Terms<'_>,
) -> Result<Withholding, WithholdError> {
    let old = Engine::read(before, network, language)?;
    let after = with_agreed(after, &old, network, language, terms)?;
    let new = Engine::read(&after, network, language)?;
    let change = diff(&old, &new);
    let recipients_only = change.lost.iter().all(|entry| match &entry.who {
        Who::Login(login) => old.is_recipient(login),
        _ => false,
    });
    let theirs = of_login(&change.lost, terms.login);
    // A ping goes with what it came with.
    let gone = theirs.into_iter().filter(|entry| !protocol::is_echo(entry.protocol)).collect::<Vec<_>>();
    let kept = (terms.agreed)(&gone).is_empty();
    let done = certain(&(terms.beyond)(&new)).is_none();
    if !recipients_only || !change.gained.is_empty() || !kept || !done {
        return Err(WithholdError::Others);
    }
    Ok(Withholding { after, lost: change.lost })
}

/// What was agreed and came by a rule that let them in to more gets a rule of its own.
fn with_agreed(
    after: String,
    old: &Engine,
    network: &Network,
    language: Language,
    terms: &Terms<'_>,
) -> Result<String, WithholdError> {
    let lost = diff(old, &Engine::read(&after, network, language)?).lost;
    let theirs = of_login(&lost, terms.login);
    let mut text = after;
    for entry in (terms.agreed)(&theirs).iter().filter(|entry| !protocol::is_echo(entry.protocol)) {
        let node = old.network().node_named(&entry.node).and_then(|index| old.network().node(index));
        let dst = match &entry.part {
            Part::Node => node.into_iter().flat_map(Node::addresses).map(|at| at.to_string()).collect(),
            Part::Address(address) => vec![address.to_string()],
            Part::Route(_) | Part::Internet => return Err(WithholdError::Others),
        };
        let name = protocol::name(entry.protocol);
        let ip = entry.ports.texts().iter().map(|ports| format!("{name}:{ports}")).collect();
        let form = Form::Grants;
        let rule = ShareRule { src: vec![terms.login.to_owned()], dst, ip, form };
        text = edit::append_grant(&text, &Policy::read(&text, language)?, &rule)?;
    }
    Ok(text)
}

fn of_login(entries: &[Entry], login: &str) -> Vec<Entry> {
    let is_theirs = |who: &Who| matches!(who, Who::Login(other) if other.eq_ignore_ascii_case(login));
    entries.iter().filter(|entry| is_theirs(&entry.who)).cloned().collect()
}
