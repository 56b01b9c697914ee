//! The entries of a policy that may be the rule of a share.

use std::collections::BTreeSet;
use std::net::IpAddr;

use model::{Login, Protocol};

use crate::headscale;
use crate::syntax::{Acl, Dialect, Grant, Policy, RuleRef, Section, Text};

/// An entry of the file that may be the rule of a share, or one of two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry<'a> {
    Grant(&'a Grant),
    Acl(&'a Acl),
}

impl<'a> Entry<'a> {
    pub(crate) const fn rule(self) -> RuleRef {
        match self {
            Self::Grant(grant) => grant.rule,
            Self::Acl(acl) => acl.rule,
        }
    }

    /// The entry of a policy that a reference names.
    pub(crate) fn of(policy: &'a Policy, rule: RuleRef) -> Option<Self> {
        match rule.section {
            Section::Grants => policy.grants.as_deref()?.get(rule.index).map(Self::Grant),
            Section::Acls => policy.acls.as_deref()?.get(rule.index).map(Self::Acl),
            _ => None,
        }
    }

    fn src(self) -> &'a [Text] {
        match self {
            Self::Grant(grant) => &grant.src,
            Self::Acl(acl) => &acl.src,
        }
    }

    /// Whether it lets in just this login.
    pub(crate) fn is_of(self, who: &Login) -> bool {
        let same = |src: &Text| match self {
            Self::Grant(_) => src.value.eq_ignore_ascii_case(who.as_str()),
            Self::Acl(_) => src.value == who.as_str(),
        };
        self.has_shape() && self.src().iter().any(same)
    }

    /// Whether it can be of a share's rule: one login, addresses only, ports, and nothing else.
    pub(crate) fn has_shape(self) -> bool {
        let login = matches!(self.src(), [only] if Login::of_headscale(&only.value).is_ok());
        let rest = match self {
            Self::Grant(grant) => {
                let bare = grant.app.is_empty() && grant.via.is_empty() && grant.src_posture.is_empty();
                let addresses = grant.dst.iter().all(|dst| dst.value.parse::<IpAddr>().is_ok());
                bare && addresses && !grant.dst.is_empty() && !grant.ip.is_empty()
            }
            Self::Acl(acl) => {
                let accept = acl.action.as_ref().is_some_and(|action| action.value == "accept");
                let proto = acl.proto.as_ref().is_some_and(|proto| is_protocol(&proto.value));
                let addresses = acl.dst.iter().all(|dst| is_address_with_ports(&dst.value));
                accept && proto && addresses && !acl.dst.is_empty() && acl.src_posture.is_empty()
            }
        };
        login && rest
    }
}

fn is_protocol(name: &str) -> bool {
    Protocol::ALL.into_iter().any(|protocol| protocol.as_str().eq_ignore_ascii_case(name))
}

fn is_address_with_ports(text: &str) -> bool {
    let read = headscale::destination(Dialect::Headscale029, text);
    read.is_ok_and(|(host, _)| host.parse::<IpAddr>().is_ok())
}

/// Whether entries under one mark are the rule of one share: a grant, or acls of one login, each for a protocol.
pub(crate) fn is_one_share(entries: &[Entry]) -> bool {
    let all = entries.iter().all(|entry| entry.has_shape());
    let protocols: Option<BTreeSet<String>> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Acl(acl) => acl.proto.as_ref().map(|proto| proto.value.to_lowercase()),
            Entry::Grant(_) => None,
        })
        .collect();
    match (entries, protocols) {
        ([_], _) => all,
        (many, Some(protocols)) => {
            let logins: BTreeSet<&str> =
                many.iter().flat_map(|entry| entry.src()).map(Text::as_str).collect();
            all && protocols.len() == many.len() && logins.len() == 1
        }
        (_, None) => false,
    }
}
