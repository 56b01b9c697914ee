//! Shares: lists, the page of one, apply and end.

use app::fault::Fault;
use app::ports::paging::{PAGE, Paged};
use app::ports::shares::{EndForm, PauseView, ReviewView, ShareView, Shares, SharesView};
use async_trait::async_trait;
use model::text::sentence;
use model::{Decision, EndReason, JobKind, Login, Phase, ShareEvent, ShareId, ShareState, Step, StepPhase};
use sharing::words::words;
use sharing::{Approval, Former};

use super::Asker;
use super::rights::{SaysYes, Side};
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::jobs::observe_now;
use crate::plan::{Plan, difference, lines, narrowing, opens};
use crate::planes::{OwnerShutOut, in_words};
use crate::queue;
use crate::shares;
use crate::store::guests::Guest;
use crate::store::shares::{Along, Group, Share};
use crate::tailnet::Lease;
use crate::words;
use crate::words::share::ending::not_proven;

/// How often an end is tried while others change the same share.
const TRIES: u32 = 10;

mod account;
mod invites;
mod page;
mod pausing;
mod telling;
mod time;

/// `GROUP.ID`, as [`SharesView::next`] gives it.
fn cursor(text: &str) -> Option<(Group, ShareId)> {
    let (place, id) = text.split_once('.')?;
    Some((Group::at(place.parse().ok()?)?, id.parse().ok()?))
}

#[async_trait]
impl Shares for Asker {
    async fn list_page(&self, after: Option<String>) -> Result<SharesView, Fault> {
        let me = self.me()?;
        let after = after.as_deref().and_then(cursor);
        let offers = match after {
            None => self.newest_offers().await?,
            Some(_) => Vec::new(),
        };
        let shares = self.state.db.list_grouped_shares(me, self.state.now(), after, PAGE + 1).await;
        let page = Paged::of(shares.or_internal("list the shares")?, |(group, row)| {
            format!("{}.{}", group.place(), row.id)
        });
        let mut view = SharesView { next: page.next, offers, ..SharesView::default() };
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
        self.share_page(id).await
    }

    async fn review(&self, id: ShareId) -> Result<ReviewView, Fault> {
        self.review_of(id).await
    }

    async fn apply(&self, id: ShareId, plan: String, decision: Decision) -> Result<(), Fault> {
        let before = self.reviewed_share(id).await?;
        let mut share = self.as_reviewed(before.clone()).await?;
        let planned = self.planned(&share).await?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let on_server = tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale());
        // The rest of the policy is not theirs whose machine it is.
        let just_the_service = decision == Decision::Apply && matches!(planned.plan, Plan::Exact(_));
        if !just_the_service && self.says_yes(&before).await? != SaysYes::All {
            return Err(Fault::conflict(words::lender::NARROWING_IS_THE_OWNERS));
        }
        if planned.plan.name(&planned.policy.text) != plan {
            return Err(words::share::plan_changed());
        }
        let Some(chosen) = planned.plan.chosen(decision) else {
            let newcomer = matches!(planned.plan, Plan::Newcomer { .. });
            return Err(Fault::field("decision", words::share::choose_how(newcomer, on_server)));
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
        // A rule that stands goes out with what is narrowed, and comes in behind it.
        if share.state.attention().is_some() && chosen.narrowing.is_some() {
            share.deeds.rule = None;
        }
        // The rule with the ports from before holds until the one that was agreed now stands in its place.
        if share.asked.take().is_some() && before.deeds.rule_begun {
            let Share { ports, state, deeds, .. } = before.clone();
            let former = Former { ports, state, rule: deeds.rule, approved: deeds.approved };
            // Of two that were agreed before, the one that was applied.
            share.deeds.former = deeds.former.or(Some(former));
            share.deeds.rule = serde_json::to_string(&chosen.rule).ok();
        }
        let applied = share.state.clone().apply().or_else(|error| share.state.change().map_err(|_| error));
        share.state = applied.map_err(|error| Fault::conflict(sentence(&error.to_string())))?;
        let actor = self.actor().await?;
        // What was loaded then is not what is planned now.
        share.deeds.loaded = None;
        share.deeds.machine_shows = planned.plan.is_shown_by(&planned.node);
        share.deeds.approved = Some(Approval {
            by: self.me()?,
            by_name: actor.name().to_owned(),
            at: self.state.now(),
            decision,
            difference: difference(chosen),
            narrowing: narrowing(chosen),
            lines: lines(chosen),
            reach: Some(opens(chosen)),
            beforehand: None,
            shared: Some(planned.shared_to),
        });
        let event = ShareEvent::Approved { decision, on_server };
        let entry = shares::entry(&share, actor, event).at(&self.state);
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
                return Err(words::share::ended_already(&share.state));
            }
            let actor = self.actor().await?;
            if shares::begin_end(&self.state, &mut share, why, actor).await.or_internal("end the share")? {
                return Ok(());
            }
        }
        Err(words::share::changes_again_and_again())
    }

    async fn pausing(&self, id: ShareId) -> Result<PauseView, Fault> {
        self.pausing_of(id).await
    }

    async fn pause(&self, id: ShareId) -> Result<(), Fault> {
        self.pause_share(id).await
    }

    async fn open_again(&self, id: ShareId) -> Result<(), Fault> {
        self.open_share_again(id).await
    }

    async fn set_end(&self, id: ShareId, form: EndForm) -> Result<(), Fault> {
        self.set_end_of(id, form).await
    }

    async fn ask_longer(&self, id: ShareId, form: EndForm) -> Result<(), Fault> {
        self.ask_longer_for(id, form).await
    }

    async fn refuse_longer(&self, id: ShareId) -> Result<(), Fault> {
        self.refuse_longer_for(id).await
    }

    async fn name_account(&self, id: ShareId, login: String) -> Result<(), Fault> {
        self.name_account_of(id, login).await
    }

    async fn retry(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        share.state = share.state.resume().map_err(|error| Fault::conflict(sentence(&error.to_string())))?;
        let entry = shares::entry(&share, self.actor().await?, ShareEvent::RetryWanted).at(&self.state);
        self.store(share, Along { entries: vec![entry], ..Along::default() }).await
    }

    async fn check(&self, id: ShareId) -> Result<(), Fault> {
        let share = self.given_share(id).await?;
        if !matches!(share.state, ShareState::Active { .. }) && share.state.attention().is_none() {
            return Err(words::share::is_not_open());
        }
        let lease = Lease::take_soon(&self.state, share.tailnet).await.or_internal("take the lease")?;
        let Some(lease) = lease else {
            return Err(words::share::job_is_looking());
        };
        let looked = observe_now(&self.state, share.tailnet).await;
        lease.give_back().await.or_internal("give the lease back")?;
        looked.map_err(|error| match (error.downcast_ref(), error.downcast_ref::<OwnerShutOut>()) {
            (Some(error), _) => Fault::unavailable(in_words(error)),
            (None, Some(shut_out)) => Fault::conflict(shut_out.to_string()),
            (None, None) => words::share::could_not_be_looked_at(),
        })?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        match tailnet.and_then(|tailnet| tailnet.observe_error) {
            Some(why) => Err(Fault::unavailable(why)),
            None => Ok(()),
        }
    }

    async fn accept_beyond(&self, id: ShareId, seen: String) -> Result<(), Fault> {
        self.accept_beyond_of(id, seen).await
    }

    async fn end_unproven(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        let ShareState::NeedsAttention { phase: Phase::End { .. }, attention } = &share.state else {
            return Err(words::share::ending_has_not_stopped());
        };
        let question = not_proven(&share, &words(attention).reason);
        let before = share.state.name().to_owned();
        share.state = share
            .state
            .clone()
            .ended(self.state.now(), Some(question.clone()))
            .or_internal("end the share")?;
        share.invite_url_sealed = None;
        let event = ShareEvent::CalledEnded;
        let entry =
            shares::entry(&share, self.actor().await?, event).before(before).after(question).at(&self.state);
        let node = share.node;
        self.store(share, Along { entries: vec![entry], ..Along::default() }).await?;
        // The host's own guard is what is left to close the gate.
        hosts::try_renew(&self.state, node).await;
        Ok(())
    }

    async fn paste_invite(&self, id: ShareId, link: String) -> Result<(), Fault> {
        self.paste_invite_of(id, link).await
    }

    async fn renew_invite(&self, id: ShareId) -> Result<(), Fault> {
        self.renew_invite_of(id).await
    }
}

impl Asker {
    /// A share that waits for its owner's yes, as it would be with that.
    pub(super) async fn reviewable(&self, id: ShareId) -> Result<Share, Fault> {
        self.as_reviewed(self.reviewed_share(id).await?).await
    }

    async fn as_reviewed(&self, share: Share) -> Result<Share, Fault> {
        let mut share = reviewable(share)?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        if tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale()) {
            // The account that was chosen, by the name that it has now.
            let account = self.member(&share).await?;
            let login = account.and_then(|account| Login::of_headscale(&account.login).ok());
            let names = self.names_of_share(&share).await?;
            let guest = self.guest(&share).await?.filter(Guest::is_new);
            let login = login.or_else(|| Login::of_headscale(&guest?.login()).ok());
            share.login = login.ok_or_else(|| words::headscale::choose_first(&names.friend))?;
        }
        Ok(share)
    }

    /// Stores a changed share with a job that works on it.
    pub(super) async fn store(&self, mut share: Share, mut along: Along) -> Result<(), Fault> {
        along.jobs.push(queue::job(&self.state, JobKind::Share, share.id));
        let stored = self.state.db.update_share(&mut share, self.state.now(), &along).await;
        if !stored.or_internal("store the share")? {
            let now = self.state.db.find_share(share.id).await.or_internal("read the share")?;
            let word = now.as_ref().map_or("gone", |share| super::gates::state(&share.state).word());
            return Err(words::share::changed_meanwhile(word));
        }
        let _ = self.state.signals.share_changes.send(share.id);
        self.state.signals.poke.notify_one();
        Ok(())
    }
}

fn reviewable(mut share: Share) -> Result<Share, Fault> {
    if share.state.clone().apply().is_err() && !share.waits_for_other_ports() {
        return Err(words::share::needs_no_review(super::gates::state(&share.state).word()));
    }
    // The invite was opened with another login than agreed: the new review is about that one.
    if let Some(by) = share.deeds.accepted_by.as_deref().and_then(|by| by.parse().ok()) {
        share.login = by;
    }
    if let Some(asked) = &share.asked {
        share.ports = asked.clone();
    }
    Ok(share)
}
