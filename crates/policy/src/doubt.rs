//! What a policy says that is not known here: kept as data, named with its place, and the rest worked out.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::network::Network;
use crate::posture::Postures;
use crate::resolve::{Resolved, Selected, Selection, Selector, elsewhere, is_synced, is_undocumented};
use crate::ssh;
use crate::syntax::{Policy, RuleRef, Text};

/// Something that a policy says and that is not known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// What it is.
    #[serde(flatten)]
    pub kind: DoubtKind,
    /// Its line in the text.
    pub line: usize,
    /// Its bytes in the text.
    #[serde(skip)]
    pub span: Range<usize>,
    /// The rule that rests on it, where it is in one.
    #[serde(skip)]
    pub rule: Option<RuleRef>,
}

/// The kinds of what is not known, each with what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "about")]
pub enum DoubtKind {
    /// Somebody or something of another tailnet (declarative node sharing): who that is, is known there.
    Elsewhere {
        /// Such as `group://fleet/players`.
        name: String,
    },
    /// A group that the identity provider fills.
    Synced {
        /// Its name.
        name: String,
    },
    /// A source: somebody not known here gets in by the rule.
    Source {
        /// As written.
        name: String,
    },
    /// What a group holds besides logins: whom it stands for there is documented nowhere.
    Member {
        /// As written.
        name: String,
    },
    /// A destination: the rule may lead anywhere.
    Destination {
        /// As written.
        name: String,
    },
    /// Ports, a protocol, an action: the rule may open more than it seems to.
    Part {
        /// As written.
        text: String,
    },
    /// A condition of a posture: own devices get in perhaps.
    Condition {
        /// As written.
        text: String,
    },
    /// A capability in the domain of Tailscale that is documented nowhere; applications read it, it opens no port.
    Capability {
        /// Its name.
        name: String,
    },
    /// A rule for SSH, which was left out.
    Ssh {
        /// What the control plane would say if it had not taken it.
        why: String,
    },
    /// A section or a field, which was left out.
    Field {
        /// Such as `grants[2].ports`.
        path: String,
    },
}

impl DoubtKind {
    /// Whether whoever wants to be sure has to refuse it: it is neither documented nor captured.
    pub const fn fails_strict(&self) -> bool {
        !matches!(self, Self::Elsewhere { .. } | Self::Synced { .. } | Self::Member { .. })
    }
}

/// Everything in a policy that is not known here, in the order of the file. `resolved` has to be of the same policy.
pub fn doubts(policy: &Policy, resolved: &Resolved, network: &Network) -> Vec<Doubt> {
    let mut found: Vec<Doubt> = Vec::new();
    let mut add = |kind, span: &Range<usize>, rule: Option<RuleRef>| {
        let line = policy.line(span.start).or_else(|| rule.map(|rule| rule.line)).unwrap_or_default();
        let doubt = Doubt { kind, line, span: span.clone(), rule };
        // An ACL is resolved to one rule for each of its destinations.
        if !found.contains(&doubt) {
            found.push(doubt);
        }
    };
    for rule in &resolved.rules {
        for selection in &rule.sources.selections {
            if is_somebody(selection, resolved) {
                add(somebody(policy, &selection.text), &selection.span, Some(rule.rule));
            }
        }
        for destination in &rule.destinations {
            let away = matches!(Selector::parse(&destination.text), Selector::Elsewhere(_));
            if away {
                add(somebody(policy, &destination.text), &destination.span, Some(rule.rule));
            } else if destination.unknown && resolved.names.group(&destination.text).is_none() {
                let name = destination.text.clone();
                let kind = if is_synced_group(&name) {
                    DoubtKind::Synced { name }
                } else {
                    DoubtKind::Destination { name }
                };
                add(kind, &destination.span, Some(rule.rule));
            }
        }
        for Text { value, span } in &rule.not_understood {
            add(DoubtKind::Part { text: value.clone() }, span, Some(rule.rule));
        }
    }
    let members =
        policy.groups.iter().flat_map(|group| group.value.iter().map(move |text| (group.rule, text)));
    for (group, text) in members {
        if !matches!(Selector::parse(&text.value), Selector::Login(_) | Selector::Host(_)) {
            add(DoubtKind::Member { name: text.value.clone() }, &text.span, Some(group));
        }
    }
    for grant in policy.grants.iter().flatten() {
        for (name, _) in grant.app.iter().filter(|(name, _)| is_undocumented(&name.value)) {
            add(DoubtKind::Capability { name: name.value.clone() }, &name.span, Some(grant.rule));
        }
    }
    let postures = Postures::of(policy);
    let grants = policy.grants.iter().flatten().flat_map(|grant| with_rule(grant.rule, &grant.src_posture));
    let acls = policy.acls.iter().flatten().flat_map(|acl| with_rule(acl.rule, &acl.src_posture));
    let by_default = policy.default_src_posture.iter().map(|text| (None, text));
    for (rule, text) in grants.chain(acls).chain(by_default) {
        if !postures.defines(&text.value) {
            add(DoubtKind::Condition { text: text.value.clone() }, &text.span, rule);
        }
    }
    for unknown in postures.unknown() {
        let text = unknown.text.value.clone();
        add(DoubtKind::Condition { text }, &unknown.text.span, Some(unknown.rule));
    }
    for rule in &policy.ssh {
        if policy.language.reading.is_in_force()
            && let Some(why) = ssh::not_understood(rule, &resolved.names, network)
        {
            add(DoubtKind::Ssh { why }, &rule.rule.span(), Some(rule.rule));
        }
        for text in &rule.src {
            let source = Selection::source(text, &resolved.names, network);
            if elsewhere(&text.value).is_some() || source.is_ok_and(|source| is_somebody(&source, resolved)) {
                add(somebody(policy, &text.value), &text.span, Some(rule.rule));
            }
        }
    }
    for field in &policy.unknown {
        add(DoubtKind::Field { path: field.path.clone() }, &field.span, None);
    }
    found.sort_by_key(|doubt| (doubt.span.start, doubt.span.end));
    found
}

fn with_rule(rule: RuleRef, texts: &[Text]) -> impl Iterator<Item = (Option<RuleRef>, &Text)> {
    texts.iter().map(move |text| (Some(rule), text))
}

/// Whether a source names somebody who is not known here. What a group holds that is no login is told where it stands.
fn is_somebody(source: &Selection, resolved: &Resolved) -> bool {
    let defined = matches!(Selector::parse(&source.text), Selector::Group(name) if resolved.names.group(&name).is_some());
    !defined && matches!(&source.selected, Selected::People(people) if !people.unknown.is_empty())
}

fn is_synced_group(text: &str) -> bool {
    matches!(Selector::parse(text), Selector::Group(name) if is_synced(&name))
}

/// A source, by what is known of it: of another tailnet it is only if the file names that one.
fn somebody(policy: &Policy, text: &str) -> DoubtKind {
    let name = text.to_owned();
    match elsewhere(text) {
        Some(tailnet) if policy.external_tailnets.iter().any(|known| known.name.value == tailnet) => {
            DoubtKind::Elsewhere { name }
        }
        None if is_synced_group(text) => DoubtKind::Synced { name },
        _ => DoubtKind::Source { name },
    }
}

impl fmt::Display for DoubtKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere { name } => {
                write!(
                    f,
                    "who `{name}` is in another tailnet is not known here: somebody not known here gets in by this"
                )
            }
            Self::Synced { name } => write!(
                f,
                "who is in `{name}` is known to the identity provider, not here: somebody not known here may get in by this"
            ),
            Self::Source { name } => {
                write!(f, "who `{name}` is, is not known here: somebody not known here gets in by this")
            }
            Self::Member { name } => write!(
                f,
                "`{name}` in a group is no login: whom it stands for there is documented nowhere, and somebody not known here may be in the group"
            ),
            Self::Destination { name } => {
                write!(f, "what `{name}` is, is not known here: this may lead anywhere")
            }
            Self::Part { text } => {
                write!(f, "`{text}` is not understood here: the rule may open more than it seems to")
            }
            Self::Condition { text } => write!(
                f,
                "the condition `{text}` is not known here: devices of the own tailnet get in perhaps"
            ),
            Self::Capability { name } => {
                write!(f, "the capability `{name}` is documented nowhere; it was let pass")
            }
            Self::Ssh { why } => {
                write!(f, "this rule is not understood here and was left out of account: {why}")
            }
            Self::Field { path } => write!(f, "`{path}` is not known here and was left out of account"),
        }
    }
}
