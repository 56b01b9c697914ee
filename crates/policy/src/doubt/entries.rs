//! Names in entries that are no rules of the network: of SSH, tags, approvals, attributes and tests.

use super::{DoubtKind, Finder, Place};
use crate::compile::check_pool;
use crate::resolve::{Selector, is_known, is_one_service};
use crate::set::IpRange;
use crate::ssh;
use crate::syntax::{RuleRef, Text};

impl Finder<'_> {
    pub(super) fn ssh(&mut self) {
        let policy = self.policy;
        let in_force = policy.language.reading.is_in_force();
        for rule in &policy.ssh {
            let at = Some(rule.rule);
            match ssh::understood(rule, &self.resolved.names, self.network) {
                Err(why) if in_force => {
                    self.add(DoubtKind::Ssh { why }, &rule.rule.span(), at);
                    continue;
                }
                Err(_) => {}
                Ok(parts) => {
                    for Text { value, span } in parts {
                        self.add(DoubtKind::Part { text: value }, &span, at);
                    }
                }
            }
            self.named(&rule.src, Place::Source, at);
            self.named(&rule.dst, Place::SshDestination, at);
            self.named(&rule.recorder, Place::Recorder, at);
        }
    }

    pub(super) fn entries(&mut self) {
        let policy = self.policy;
        for tag in &policy.tag_owners {
            self.named(&tag.value, Place::TagOwner, Some(tag.rule));
        }
        for entry in &policy.node_attrs {
            self.named(&entry.target, Place::Attributes, Some(entry.rule));
            for pool in entry.ip_pool.iter().filter(|pool| check_pool(pool).is_err()) {
                self.unknown(pool, Place::Attributes, Some(entry.rule));
            }
        }
        self.approvers();
        // On a Headscale tests are run against the addresses of now, whatever they name.
        if !self.is_headscale() {
            self.tests();
        }
    }

    fn approvers(&mut self) {
        let approvers = &self.policy.auto_approvers;
        for entry in &approvers.routes {
            if entry.name.value.parse::<IpRange>().is_err() {
                self.unknown(&entry.name, Place::Approver, Some(entry.rule));
            }
            self.named(&entry.value, Place::Approver, Some(entry.rule));
        }
        for entry in &approvers.services {
            let known = match Selector::parse(&entry.name.value) {
                Selector::Service(name) => is_one_service(&name),
                // Services by the tag of their hosts (documentation of services, "Auto approval").
                Selector::Tag(name) => self.resolved.names.tag(&name).is_some(),
                _ => false,
            };
            if !known {
                self.unknown(&entry.name, Place::Approver, Some(entry.rule));
            }
            self.named(&entry.value, Place::Approver, Some(entry.rule));
        }
        self.named(&approvers.exit_node, Place::Approver, None);
    }

    /// A proposed test fails where a name of it is not known (captures); of one in force nothing is said.
    fn tests(&mut self) {
        let policy = self.policy;
        for test in &policy.tests {
            if let Some(text) = &test.src {
                self.test(text.as_str(), text, test.rule);
            }
            for text in test.accept.iter().chain(&test.deny) {
                self.test(host(text.as_str()), text, test.rule);
            }
        }
        for test in &policy.ssh_tests {
            for text in test.src.iter().chain(&test.dst) {
                self.test(text.as_str(), text, test.rule);
            }
        }
    }

    fn test(&mut self, name: &str, text: &Text, rule: RuleRef) {
        let stranger = matches!(Selector::parse(name), Selector::Login(login) if self.resolved.names.user(&login).is_none());
        let kind = if stranger {
            Some(DoubtKind::Named { name: name.to_owned(), place: Place::Test })
        } else {
            self.kind(name, Place::Test)
        };
        let in_force = self.policy.language.reading.is_in_force();
        if let Some(kind) = kind.filter(|kind| in_force || !matches!(kind, DoubtKind::Named { .. })) {
            self.add(kind, &text.span, Some(rule));
        }
    }

    fn named(&mut self, texts: &[Text], place: Place, rule: Option<RuleRef>) {
        for text in texts {
            if let Some(kind) = self.kind(&text.value, place) {
                self.add(kind, &text.span, rule);
            }
        }
    }

    fn unknown(&mut self, text: &Text, place: Place, rule: Option<RuleRef>) {
        // Headscale has been asked in its own words.
        if !self.is_headscale() {
            self.add(DoubtKind::Named { name: text.value.clone(), place }, &text.span, rule);
        }
    }

    /// What is not known of a name: for whom it stands, or whether one of its form has a place there at all.
    fn kind(&self, name: &str, place: Place) -> Option<DoubtKind> {
        let selector = Selector::parse(name);
        let known = is_known(&selector, &self.resolved.names, self.network);
        let fits = self.is_headscale() || place.takes(&selector);
        (!known || !fits).then(|| self.name(name, place))
    }

    const fn is_headscale(&self) -> bool {
        self.policy.language.dialect.is_headscale()
    }
}

/// A destination of a test without its port.
fn host(text: &str) -> &str {
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host)
}
