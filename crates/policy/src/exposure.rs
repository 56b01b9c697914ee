//! Reach that nobody asked for: wildcards that reach shared nodes, shares wider than agreed, rules left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use crate::network::Network;
use crate::reach::{Engine, Entry, Note, Query, Who};
use crate::share::{EditError, ShareId, edit, entry};
use crate::syntax::protocol::{ICMP, ICMP_V6};
use crate::syntax::{Grant, Policy, RuleRef};

/// One finding: what is wider than meant, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// What kind of finding it is.
    pub kind: ExposureKind,
    /// What share recipients reach by it.
    pub entries: Vec<Entry>,
    /// The rules behind it.
    pub rules: Vec<RuleRef>,
    /// Whether [`narrow`](crate::narrow()) would end it: all its rules have `*` as their source.
    pub narrowing_helps: bool,
}

/// The kinds of exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExposureKind {
    /// A rule for everybody lets share recipients reach shared nodes.
    Wildcard,
    /// A share recipient reaches more of a node than the shares with them say.
    WiderThanAgreed {
        /// The recipient.
        login: String,
        /// The node.
        node: String,
    },
    /// A share recipient may reach more, if they have an address that a rule names.
    Unproven {
        /// The recipient.
        login: String,
        /// The node.
        node: String,
    },
    /// A share recipient may reach more: that rests on a rule of which something is not known here.
    NotUnderstood {
        /// The recipient.
        login: String,
        /// The node.
        node: String,
    },
    /// A share's rule for a node that is no longer shared with that login.
    LeftBehind {
        /// The share.
        id: ShareId,
        /// The login that the rule names.
        login: String,
    },
}

/// Finds what share recipients reach beyond the shares that the policy text marks, and shares left behind.
///
/// `engine` has to be of the same text. Sorted: wildcards by line, then by person and node, then what is left
/// behind.
///
/// # Errors
/// [`EditError`] if the text cannot be read as a policy with marks.
pub fn exposure(text: &str, policy: &Policy, engine: &Engine) -> Result<Vec<Exposure>, EditError> {
    let marked = edit::marked(text, policy)?;
    let agreed: Vec<RuleRef> = marked.iter().map(|(entry, _)| entry.rule()).collect();
    // There are share recipients where shares are grants.
    let grants = marked.into_iter().filter_map(|(entry, id)| match entry {
        entry::Entry::Grant(grant) => Some((grant, id)),
        entry::Entry::Acl(_) => None,
    });
    let marked: Vec<(&Grant, ShareId)> = grants.collect();
    let recipients = engine.network().users().iter().filter(|user| engine.is_recipient(&user.login));
    let mut reached: Vec<Entry> = Vec::new();
    for user in recipients {
        let query = Query { without: agreed.clone(), ..Query::from(Who::Login(user.login.clone())) };
        reached.extend(engine.reach(&query));
    }
    // Shares lend nodes: what recipients reach of services is told where one is made.
    reached.retain(|entry| {
        !matches!(entry.protocol, ICMP | ICMP_V6) && engine.network().node_named(&entry.node).is_some()
    });
    let mut by_login: BTreeMap<String, Vec<&Grant>> = BTreeMap::new();
    for (grant, _) in &marked {
        let logins: BTreeSet<String> = grant.src.iter().map(|src| src.value.to_ascii_lowercase()).collect();
        for login in logins {
            by_login.entry(login).or_default().push(grant);
        }
    }
    for entry in &mut reached {
        beyond_agreed(entry, &by_login, engine.network());
    }
    reached.retain(|entry| !entry.ports.is_empty());

    let wide = engine.wide_rules();
    let mut findings = wildcards(&reached, &wide);
    let mut by_share: BTreeMap<(String, String, Doubt), Vec<Entry>> = BTreeMap::new();
    for entry in reached {
        let key = (entry.who.to_string(), entry.node.clone(), Doubt::of(&entry));
        by_share.entry(key).or_default().push(entry);
    }
    for ((login, node, doubt), entries) in by_share {
        let kind = match doubt {
            Doubt::None => ExposureKind::WiderThanAgreed { login, node },
            Doubt::Address => ExposureKind::Unproven { login, node },
            Doubt::Unknown => ExposureKind::NotUnderstood { login, node },
        };
        findings.push(finding(kind, entries, &wide));
    }
    findings.extend(marked.iter().filter_map(|(grant, id)| left_behind(grant, id, engine)));
    Ok(findings)
}

/// What stands against it that reach is certain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    None,
    Address,
    Unknown,
}

impl Doubt {
    fn of(entry: &Entry) -> Self {
        match &entry.note {
            Some(Note::Unknown(_)) => Self::Unknown,
            _ if entry.is_unproven() => Self::Address,
            _ => Self::None,
        }
    }
}

/// Takes the ports out that a share of this node with this login opens, whatever other rule opens them too.
fn beyond_agreed(entry: &mut Entry, by_login: &BTreeMap<String, Vec<&Grant>>, network: &Network) {
    let Who::Login(login) = &entry.who else { return };
    let node = network.node_named(&entry.node).and_then(|index| network.node(index));
    let addresses: Vec<String> =
        node.iter().flat_map(|node| node.addresses()).map(|a| a.to_string()).collect();
    for grant in by_login.get(&login.to_ascii_lowercase()).into_iter().flatten() {
        if !addresses.is_empty()
            && addresses.iter().all(|address| grant.dst.iter().any(|dst| dst.value == *address))
        {
            for (protocol, ports) in
                grant.ip.iter().filter_map(|ip| crate::syntax::port::parse_entry(&ip.value).ok())
            {
                if protocol.is_none_or(|number| number == entry.protocol) {
                    entry.ports = entry.ports.difference(&std::iter::once(ports).collect());
                }
            }
        }
    }
}

fn wildcards(reached: &[Entry], wide: &[RuleRef]) -> Vec<Exposure> {
    let mut by_rule: BTreeMap<RuleRef, Vec<Entry>> = BTreeMap::new();
    for entry in reached {
        for rule in entry.rules.iter().filter(|rule| wide.contains(rule)) {
            by_rule.entry(*rule).or_default().push(entry.clone());
        }
    }
    let mut all: Vec<Exposure> = by_rule
        .into_iter()
        .map(|(rule, entries)| Exposure {
            kind: ExposureKind::Wildcard,
            entries,
            rules: vec![rule],
            narrowing_helps: true,
        })
        .collect();
    all.sort_by_key(|finding| finding.rules.first().map(|rule| rule.line));
    all
}

fn finding(kind: ExposureKind, entries: Vec<Entry>, wide: &[RuleRef]) -> Exposure {
    let rules: BTreeSet<RuleRef> = entries.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
    let narrowing_helps = rules.iter().all(|rule| wide.contains(rule));
    Exposure { kind, entries, rules: rules.into_iter().collect(), narrowing_helps }
}

fn left_behind(grant: &Grant, id: &ShareId, engine: &Engine) -> Option<Exposure> {
    let login = grant.src.first()?.value.clone();
    // As a share writes addresses: no other spelling of one is its rule.
    let spelled = |text: &str| text.parse().ok().filter(|address: &IpAddr| address.to_string() == text);
    let addresses = grant.dst.iter().filter_map(|dst| spelled(dst.as_str()));
    let mut nodes = addresses.flat_map(|address| engine.nodes_at(address));
    if nodes.any(|node| engine.shared_with(&login).contains(node)) {
        return None;
    }
    let kind = ExposureKind::LeftBehind { id: id.clone(), login };
    Some(Exposure { kind, entries: Vec::new(), rules: vec![grant.rule], narrowing_helps: false })
}

impl fmt::Display for ExposureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wildcard => f.write_str("a rule for everybody lets share recipients reach shared nodes"),
            Self::WiderThanAgreed { login, node } => {
                write!(f, "{login} reaches more of `{node}` than was agreed")
            }
            Self::Unproven { login, node } => {
                write!(
                    f,
                    "{login} may reach more of `{node}` than was agreed, if they have an address that a rule names"
                )
            }
            Self::NotUnderstood { login, node } => {
                write!(
                    f,
                    "{login} may reach more of `{node}` than was agreed, by a rule of which something is not known here"
                )
            }
            Self::LeftBehind { id, login } => {
                write!(f, "the rule of share `{id}` is still there, but its node is not shared with {login}")
            }
        }
    }
}

impl Serialize for ExposureKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str, shared_to: &str) -> Vec<String> {
        let network = Network::parse(&format!(
            r#"{{"nodes": {{"mc": {{"ipv4": "100.64.0.10", "shared_to": {shared_to}}}, "nas": {{"ipv4": "100.64.0.11"}}}}}}"#
        ))
        .unwrap();
        let policy = Policy::parse(text).unwrap();
        let engine = Engine::of(&policy, &network).unwrap();
        exposure(text, &policy, &engine).unwrap().iter().map(|finding| finding.kind.to_string()).collect()
    }

    const SHARE: &str = "\n// acequia:share=mc-1\n{\"src\": [\"dee@github\"], \"dst\": [\"100.64.0.10\"], \"ip\": [\"tcp:25565\"]},\n";

    #[test]
    fn a_share_alone_is_no_exposure() {
        assert!(findings(&format!("{{\"grants\": [{SHARE}]}}"), r#"["dee@github"]"#).is_empty());
    }

    #[test]
    fn wildcards_and_what_is_beyond_the_shares_are_found() {
        let wide = "{\"src\": [\"*\"], \"dst\": [\"*\"], \"ip\": [\"tcp:25565\", \"tcp:22\"]},";
        let found = findings(&format!("{{\"grants\": [{wide}{SHARE}]}}"), r#"["dee@github"]"#);
        assert_eq!(
            found,
            [
                "a rule for everybody lets share recipients reach shared nodes",
                "dee@github reaches more of `mc` than was agreed",
            ]
        );
        let agreed = wide.replace(", \"tcp:22\"", "");
        assert!(findings(&format!("{{\"grants\": [{agreed}{SHARE}]}}"), r#"["dee@github"]"#).is_empty());
    }

    #[test]
    fn a_rule_of_an_ended_share_is_found() {
        assert_eq!(
            findings(&format!("{{\"grants\": [{SHARE}]}}"), "[]"),
            ["the rule of share `mc-1` is still there, but its node is not shared with dee@github"]
        );
    }

    #[test]
    fn what_rests_on_a_rule_that_is_not_understood_is_told_as_that() {
        let text = r#"{"grants": [{"src": ["dee@github"], "dst": ["100.64.0.10"], "ip": ["quic:22"]}]}"#;
        let network =
            Network::parse(r#"{"nodes": {"mc": {"ipv4": "100.64.0.10", "shared_to": ["dee@github"]}}}"#)
                .unwrap();
        let policy = Policy::read(text, crate::Reading::InForce).unwrap();
        let engine = Engine::of(&policy, &network).unwrap();
        let found = exposure(text, &policy, &engine).unwrap();
        let kinds: Vec<String> = found.iter().map(|finding| finding.kind.to_string()).collect();
        assert_eq!(
            kinds,
            [
                "dee@github may reach more of `mc` than was agreed, by a rule of which something is not known here"
            ]
        );
    }

    #[test]
    fn a_literal_source_is_told_as_possible() {
        let literal = "{\"grants\": [{\"src\": [\"100.99.0.0/16\"], \"dst\": [\"*\"], \"ip\": [\"22\"]}]}";
        assert_eq!(
            findings(literal, r#"["dee@github"]"#),
            ["dee@github may reach more of `mc` than was agreed, if they have an address that a rule names"]
        );
    }
}
