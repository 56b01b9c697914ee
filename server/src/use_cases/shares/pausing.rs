//! A share that is taken out of force for a while, and put back.

use app::fault::Fault;
use app::ports::shares::PauseView;
use model::text::sentence;
use model::{Decision, ShareEvent, ShareId, ShareState, StepPhase};

use crate::failure::OrInternal as _;
use crate::hosts;
use crate::plan::Plan;
use crate::reach;
use crate::shares;
use crate::store::gates::Names;
use crate::store::shares::{Along, Share};
use crate::use_cases::Asker;
use crate::words;

/// A page is no longer for it than for a share that takes all away.
const MOST_LINES: usize = 20;

impl Asker {
    pub(super) async fn pausing_of(&self, id: ShareId) -> Result<PauseView, Fault> {
        let share = self.given_share(id).await?;
        let names = self.names_of_share(&share).await?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let on_server = tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale());
        let can = share.state.clone().pause().is_ok();
        let (little, anyway) = if can {
            self.left_by_a_pause(&share, &names, on_server).await?
        } else {
            (Vec::new(), Vec::new())
        };
        Ok(PauseView {
            id,
            gate: self.gate_of_share(&share).await?,
            can,
            means: words::share::pausing::means(&names, share.ends.is_some(), on_server),
            little,
            anyway,
        })
    }

    /// Why little is taken away, and what is reached all the same: by rules that are not the share's.
    async fn left_by_a_pause(
        &self,
        share: &Share,
        names: &Names,
        on_server: bool,
    ) -> Result<(Vec<String>, Vec<app::ports::shares::ReachLine>), Fault> {
        // On a server that was a yes to leaving other rules as they are, which is said of them.
        let whole = !on_server
            && share.deeds.approved.as_ref().is_some_and(|yes| yes.decision == Decision::WholeNode);
        let mut why: Vec<String> =
            whole.then(|| words::share::pausing::WHOLE_MACHINE.to_owned()).into_iter().collect();
        let planned = match self.planned(share).await {
            Ok(planned) => planned,
            Err(Fault::Unavailable(_) | Fault::Conflict(_)) => {
                why.push(words::share::pausing::NOT_KNOWN.into());
                return Ok((why, Vec::new()));
            }
            Err(fault) => return Err(fault),
        };
        let mut entries = planned.plan.shown().anyway.clone();
        if let Plan::Wide { excess, .. } = &planned.plan {
            entries.extend(excess.iter().cloned());
        }
        let login = share.login.as_str();
        let name = |who: &policy::Who| {
            let who = who.to_string();
            if who.eq_ignore_ascii_case(login) { names.friend.clone() } else { who }
        };
        let mut lines = reach::lines(&entries, &planned.policy.text, name);
        // What they reach of other machines has nothing to do with this pause.
        lines.retain(|line| line.node == names.node);
        lines.dedup();
        lines.truncate(MOST_LINES);
        if !lines.is_empty() && !whole {
            why.push(words::share::pausing::OTHER_RULES.into());
        }
        Ok((why, lines))
    }

    pub(super) async fn pause_share(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        let next = share.state.clone().pause();
        share.state = next.map_err(|error| Fault::conflict(sentence(&error.to_string())))?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let on_server = tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale());
        let entry =
            shares::entry(&share, self.actor().await?, ShareEvent::Pausing { on_server }).at(&self.state);
        let along = Along { entries: vec![entry], forget_steps: Some(StepPhase::Pause), ..Along::default() };
        let node = share.node;
        self.store(share, along).await?;
        // A host that fetches shuts at once, whatever the control plane does.
        hosts::try_renew(&self.state, node).await;
        Ok(())
    }

    pub(super) async fn open_share_again(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        debug_assert!(!matches!(share.state, ShareState::Paused { .. }) || share.deeds.rule_begun);
        let next = share.state.clone().open_again();
        share.state = next.map_err(|error| Fault::conflict(sentence(&error.to_string())))?;
        // What was narrowed once is not narrowed again without a word: somebody may have had a reason to widen it.
        if let Some(yes) = &mut share.deeds.approved {
            yes.narrowing = None;
        }
        let entry = shares::entry(&share, self.actor().await?, ShareEvent::Reopened).at(&self.state);
        let along = Along { entries: vec![entry], forget_steps: Some(StepPhase::Apply), ..Along::default() };
        self.store(share, along).await
    }
}
