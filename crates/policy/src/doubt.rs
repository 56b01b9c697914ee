//! What a policy says that is not known here: kept as data, named with its place, and the rest worked out.

mod entries;
mod kind;
mod place;

use std::ops::Range;

use serde::Serialize;

pub use kind::DoubtKind;
pub use place::Place;

use crate::network::Network;
use crate::posture::Postures;
use crate::resolve::{
    Resolved, Selected, Selection, Selector, elsewhere, is_of_people_or_tag, is_synced, is_undocumented,
};
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

/// Everything in a policy that is not known here, in the order of the file. `resolved` has to be of the same policy.
pub fn doubts(policy: &Policy, resolved: &Resolved, network: &Network) -> Vec<Doubt> {
    let mut finder = Finder { policy, resolved, network, found: Vec::new() };
    finder.rules();
    finder.groups();
    finder.capabilities();
    finder.conditions();
    finder.ssh();
    finder.entries();
    for field in &policy.unknown {
        finder.add(DoubtKind::Field { path: field.path.clone() }, &field.span, None);
    }
    let mut found = finder.found;
    found.sort_by_key(|doubt| (doubt.span.start, doubt.span.end));
    found
}

struct Finder<'a> {
    policy: &'a Policy,
    resolved: &'a Resolved,
    network: &'a Network,
    found: Vec<Doubt>,
}

impl Finder<'_> {
    fn doubt(&self, kind: DoubtKind, span: &Range<usize>, rule: Option<RuleRef>) -> Doubt {
        let line = self.policy.line(span.start).or_else(|| rule.map(|rule| rule.line)).unwrap_or_default();
        Doubt { kind, line, span: span.clone(), rule }
    }

    fn add(&mut self, kind: DoubtKind, span: &Range<usize>, rule: Option<RuleRef>) {
        let doubt = self.doubt(kind, span, rule);
        self.found.push(doubt);
    }

    fn rules(&mut self) {
        for rule in &self.resolved.rules {
            let mut of_rule: Vec<(DoubtKind, &Range<usize>)> = Vec::new();
            for selection in &rule.sources.selections {
                if self.is_somebody(selection) {
                    of_rule.push((self.name(&selection.text, Place::Source), &selection.span));
                }
            }
            for destination in &rule.destinations {
                let away = matches!(Selector::parse(&destination.text), Selector::Elsewhere(_));
                if away || (destination.unknown && self.resolved.names.group(&destination.text).is_none()) {
                    of_rule.push((self.name(&destination.text, Place::Destination), &destination.span));
                }
            }
            // Fields are told by their own name.
            let is_field = |text: &&Text| self.policy.unknown.iter().any(|field| field.span == text.span);
            for Text { value, span } in rule.not_understood.iter().filter(|text| !is_field(text)) {
                of_rule.push((DoubtKind::Part { text: value.clone() }, span));
            }
            for (kind, span) in of_rule {
                let doubt = self.doubt(kind, span, Some(rule.rule));
                // An ACL is resolved to one rule for each of its destinations.
                if !self.found.contains(&doubt) {
                    self.found.push(doubt);
                }
            }
        }
    }

    fn groups(&mut self) {
        for group in &self.policy.groups {
            for text in &group.value {
                if !matches!(Selector::parse(&text.value), Selector::Login(_) | Selector::Host(_)) {
                    let kind = DoubtKind::Member { name: text.value.clone() };
                    self.add(kind, &text.span, Some(group.rule));
                }
            }
        }
    }

    fn capabilities(&mut self) {
        for grant in self.policy.grants.iter().flatten() {
            for (name, _) in grant.app.iter().filter(|(name, _)| is_undocumented(&name.value)) {
                let kind = DoubtKind::Capability { name: name.value.clone() };
                self.add(kind, &name.span, Some(grant.rule));
            }
        }
    }

    fn conditions(&mut self) {
        let (policy, postures) = (self.policy, Postures::of(self.policy));
        let grants = policy.grants.iter().flatten().map(|grant| (grant.rule, &grant.src_posture));
        let acls = policy.acls.iter().flatten().map(|acl| (acl.rule, &acl.src_posture));
        let ssh = policy.ssh.iter().map(|rule| (rule.rule, &rule.src_posture));
        let rules = grants.chain(acls).chain(ssh);
        let named = rules.flat_map(|(rule, texts)| texts.iter().map(move |text| (Some(rule), text)));
        let by_default = policy.default_src_posture.iter().map(|text| (None, text));
        for (rule, text) in named.chain(by_default) {
            if !postures.defines(&text.value) {
                self.add(DoubtKind::Condition { text: text.value.clone() }, &text.span, rule);
            }
        }
        for unknown in postures.unknown() {
            let kind = DoubtKind::Condition { text: unknown.text.value.clone() };
            self.add(kind, &unknown.text.span, Some(unknown.rule));
        }
    }

    /// Whether a source names somebody who is not known here. What a group holds that is no login is told where it
    /// stands.
    fn is_somebody(&self, source: &Selection) -> bool {
        let names = &self.resolved.names;
        let defined =
            matches!(Selector::parse(&source.text), Selector::Group(name) if names.group(&name).is_some());
        !defined && matches!(&source.selected, Selected::People(people) if !people.unknown.is_empty())
    }

    /// A name that is not known here, by what is known of it: of another tailnet it is only if the file names that one.
    fn name(&self, text: &str, place: Place) -> DoubtKind {
        let name = text.to_owned();
        let synced = matches!(Selector::parse(text), Selector::Group(name) if is_synced(&name));
        // Of other forms than those of the documentation nothing is known as a source.
        let documented = place != Place::Source || is_of_people_or_tag(text);
        match (elsewhere(text).filter(|_| documented), place) {
            (Some(tailnet), _) => {
                let listed = self.policy.external_tailnets.iter().any(|known| known.name.value == tailnet);
                if listed {
                    DoubtKind::Elsewhere { name, place }
                } else {
                    DoubtKind::Unlisted { name, place }
                }
            }
            _ if synced => DoubtKind::Synced { name, place },
            (None, Place::Source) => DoubtKind::Source { name },
            (None, Place::Destination) => DoubtKind::Destination { name },
            (None, _) => DoubtKind::Named { name, place },
        }
    }
}
