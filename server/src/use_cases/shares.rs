//! Shares: lists, the page of one, apply and end.

use app::fault::Fault;
use app::ports::paging::{PAGE, Paged};
use app::ports::shares::{Party, ReviewView, ShareView, Shares, SharesView};
use async_trait::async_trait;
use control_plane::DeviceId;
use model::{Decision, EndReason, JobKind, Need, Phase, ShareId, ShareState, Step, StepPhase};
use sharing::words::words;
use sharing::{Approval, InviteDeed};

use self::telling::{attention, ending_means, in_progress, not_proven, steps_of, unproven_means};
use super::rights::Side;
use super::{Asker, join};
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::jobs::look_now;
use crate::plan::{difference, lines, narrowing};
use crate::planes;
use crate::planes::{OwnerShutOut, in_words};
use crate::queue;
use crate::shares;
use crate::store::shares::{Along, Group, Share};
use crate::tailnet::{Inventory, Lease, known};

/// How often an end is tried while others change the same share.
const TRIES: u32 = 10;

const WEEK: i64 = 7 * 24 * 60 * 60;

mod telling;

/// `GROUP.ID`, as [`SharesView::next`] gives it.
fn cursor(text: &str) -> Option<(Group, ShareId)> {
    let (place, id) = text.split_once('.')?;
    Some((Group::at(place.parse().ok()?)?, id.parse().ok()?))
}

#[async_trait]
impl Shares for Asker {
    async fn list_page(&self, after: Option<String>) -> Result<SharesView, Fault> {
        let me = self.me()?;
        let soon = self.state.now().plus_seconds(WEEK);
        let after = after.as_deref().and_then(cursor);
        let shares = self.state.db.list_grouped_shares(me, soon, after, PAGE + 1).await;
        let page = Paged::of(shares.or_internal("list the shares")?, |(group, row)| {
            format!("{}.{}", group.place(), row.id)
        });
        let mut view = SharesView { next: page.next, ..SharesView::default() };
        let readable = page.items.into_iter().filter_map(|(group, row)| Some((group, row.share?)));
        let (groups, shares): (Vec<Group>, Vec<Share>) = readable.unzip();
        for (group, gate) in groups.into_iter().zip(self.gates_of_shares(&shares).await?) {
            let list = match group {
                Group::Waiting => &mut view.waiting,
                Group::EndingSoon => &mut view.ending_soon,
                Group::Given => &mut view.given,
                Group::Received => &mut view.received,
                Group::Ended => &mut view.ended,
            };
            list.push(gate);
        }
        Ok(view)
    }

    async fn get(&self, id: ShareId) -> Result<ShareView, Fault> {
        let (share, side) = self.my_share(id).await?;
        let db = &self.state.db;
        let names = self.names_of_share(&share).await?;
        let steps = db.list_steps(id).await.or_internal("list the steps")?;
        let placed = db.find_service(share.service).await.or_internal("read the service")?;
        let receiving = side == Side::Receiving;
        let active = matches!(share.state, ShareState::Active { .. });
        let waiting = matches!(share.state, ShareState::WaitingForFriend { .. });
        let invite_link = if receiving && waiting {
            planes::open_invite(&self.state, &share).or_internal("open the invite's link")?
        } else {
            None
        };
        let join = match placed {
            Some(placed) if receiving && (active || waiting) => {
                join::steps(&placed, Some(share.login.as_str()))
            }
            _ => Vec::new(),
        };
        Ok(ShareView {
            id,
            gate: self.gate_of_share(&share).await?,
            party: if receiving { Party::Friend } else { Party::Owner },
            tailnet: share.tailnet,
            node_id: share.node,
            note: names.note.clone(),
            login: share.login.to_string(),
            accepted: share.accepted,
            seen_in_force: share.seen_in_force,
            steps: steps_of(&share, &steps),
            // Whoever is to read and copy the link is not disturbed by a page that reloads.
            in_progress: in_progress(&share.state) && !(receiving && waiting),
            attention: attention(&share.state, receiving),
            invite_link,
            join,
            own_reach: if receiving { self.own_reach(&share).await? } else { None },
            host: if receiving { None } else { Some(self.standing_of_node(share.node).await?) },
            can_end: share.state.clone().end(EndReason::OwnerEnded).is_ok(),
            can_check: !receiving && active,
            manual: if receiving { None } else { self.manual(&share).await? },
            unproven_means: if receiving { Vec::new() } else { unproven_means(&share, &names) },
            can_review: !receiving && share.state.clone().apply().is_ok(),
            ending_means: ending_means(&share, &names.friend, &names.service, receiving),
            history: self.history(id.uuid()).await?,
        })
    }

    async fn review(&self, id: ShareId) -> Result<ReviewView, Fault> {
        self.review_of(id).await
    }

    async fn apply(&self, id: ShareId, plan: String, decision: Decision) -> Result<(), Fault> {
        let mut share = self.reviewable(id).await?;
        let planned = self.planned(&share).await?;
        if planned.plan.name(&planned.policy.text) != plan {
            return Err(Fault::Conflict(
                "The policy or the machines changed since you looked. Nothing was written; this is the new plan."
                    .into(),
            ));
        }
        let Some(chosen) = planned.plan.chosen(decision) else {
            return Err(Fault::field("decision", "choose between narrowing first and the whole node"));
        };
        match share.state.attention().map(|attention| attention.step) {
            // The old one was seen to be gone: a new one is made, and its being opened is waited for.
            Some(Step::Invite) => {
                share.deeds.forget_invite();
                share.invite_url_sealed = None;
            }
            // What is looked for in the policy from now on is the rule that was agreed now.
            Some(Step::Rule) => share.deeds.rule = serde_json::to_string(&chosen.rule).ok(),
            _ => {}
        }
        share.state =
            share.state.apply().map_err(|error| Fault::Conflict(format!("{error}; nothing was changed")))?;
        let actor = self.actor().await?;
        share.deeds.approved = Some(Approval {
            by: self.me()?,
            by_name: actor.name().to_owned(),
            at: self.state.now(),
            decision,
            difference: difference(chosen),
            narrowing: narrowing(chosen),
            lines: lines(chosen),
            shared: Some(planned.shared_to),
        });
        let said = match decision {
            Decision::Apply => "said yes to exactly the service",
            Decision::NarrowAndApply => "said yes to narrowing the policy and to exactly the service",
            Decision::WholeNode => "said yes to the whole node",
        };
        let entry = shares::entry(&self.state, &share, actor, said.into(), None, None);
        self.store(
            share,
            Along { entries: vec![entry], forget_steps: Some(StepPhase::Apply), ..Along::default() },
        )
        .await
    }

    async fn end(&self, id: ShareId) -> Result<(), Fault> {
        // Whatever else happens to it at the same moment, an end is an end: looked at again until it is one.
        for _ in 0..TRIES {
            let (mut share, side) = self.my_share(id).await?;
            let why = match side {
                Side::Giving => EndReason::OwnerEnded,
                Side::Receiving => EndReason::FriendEnded,
            };
            if share.state.clone().end(why).is_err() {
                return Err(Fault::Conflict(ended_already(&share)));
            }
            let actor = self.actor().await?;
            if shares::begin_end(&self.state, &mut share, why, actor).await.or_internal("end the share")? {
                return Ok(());
            }
        }
        Err(Fault::Conflict("It changes again and again. Nothing was done; look at it and try again.".into()))
    }

    async fn retry(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        share.state =
            share.state.resume().map_err(|error| Fault::Conflict(format!("{error}; nothing was changed")))?;
        let entry =
            shares::entry(&self.state, &share, self.actor().await?, "asked to try again".into(), None, None);
        self.store(share, Along { entries: vec![entry], ..Along::default() }).await
    }

    async fn check(&self, id: ShareId) -> Result<(), Fault> {
        let share = self.given_share(id).await?;
        if !matches!(share.state, ShareState::Active { .. }) && share.state.attention().is_none() {
            return Err(Fault::Conflict("This share is not open; nothing was looked at.".into()));
        }
        let lease = Lease::take_soon(&self.state, share.tailnet).await.or_internal("take the lease")?;
        let Some(lease) = lease else {
            return Err(Fault::Conflict(
                "A job is looking at this tailnet at this moment; nothing was changed.".into(),
            ));
        };
        let looked = look_now(&self.state, share.tailnet).await;
        lease.give_back().await.or_internal("give the lease back")?;
        looked.map_err(|error| match (error.downcast_ref(), error.downcast_ref::<OwnerShutOut>()) {
            (Some(error), _) => Fault::Unavailable(format!("{} Nothing was changed.", in_words(error))),
            (None, Some(shut_out)) => Fault::Conflict(shut_out.to_string()),
            (None, None) => {
                Fault::Unavailable("It could not be looked at. Nothing was changed; try again.".into())
            }
        })?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        match tailnet.and_then(|tailnet| tailnet.look_failed) {
            Some(why) => Err(Fault::Unavailable(format!("{why} Nothing was changed."))),
            None => Ok(()),
        }
    }

    async fn end_unproven(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        let ShareState::NeedsAttention { phase: Phase::End { .. }, attention } = &share.state else {
            return Err(Fault::Conflict(
                "That is for shares whose ending has stopped; nothing was changed.".into(),
            ));
        };
        let question = not_proven(&share, &words(attention).reason);
        let before = share.state.name().to_owned();
        share.state = share
            .state
            .clone()
            .ended(self.state.now(), Some(question.clone()))
            .or_internal("end the share")?;
        share.invite_url_sealed = None;
        let what = "called it ended without proof".to_owned();
        let entry =
            shares::entry(&self.state, &share, self.actor().await?, what, Some(before), Some(question));
        let node = share.node;
        self.store(share, Along { entries: vec![entry], ..Along::default() }).await?;
        // The host's own guard is what is left to close the gate.
        hosts::try_renew(&self.state, node).await;
        Ok(())
    }

    async fn paste_invite(&self, id: ShareId, link: String) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        let wrong = |error: &str| Fault::field("link", error);
        let link = link.trim();
        let fine = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        if !fine || link.len() > 500 {
            return Err(wrong("paste the whole link that the console gave, beginning with https://"));
        }
        let stopped = matches!(&share.state,
            ShareState::NeedsAttention { attention, phase: Phase::Apply } if attention.need == Need::Invite);
        if !stopped {
            return Err(Fault::Conflict("This share waits for no invite; nothing was changed.".into()));
        }
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let node = node.ok_or(Fault::NotFound)?;
        let plane = planes::of(&self.state, share.tailnet).await.or_internal("reach the control plane")?;
        let invites = plane
            .list_invites(&control_plane::DeviceId::new(&node.control_id))
            .await
            .map_err(|error| Fault::Unavailable(format!("{} Nothing was changed.", in_words(&error))))?;
        let code = |url: &str| url.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let found = invites
            .iter()
            .find(|invite| invite.url.as_ref().is_some_and(|url| code(url.expose()) == code(link)))
            .ok_or_else(|| wrong("the control plane knows no such invite for this machine; copy it again"))?;
        if found.accepted {
            return Err(wrong("this invite was opened by somebody already; make a new one"));
        }
        if found.multi_use {
            return Err(wrong("this invite is for several people; make one for a single person"));
        }
        let others = self.state.db.list_open_shares(share.tailnet).await.or_internal("list the shares")?;
        let others = others.whole().or_internal("list the shares")?;
        let taken =
            |other: &Share| other.deeds.invite.as_ref().is_some_and(|invite| invite.id == found.id.as_str());
        if others.iter().any(taken) {
            return Err(wrong("this invite belongs to another share; make a new one"));
        }
        // The control plane's own link, not the typed one: the friend will follow it.
        let url = found.url.as_ref().map_or(link, |url| url.expose());
        share.deeds.invite =
            Some(InviteDeed { id: found.id.as_str().to_owned(), at: self.state.now(), ours: true });
        share.invite_url_sealed = Some(planes::seal_invite(&self.state, share.id, url));
        share.state = share.state.resume().or_internal("go on with the share")?;
        let what = "pasted the invite made in the console".to_owned();
        let entry = shares::entry(&self.state, &share, self.actor().await?, what, None, None);
        let steps = vec![(StepPhase::Apply, Step::Invite, "Made in the console, pasted here.".to_owned())];
        self.store(share, Along { entries: vec![entry], steps, ..Along::default() }).await
    }
}

/// What whoever comes second reads.
fn ended_already(share: &Share) -> String {
    let why = match &share.state {
        ShareState::Ending { why }
        | ShareState::Ended { why, .. }
        | ShareState::NeedsAttention { phase: Phase::End { why }, .. } => *why,
        _ => return "It cannot be ended as it is; nothing was changed.".into(),
    };
    let how = match why {
        EndReason::Expired => "its agreed time is over",
        EndReason::OwnerEnded => "whoever gives it ended it",
        EndReason::FriendEnded => "whoever received it gave it back",
        EndReason::InviteLapsed => "its invite was not opened in time",
        EndReason::ShutOut => "one of the two may no longer come in here",
    };
    let state = if share.state.is_over() { "has ended" } else { "is ending" };
    format!("This share {state} already: {how}. Nothing more was changed.")
}

impl Asker {
    /// A share that waits for its owner's yes.
    pub(super) async fn reviewable(&self, id: ShareId) -> Result<Share, Fault> {
        let mut share = self.given_share(id).await?;
        if share.state.clone().apply().is_err() {
            return Err(Fault::Conflict(format!(
                "This share is {} and needs no review; nothing was changed.",
                super::gates::state(&share.state).word()
            )));
        }
        // The invite was opened with another login than agreed: the new review is about that one.
        if let Some(by) = share.deeds.accepted_by.as_deref().and_then(|by| by.parse().ok()) {
            share.login = by;
        }
        Ok(share)
    }

    /// Stores a changed share with a job that works on it.
    async fn store(&self, mut share: Share, mut along: Along) -> Result<(), Fault> {
        along.jobs.push(queue::job(&self.state, JobKind::Share, share.id));
        let stored = self.state.db.update_share(&mut share, self.state.now(), &along).await;
        if !stored.or_internal("store the share")? {
            let now = self.state.db.find_share(share.id).await.or_internal("read the share")?;
            let word = now.as_ref().map_or("gone", |share| super::gates::state(&share.state).word());
            return Err(Fault::Conflict(format!(
                "It changed at the same moment: it is {word} now. Nothing more was done; look at it and try again."
            )));
        }
        let _ = self.state.signals.share_changes.send(share.id);
        self.state.signals.poke.notify_one();
        Ok(())
    }

    /// Reads what a plan is made of. Nothing is written.
    pub(super) async fn read_plane(
        &self,
        share: &Share,
    ) -> Result<(control_plane::PolicyFile, Inventory, std::sync::Arc<dyn control_plane::ControlPlane>), Fault>
    {
        let plane = planes::of(&self.state, share.tailnet).await.or_internal("reach the control plane")?;
        let fault = |error| Fault::Unavailable(format!("{} Nothing was changed.", in_words(&error)));
        let policy = plane.get_policy().await.map_err(fault)?;
        let node = self.state.db.find_node(share.node).await.or_internal("read the node")?;
        let machine = node.map(|node| DeviceId::new(&node.control_id));
        let of = (share.tailnet, plane.as_ref());
        let read = known::read(&self.state, of, None, machine.as_ref()).await;
        let inventory = read.or_internal("read with whom machines are shared")?.map_err(fault)?;
        Ok((policy, inventory, plane))
    }
}
