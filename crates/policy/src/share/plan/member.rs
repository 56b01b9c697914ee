//! A share on a Headscale, where the friend is a user of the owner's server: a rule of its own is all that a share is, and
//! whatever lets everybody in lets them in too, on every machine.

use std::collections::BTreeSet;

use model::Protocol;

use super::edit;
use super::{Mode, ShareError, SharePlan, ShareRequest, Warning};
use crate::accounts::check_names;
use crate::diff::diff;
use crate::membership::{Member, explicit, narrowed};
use crate::narrow::Narrowing;
use crate::network::Node;
use crate::reach::{Engine, Entry, Part, PortRanges};
use crate::share::{Form, ShareRule};
use crate::splice::between;
use crate::syntax::{Language, Policy, RuleRef};

pub(super) fn share(
    text: &str,
    network: &crate::Network,
    request: &ShareRequest,
    mode: Mode,
    language: Language,
) -> Result<SharePlan, ShareError> {
    let node = network.node_named(&request.node).and_then(|index| network.node(index));
    let node = node.ok_or_else(|| ShareError::NoSuchNode(request.node.clone()))?;
    let rule = ShareRule::new(&request.who, node, &request.ports, Form::Acls);
    if rule.dst.is_empty() {
        return Err(ShareError::NoAddress(request.node.clone()));
    }
    let policy = Policy::read(text, language)?;
    let unknown = check_names(&policy, network, Some(&request.who))?;
    let spelled = unknown.iter().find(|unknown| unknown.name == request.who.as_str());
    if let Some(like) = spelled.and_then(|unknown| unknown.like.clone()) {
        return Err(ShareError::Spelled { who: request.who.clone(), like });
    }
    let member = Member::named(network, &request.who);
    if node.owner() == Some(member.user) {
        return Err(ShareError::Theirs(request.node.clone()));
    }
    if let Some(line) = edit::line_of(text, &policy, &request.id)? {
        return Err(ShareError::Present { id: request.id.clone(), line });
    }
    let case = Case { member: &member, request, node };
    let before = Engine::of(&policy, &member.network)?;
    let excess = case.excess(text, &policy, &before)?;
    // Somebody who is here is taken out of what leads to the lender's machines, and of nothing else.
    let only: BTreeSet<RuleRef> = excess.iter().flat_map(|entry| &entry.rules).copied().collect();
    let only = member.here.then_some(&only);
    let refused = |excess, narrowing: Option<Narrowing>| ShareError::MemberReachesMore {
        here: member.here,
        excess,
        narrowing: narrowing.map(Box::new),
    };
    let default = policy.allows_by_default();
    let narrowing = match mode {
        _ if excess.is_empty() && !default => None,
        Mode::Narrow => Some(case.narrowing(text, &policy, only)?.ok_or_else(|| refused(excess, None))?),
        Mode::Exact => return Err(refused(excess, case.narrowing(text, &policy, only).ok().flatten())),
        // What they reach anyway opens by nothing that is done here; the first rule would shut everybody else out.
        Mode::WholeNode if member.here => explicit(text, &policy, &member)?,
        Mode::WholeNode => return Err(ShareError::OpensNetwork { excess }),
    };
    case.plan(text, policy, rule, narrowing)
}

struct Case<'a> {
    member: &'a Member,
    request: &'a ShareRequest,
    node: &'a Node,
}

impl Case<'_> {
    fn asked(&self, number: u8) -> PortRanges {
        self.request.asked(number)
    }

    fn is_here(&self, entry: &Entry) -> bool {
        entry.node == self.request.node && matches!(entry.part, Part::Node | Part::Address(_))
    }

    /// What the friend reaches beyond the ports by rules that are no shares with them: on all machines that are not theirs, or
    /// on the lender's, where they were on the server before. What they reach of others is nothing that this share opens.
    fn excess(&self, text: &str, policy: &Policy, engine: &Engine) -> Result<Vec<Entry>, ShareError> {
        let agreed = edit::shares_with(text, policy, &self.request.who)?;
        let mut all = self.member.reached(engine, agreed);
        all.retain(|entry| !self.member.here || self.member.is_of_lender(&entry.node, &self.request.node));
        for entry in &mut all {
            if self.is_here(entry) {
                entry.ports = entry.ports.difference(&self.asked(entry.protocol));
            }
        }
        all.retain(|entry| !entry.ports.is_empty());
        Ok(all)
    }

    /// The narrowing of all rules, or of these alone, if it leaves the friend just the ports.
    fn narrowing(
        &self,
        text: &str,
        policy: &Policy,
        only: Option<&BTreeSet<RuleRef>>,
    ) -> Result<Option<Narrowing>, ShareError> {
        let narrowing = narrowed(text, policy, self.member, only)?;
        let policy = Policy::read(&narrowing.after, policy.language)?;
        let engine = Engine::of(&policy, &self.member.network)?;
        let left = self.excess(&narrowing.after, &policy, &engine)?;
        Ok(left.is_empty().then_some(narrowing))
    }

    fn plan(
        &self,
        text: &str,
        policy: Policy,
        rule: ShareRule,
        narrowing: Option<Narrowing>,
    ) -> Result<SharePlan, ShareError> {
        let (base, policy) = match &narrowing {
            None => (text, policy),
            Some(narrowing) => (narrowing.after.as_str(), Policy::read(&narrowing.after, policy.language)?),
        };
        let before = Engine::of(&policy, &self.member.network)?;
        let after = edit::insert_rule(base, &policy, &self.request.id, &rule)?;
        let written = Policy::read(&after, policy.language)?;
        let unknown_names = check_names(&written, &self.member.network, None)?;
        let then = Engine::of(&written, &self.member.network)?;
        let gained = self.proven(&before, &then)?;
        let anyway = self.member.reached(&before, Vec::new());
        let lost = narrowing.as_ref().map(|narrowing| narrowing.lost.clone()).unwrap_or_default();
        let excess = self.excess(base, &policy, &before)?;
        let warnings = warnings(excess, self.member.perhaps(&before), &anyway, &gained);
        let splices = between(base, &after).into_iter().collect();
        Ok(SharePlan { narrowing, after, splices, rule, gained, lost, anyway, warnings, unknown_names })
    }

    /// Reach afterwards is reach before plus exactly the share, or there is no plan.
    fn proven(&self, before: &Engine, after: &Engine) -> Result<Vec<Entry>, ShareError> {
        let change = diff(before, after);
        let ours = |entry: &Entry| {
            entry.who == self.member.who
                && self.is_here(entry)
                && entry.ports.difference(&self.asked(entry.protocol)).is_empty()
        };
        let reached = self.member.reached(after, Vec::new());
        // Devices that are there speak the families that they have addresses of.
        let (v4, v6) = match after.families(&self.member.who) {
            (false, false) => (true, true),
            families => families,
        };
        let spoken = self.node.addresses().filter(|address| if address.is_ipv4() { v4 } else { v6 });
        let all = spoken.into_iter().all(|address| {
            Protocol::ALL.into_iter().all(|protocol| {
                let mut missing = self.asked(protocol.number());
                let here = |entry: &&Entry| {
                    let place = entry.part == Part::Node || entry.part == Part::Address(address);
                    entry.node == self.request.node && place && entry.protocol == protocol.number()
                };
                for entry in reached.iter().filter(here).filter(|entry| entry.note.is_none()) {
                    missing = missing.difference(&entry.ports);
                }
                missing.is_empty()
            })
        });
        if all && change.lost.is_empty() && change.gained.iter().all(ours) {
            return Ok(change.gained);
        }
        Err(ShareError::Unproven { gained: change.gained, lost: change.lost })
    }
}

fn warnings(excess: Vec<Entry>, unproven: Vec<Entry>, anyway: &[Entry], gained: &[Entry]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if !excess.is_empty() {
        warnings.push(Warning::WholeNode(excess));
    }
    if !unproven.is_empty() {
        warnings.push(Warning::Unproven(unproven));
    }
    if gained.is_empty() {
        let rules: BTreeSet<RuleRef> = anyway.iter().flat_map(|entry| entry.rules.iter().copied()).collect();
        warnings.push(Warning::Redundant(rules.into_iter().collect()));
    }
    warnings
}
