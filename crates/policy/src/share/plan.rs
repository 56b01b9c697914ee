//! The plan of one share.

mod error;
mod member;

use std::collections::BTreeSet;

use model::{Login, Protocol, ServicePorts};

pub use error::ShareError;

use super::edit;
use super::{EditError, Form, ShareId, ShareRule};
use crate::accounts::UnknownName;
use crate::diff::diff;
use crate::narrow::{Narrowing, narrow};
use crate::network::{Network, Node, UserKind};
use crate::reach::{Engine, Entry, Note, Part, PortRanges, Query, Target, Who};
use crate::splice::{Splice, between};
use crate::syntax::{Language, Policy, RuleRef, protocol};

/// What is to be shared with whom.
#[derive(Clone, Debug)]
pub struct ShareRequest {
    /// Marks the rule in the file.
    pub id: ShareId,
    /// The friend's login in their own tailnet.
    pub who: Login,
    /// The node's name in the network.
    pub node: String,
    /// The ports of the service.
    pub ports: ServicePorts,
}

impl ShareRequest {
    /// The ports of a protocol, by its number.
    fn asked(&self, number: u8) -> PortRanges {
        let protocol = Protocol::ALL.into_iter().find(|protocol| protocol.number() == number);
        let mut ports = PortRanges::new();
        for range in protocol.iter().flat_map(|protocol| self.ports.of(*protocol).ranges()) {
            ports.union_with(&PortRanges::range(range.first(), range.last()));
        }
        ports
    }
}

/// What to do when other rules let the friend reach more than the ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Refuse.
    Exact,
    /// Narrow `*` sources first, if that is needed; refuse if it does not help.
    Narrow,
    /// Go on: the owner said "yes, the whole node".
    WholeNode,
}

/// Everything that applying a share does to the policy, worked out and proven.
#[derive(Clone, Debug)]
pub struct SharePlan {
    /// The edit before this one, if the file has to be narrowed first; written, recorded and undone by itself.
    pub narrowing: Option<Narrowing>,
    /// The text with the share. Its base is the narrowed text, if there is a narrowing.
    pub after: String,
    /// The share's edit, as ranges of its base.
    pub splices: Vec<Splice>,
    /// The rule, to be stored beside the share.
    pub rule: ShareRule,
    /// What the friend gains by the share: at most its ports on its node. Nobody else gains anything.
    pub gained: Vec<Entry>,
    /// What share recipients lose by the narrowing, on a Headscale the friend. The share itself takes nothing from anybody.
    pub lost: Vec<Entry>,
    /// What the friend reaches on the node by other rules of the base as soon as it is shared with them. On a Headscale, on
    /// all machines that are not theirs.
    pub anyway: Vec<Entry>,
    /// What the owner should know, most important first.
    pub warnings: Vec<Warning>,
    /// On a Headscale: names in the text that no account has, so that nothing comes of them.
    pub unknown_names: Vec<UnknownName>,
}

/// What the owner should know before saying yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Other rules let the friend reach more than the ports of the share.
    WholeNode(Vec<Entry>),
    /// Share recipients lose reach by the narrowing.
    OthersLose(Vec<Entry>),
    /// Rules with literal sources may let the friend reach more: their address cannot be seen from here.
    Unproven(Vec<Entry>),
    /// Rules that rest on what is not known here may let the friend reach the node besides.
    NotUnderstood(Vec<RuleRef>),
    /// By other rules the friend may reach services; whether they let people of other networks in is documented nowhere.
    Services(Vec<Entry>),
    /// The login is a member of this tailnet and reaches what members reach; a member needs no device invite.
    Member,
    /// Other rules allow all of it already, so that ending the share alone takes nothing away.
    Redundant(Vec<RuleRef>),
}

/// Plans a share: the edit, and what it changes for whom.
///
/// The network is taken as if the node were shared with the friend, in both texts that are compared.
///
/// ```
/// use policy::share::{Mode, ShareRequest, share};
/// let network = policy::Network::parse(r#"{
///   "users": [{"id": 1, "name": "ana", "email": "ana@example.com"}],
///   "nodes": {"mc": {"ipv4": "100.64.0.10", "ipv6": "fd7a:115c:a1e0::10", "user": "ana"}}
/// }"#)?;
/// let text = "{\n  \"acls\": [\n    {\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"*:*\"]},\n  ],\n}\n";
/// let request = ShareRequest {
///     id: "mc-1".parse()?,
///     who: "dee@github".parse()?,
///     node: "mc".into(),
///     ports: "tcp:25565".parse()?,
/// };
/// let plan = share(text, &network, &request, Mode::Exact, policy::Reading::Proposed)?;
/// assert_eq!(plan.gained[0].who.to_string(), "dee@github");
/// assert_eq!(policy::unshare(&plan.after, &request.id)?.after, text);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ShareError`]; among others when the friend would reach more than the ports and `mode` does not allow it.
pub fn share(
    text: &str,
    network: &Network,
    request: &ShareRequest,
    mode: Mode,
    language: impl Into<Language>,
) -> Result<SharePlan, ShareError> {
    let language = language.into();
    if language.dialect.is_headscale() {
        return member::share(text, network, request, mode, language);
    }
    let index =
        network.node_named(&request.node).ok_or_else(|| ShareError::NoSuchNode(request.node.clone()))?;
    let network = network.with_share(index, request.who.as_str());
    let node = network.node(index).ok_or_else(|| ShareError::NoSuchNode(request.node.clone()))?;
    let rule = ShareRule::new(&request.who, node, &request.ports, Form::Grants);
    if rule.dst.is_empty() {
        return Err(ShareError::NoAddress(request.node.clone()));
    }
    let case = Case { network: &network, request, language };
    let policy = Policy::read(text, language)?;
    let before = Engine::of(&policy, &network)?;
    if before.is_shared_in(index) {
        return Err(ShareError::NotOurs(request.node.clone()));
    }
    if let Some(line) = edit::line_of(text, &policy, &request.id)? {
        return Err(ShareError::Present { id: request.id.clone(), line });
    }
    let excess = case.excess(text, &policy, &before)?;
    let narrowing = match mode {
        _ if excess.is_empty() => None,
        Mode::Narrow => Some(case.narrowing(text)?.ok_or_else(|| refused(excess, None))?),
        Mode::Exact => return Err(refused(excess, case.narrowing(text).ok().flatten())),
        // The first grant would switch the default off for everybody, so that it is written out, wide as it is.
        Mode::WholeNode => case.explicit(text, &policy, &before)?,
    };
    let base = narrowing.as_ref().map_or(text, |narrowing| narrowing.after.as_str());
    case.plan(base, rule, narrowing.clone())
}

fn refused(excess: Vec<Entry>, narrowing: Option<Narrowing>) -> ShareError {
    ShareError::ReachesMore { excess, narrowing: narrowing.map(Box::new) }
}

struct Case<'a> {
    network: &'a Network,
    request: &'a ShareRequest,
    language: Language,
}

impl Case<'_> {
    fn friend(&self) -> Query {
        Query {
            from: Some(Who::Login(self.request.who.as_str().to_owned())),
            to: Some(Target::Node(self.request.node.clone())),
            ..Query::default()
        }
    }

    fn is_friend(&self, who: &Who) -> bool {
        matches!(who, Who::Login(login) if login.eq_ignore_ascii_case(self.request.who.as_str()))
    }

    fn asked(&self, number: u8) -> PortRanges {
        self.request.asked(number)
    }

    /// What the friend reaches on the node beyond the ports, by rules that are no shares with them.
    fn excess(&self, text: &str, policy: &Policy, engine: &Engine) -> Result<Vec<Entry>, EditError> {
        let agreed = edit::shares_with(text, policy, &self.request.who)?;
        let mut all = engine.reach(&Query { without: agreed, ..self.friend() });
        all.retain(|entry| {
            !entry.is_unproven() && !matches!(entry.protocol, protocol::ICMP | protocol::ICMP_V6)
        });
        for entry in &mut all {
            if matches!(entry.part, Part::Node | Part::Address(_)) {
                entry.ports = entry.ports.difference(&self.asked(entry.protocol));
            }
        }
        all.retain(|entry| !entry.ports.is_empty());
        Ok(all)
    }

    /// The narrowing, if it leaves the friend just the ports.
    fn narrowing(&self, text: &str) -> Result<Option<Narrowing>, ShareError> {
        let narrowing = narrow(text, self.network, self.language)?;
        let policy = Policy::read(&narrowing.after, self.language)?;
        let engine = Engine::of(&policy, self.network)?;
        let left = self.excess(&narrowing.after, &policy, &engine)?;
        Ok(left.is_empty().then_some(narrowing))
    }

    /// The default rule of a file without rules written out, without narrowing.
    fn explicit(
        &self,
        text: &str,
        policy: &Policy,
        before: &Engine,
    ) -> Result<Option<Narrowing>, ShareError> {
        if !policy.allows_by_default() {
            return Ok(None);
        }
        let after = edit::insert_default(text, policy, &["*".to_owned()])?;
        let change = diff(before, &Engine::read(&after, self.network, self.language)?);
        if !change.is_empty() {
            return Err(ShareError::Unproven { gained: change.gained, lost: change.lost });
        }
        let splices = between(text, &after).into_iter().collect();
        Ok(Some(Narrowing { after, splices, rules: vec![RuleRef::DEFAULT], lost: Vec::new() }))
    }

    fn plan(
        &self,
        base: &str,
        rule: ShareRule,
        narrowing: Option<Narrowing>,
    ) -> Result<SharePlan, ShareError> {
        let policy = Policy::read(base, self.language)?;
        let before = Engine::of(&policy, self.network)?;
        let after = edit::insert_rule(base, &policy, &self.request.id, &rule)?;
        let then = Engine::read(&after, self.network, self.language)?;
        let gained = self.proven(&before, &then)?;
        let anyway = before.reach(&self.friend());
        // The friend never had what the text before would have let them reach on this node.
        let others = |entry: &&Entry| entry.node != self.request.node || !self.is_friend(&entry.who);
        let lost: Vec<Entry> = narrowing.iter().flat_map(|n| n.lost.iter().filter(others)).cloned().collect();
        let mut warnings = self.warnings(&self.excess(base, &policy, &before)?, &lost, &anyway, &gained);
        warnings.extend(self.unknown(&before));
        let splices = between(base, &after).into_iter().collect();
        Ok(SharePlan {
            narrowing,
            after,
            splices,
            rule,
            gained,
            lost,
            anyway,
            warnings,
            unknown_names: Vec::new(),
        })
    }

    /// Reach afterwards is reach before plus exactly the share, or there is no plan.
    fn proven(&self, before: &Engine, after: &Engine) -> Result<Vec<Entry>, ShareError> {
        let change = diff(before, after);
        let ours = |entry: &Entry| {
            self.is_friend(&entry.who)
                && entry.node == self.request.node
                && matches!(entry.part, Part::Node | Part::Address(_))
                && entry.ports.difference(&self.asked(entry.protocol)).is_empty()
        };
        let reached = after.reach(&self.friend());
        let index = after.network().node_named(&self.request.node);
        let node = index.and_then(|index| after.network().node(index));
        let all = node.into_iter().flat_map(Node::addresses).all(|address| {
            Protocol::ALL.into_iter().all(|protocol| {
                let mut missing = self.asked(protocol.number());
                let here = |entry: &&Entry| entry.part == Part::Node || entry.part == Part::Address(address);
                // The devices of a member are held to the default posture, known here or not, whatever is shared.
                let member = !after.is_recipient(self.request.who.as_str());
                let sure = |entry: &Entry| match &entry.note {
                    None | Some(Note::Posture(_)) => true,
                    Some(Note::Unknown(_)) => member,
                    Some(_) => false,
                };
                for entry in reached.iter().filter(here) {
                    if sure(entry) && entry.protocol == protocol.number() {
                        missing = missing.difference(&entry.ports);
                    }
                }
                missing.is_empty()
            })
        });
        if all && change.lost.is_empty() && change.gained.iter().all(ours) {
            return Ok(change.gained);
        }
        Err(ShareError::Unproven { gained: change.gained, lost: change.lost })
    }

    /// What of the file is not known here and may let the friend reach the node, or a service, besides.
    fn unknown(&self, before: &Engine) -> Vec<Warning> {
        let (who, to) =
            (Who::Login(self.request.who.as_str().to_owned()), Target::Node(self.request.node.clone()));
        let mut rules: BTreeSet<RuleRef> = BTreeSet::new();
        for number in Protocol::ALL.map(Protocol::number) {
            rules.extend(before.may_reach(&who, &to, number, None));
        }
        let mut warnings = Vec::new();
        if !rules.is_empty() {
            warnings.push(Warning::NotUnderstood(rules.into_iter().collect()));
        }
        let is_service = |entry: &Entry| before.services().contains(&entry.node);
        let services: Vec<Entry> = before.reach(&Query::from(who)).into_iter().filter(is_service).collect();
        if !services.is_empty() {
            warnings.push(Warning::Services(services));
        }
        warnings
    }

    fn warnings(&self, excess: &[Entry], lost: &[Entry], anyway: &[Entry], gained: &[Entry]) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if !excess.is_empty() {
            warnings.push(Warning::WholeNode(excess.to_vec()));
        }
        if !lost.is_empty() {
            warnings.push(Warning::OthersLose(lost.to_vec()));
        }
        let unproven = |entry: &&Entry| entry.is_unproven() && !matches!(&entry.note, Some(Note::Unknown(_)));
        let unproven: Vec<Entry> = anyway.iter().filter(unproven).cloned().collect();
        if !unproven.is_empty() {
            warnings.push(Warning::Unproven(unproven));
        }
        let user = self.network.user_with_login(self.request.who.as_str());
        if user.and_then(|user| self.network.user(user)).is_some_and(|user| user.kind == UserKind::Member) {
            warnings.push(Warning::Member);
        }
        if gained.is_empty() {
            let rules: BTreeSet<RuleRef> =
                anyway.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
            warnings.push(Warning::Redundant(rules.into_iter().collect()));
        }
        warnings
    }
}

#[cfg(test)]
mod tests;
