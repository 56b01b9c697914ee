//! Offers, and the shares that came of them: agreed to and done, as far as they came.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow, ensure};
use control_plane::DeviceList;
use model::{
    Decision, JobKind, ObjectKind, OpenBy, ServiceId, ShareEvent, ShareId, ShareState, Step, StepPhase,
};
use sharing::{Approval, InviteDeed, Journal};
use world::{Answer, Offer, Records};

use super::{DAY, Machine, Storing};
use crate::plan::{Plan, difference, lines, opens};
use crate::queue;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::audit::{Actor, Object};
use crate::store::offers::{self, Answered};
use crate::store::shares::{Along, Share};
use crate::tailnet::Inventory;

/// For the hosts of machines that are lent.
const BACKEND: (firewall::Backend, &str) = (firewall::Backend::Nftables, "tailscale0");
/// How long an offer can be answered.
const OFFERED: i64 = 30 * DAY;

impl Storing<'_> {
    pub(super) async fn offer(
        &self,
        records: &Records,
        listed: &[ServiceId],
        offer: &Offer,
    ) -> anyhow::Result<()> {
        let (db, now) = (&self.state.db, self.state.now());
        let service = records.services.get(offer.service).zip(listed.get(offer.service));
        let (service, id) = service.context("an offer of nothing")?;
        let machine = self.machine(&service.tailnet, &service.machine)?;
        let friend = self.person(&offer.to)?;
        let then = now.plus_seconds(-offer.made_days_ago * DAY);
        let made = offers::Offer {
            id: self.state.new_id(),
            service: *id,
            made_by: machine.owner,
            to_person: Some(friend.id),
            to_email: None,
            token_hash: hash_token(&self.state.random.new_token()),
            ends: offer.ends_in_days.map(|days| now.plus_seconds(days * DAY)),
            note: offer.note.clone(),
            uses_left: 1,
            created: then,
            lapses: now.plus_seconds(OFFERED),
            withdrawn: None,
            declined: false,
            circle: None,
        };
        let object = Object { kind: ObjectKind::Offer, id: made.id.uuid(), name: service.name.clone() };
        let what = format!("offered {} to {}", service.name, friend.name);
        let entry = self.entry(machine, None, object, what)?;
        let refused = db.insert_offer(&made, &self.state.config.limits, &entry).await?;
        ensure!(refused.is_none(), "it is not stored: {refused:?}");
        let (share, open) = match offer.answer {
            Answer::None => return Ok(()),
            Answer::Accepted(share) => (share, false),
            Answer::Open(share) => (share, true),
        };
        let mut share = Share {
            id: share,
            offer: made.id,
            service: *id,
            node: machine.node.id,
            tailnet: machine.tailnet,
            owner: machine.owner,
            friend: friend.id,
            login: offer.to.parse()?,
            ports: service.ports.clone(),
            asked: None,
            ends: made.ends,
            state: ShareState::Accepted { again: None },
            deeds: Journal::default(),
            invite_url_sealed: None,
            accepted: then,
            longer: None,
            seen_in_force: None,
            version: 0,
        };
        let event = ShareEvent::Accepted { service: service.name.clone(), login: offer.to.clone() };
        let entry = self.entry(machine, Some(friend.id), object_of(share.id, &offer.to), event)?;
        let answered =
            db.accept_offer(&share, now, &entry, &queue::job(self.state, JobKind::Share, share.id)).await?;
        ensure!(answered == Answered::Now, "it cannot be answered: {answered:?}");
        if open {
            self.open(machine, &mut share).await?;
        }
        Ok(())
    }

    /// What the owner agreed to, and what was done for it: rule and accepted invite stand there.
    async fn open(&self, machine: &Machine, share: &mut Share) -> anyhow::Result<()> {
        let (state, now) = (self.state, self.state.now());
        let invites = machine.plane.list_invites(&machine.device.id).await?;
        let theirs = invites.iter().find(|invite| {
            invite.accepted_by.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(share.login.as_str()))
        });
        let invite = theirs.with_context(|| format!("{} has no invite", share.login))?;
        let planned = plan_of(machine, share)?;
        let by_name = self.people.values().find(|person| person.id == machine.owner);
        share.deeds = Journal {
            approved: Some(Approval {
                by: machine.owner,
                by_name: by_name.map(|person| person.name.clone()).unwrap_or_default(),
                at: now,
                decision: Decision::Apply,
                difference: difference(&planned),
                narrowing: None,
                lines: lines(&planned),
                reach: Some(opens(&planned)),
                beforehand: None,
                shared: None,
            }),
            rule: Some(serde_json::to_string(&planned.rule)?),
            rule_begun: true,
            former: None,
            invites_before: Some(Vec::new()),
            invite_asked: Some(now),
            invite: Some(InviteDeed { id: invite.id.as_str().to_owned(), at: now, ours: true }),
            accepted_by: invite.accepted_by.clone(),
            friend_sees: Some(machine.device.name.clone()),
            ..Journal::default()
        };
        share.state = ShareState::Active { since: now };
        share.seen_in_force = Some(now);
        let yes = ShareEvent::Approved { decision: Decision::Apply, on_server: false };
        let mut entries = vec![self.entry(machine, None, object_of(share.id, share.login.as_str()), yes)?];
        let done =
            [ShareEvent::RuleWritten, ShareEvent::InviteMade, ShareEvent::Opened { by: OpenBy::Invite }];
        entries.extend(done.map(|event| shares::entry(share, Actor::Acequia, event).at(state)));
        let steps = [Step::Rule, Step::Invite, Step::Snippet, Step::Accept, Step::Confirm];
        let along = Along {
            entries,
            steps: steps.map(|step| (StepPhase::Apply, step, String::new())).to_vec(),
            ..Along::default()
        };
        ensure!(state.db.update_share(share, now, &along).await?, "it was changed meanwhile");
        let object = Object::from(&machine.node);
        let entry =
            self.entry(machine, None, object, format!("chose the firewall of {}", machine.node.name))?;
        let (backend, interface) = BACKEND;
        state.db.choose_host(machine.node.id, backend, interface, &entry).await?;
        Ok(())
    }
}

fn object_of(share: ShareId, login: &str) -> Object {
    Object::share(share, login)
}

/// What a share changes where no other rule says anything about its friend: the same in a policy of this rule alone.
fn plan_of(machine: &Machine, share: &Share) -> anyhow::Result<policy::share::SharePlan> {
    let devices = DeviceList { devices: vec![machine.device.clone()], shared_in_listed: false };
    let alone = Inventory { devices, users: Vec::new(), shared_to: BTreeMap::new() };
    let planned =
        Plan::make("{\"grants\": []}", &alone, share, &machine.node.name, policy::Reading::InForce.into())?;
    match planned {
        Plan::Exact(planned) => Ok(planned),
        wide @ (Plan::Wide { .. } | Plan::Newcomer { .. }) => {
            Err(anyhow!("it would give more than was offered: {wide:?}"))
        }
    }
}
