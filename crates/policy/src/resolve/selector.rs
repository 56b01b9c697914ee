//! What a rule may name as its source or destination.

use crate::network::Role;
use crate::set::IpRange;

/// A source, destination or target as written in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// `*`
    Wildcard,
    /// A login name.
    Login(String),
    /// `user:*@domain`: the members with a login in that domain.
    Domain(String),
    /// `group:x`
    Group(String),
    /// `tag:x`
    Tag(String),
    /// An address or a prefix.
    Range(IpRange),
    /// A name from `hosts`.
    Host(String),
    /// `ipset:x`
    IpSet(String),
    /// `svc:x`
    Service(String),
    /// `autogroup:x`
    Autogroup(Autogroup),
    /// An autogroup that is not known.
    UnknownAutogroup(String),
    /// `group://NAME/GROUP`, `tag://NAME/TAG`: somebody or something of another tailnet (declarative node sharing).
    Elsewhere(String),
}

/// The groups that the control plane fills by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Autogroup {
    /// Untagged nodes of direct members.
    Member,
    /// Nodes with a tag.
    Tagged,
    /// People to whom a node was shared.
    Shared,
    /// The untagged nodes of the user who asks.
    SelfOwned,
    /// Public addresses, through exit nodes.
    Internet,
    /// Every address there is.
    DangerAll,
    /// Any SSH login name but root.
    NonRoot,
    /// Members with a role.
    Role(Role),
}

impl Autogroup {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "member" | "members" => Self::Member,
            "tagged" => Self::Tagged,
            "shared" => Self::Shared,
            "self" => Self::SelfOwned,
            "internet" => Self::Internet,
            "danger-all" => Self::DangerAll,
            "nonroot" => Self::NonRoot,
            "owner" => Self::Role(Role::Owner),
            "admin" => Self::Role(Role::Admin),
            "it-admin" => Self::Role(Role::ItAdmin),
            "network-admin" => Self::Role(Role::NetworkAdmin),
            "billing-admin" => Self::Role(Role::BillingAdmin),
            "auditor" => Self::Role(Role::Auditor),
            _ => return None,
        })
    }
}

impl Selector {
    /// The name that may be known or not; none for what is known by itself.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Domain(name)
            | Self::Group(name)
            | Self::Tag(name)
            | Self::Host(name)
            | Self::IpSet(name)
            | Self::UnknownAutogroup(name)
            | Self::Elsewhere(name) => Some(name),
            Self::Wildcard | Self::Login(_) | Self::Range(_) | Self::Service(_) | Self::Autogroup(_) => None,
        }
    }

    /// Reads a selector. Whatever has no other form is a host name, known or not.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text == "*" {
            return Self::Wildcard;
        }
        if is_elsewhere(text) {
            return Self::Elsewhere(text.into());
        }
        if let Some(name) = text.strip_prefix("autogroup:") {
            return Autogroup::of_name(name)
                .map_or_else(|| Self::UnknownAutogroup(text.into()), Self::Autogroup);
        }
        if let Some(domain) = text.strip_prefix("user:*@") {
            return Self::Domain(domain.into());
        }
        if let Some((kind, _)) = text.split_once(':') {
            match kind {
                "group" => return Self::Group(text.into()),
                "tag" => return Self::Tag(text.into()),
                "ipset" => return Self::IpSet(text.into()),
                "svc" => return Self::Service(text.into()),
                _ => {}
            }
        }
        match text.parse::<IpRange>() {
            // Ranges `a-b` are for IP sets only.
            Ok(range) if !text.contains('-') => Self::Range(range),
            _ if text.contains('@') => Self::Login(text.into()),
            _ => Self::Host(text.into()),
        }
    }
}

/// The name that the file has for another tailnet, where a selector speaks of one: `NAME` of `group://NAME/GROUP`.
/// Headscale's names of people may have an address in them, and then end with an `@`.
pub(crate) fn elsewhere(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once("://").filter(|_| !text.ends_with('@'))?;
    let plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase());
    plain.then(|| rest.split('/').next().unwrap_or_default())
}

/// Whether a name is that of one service: a label of DNS behind its prefix (`ServiceName` of `tailscale/tailcfg`).
pub(crate) fn is_one_service(text: &str) -> bool {
    let label = text.strip_prefix("svc:").unwrap_or_default();
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let ends = !label.starts_with('-') && !label.ends_with('-');
    (1..=63).contains(&label.len()) && ends && label.bytes().all(inner)
}

/// Whether a name of another tailnet has one of the forms that are documented: `group://NAME/GROUP` or `tag://NAME/TAG`.
pub(crate) fn is_of_people_or_tag(text: &str) -> bool {
    let rest = ["group://", "tag://"].iter().find_map(|kind| text.strip_prefix(kind));
    let parts = rest.and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(tailnet, name)| !tailnet.is_empty() && !name.is_empty())
}

fn is_elsewhere(text: &str) -> bool {
    elsewhere(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_selector_is_told_apart() {
        assert_eq!(Selector::parse(" odin@example.com"), Selector::Login("odin@example.com".into()));
        assert_eq!(Selector::parse("tag:server "), Selector::Tag("tag:server".into()));
        assert_eq!(Selector::parse("user:*@example.com"), Selector::Domain("example.com".into()));
        assert_eq!(Selector::parse("autogroup:members"), Selector::Autogroup(Autogroup::Member));
        assert_eq!(Selector::parse("autogroup:x"), Selector::UnknownAutogroup("autogroup:x".into()));
        assert_eq!(Selector::parse("10.0.0.0/8"), Selector::Range("10.0.0.0/8".parse().unwrap()));
        assert_eq!(Selector::parse("fd00::1"), Selector::Range("fd00::1".parse().unwrap()));
        assert_eq!(Selector::parse("my-host"), Selector::Host("my-host".into()));
        assert_eq!(Selector::parse("group://fleet/a"), Selector::Elsewhere("group://fleet/a".into()));
        assert_eq!(elsewhere("tag://fleet/a"), Some("fleet"));
    }
}
