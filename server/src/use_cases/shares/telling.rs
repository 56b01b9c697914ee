//! What a share's page says of it, in sentences.

use app::ports::shares::{Attention, StepState, StepView};
use model::{Need, Phase, ShareState, Step, StepPhase};
use sharing::words::words;

use crate::store::shares::{DoneStep, Share};
use crate::words;

pub fn in_progress(state: &ShareState) -> bool {
    match state {
        ShareState::Applying
        | ShareState::Pausing
        | ShareState::Ending { .. }
        | ShareState::WaitingForFriend { .. } => true,
        ShareState::NeedsAttention { attention, .. } => attention.need == Need::Time,
        ShareState::AccountMissing { .. }
        | ShareState::Accepted { .. }
        | ShareState::Active { .. }
        | ShareState::Paused { .. }
        | ShareState::Drifted { .. }
        | ShareState::Ended { .. } => false,
    }
}

pub fn attention(state: &ShareState, receiving: bool) -> Option<Attention> {
    let attention = state.attention()?;
    let words = if receiving { words::share::friend::stopped(attention) } else { words(attention) };
    let pausing = matches!(state, ShareState::NeedsAttention { phase: Phase::Pause, .. });
    Some(Attention {
        reason: words.reason,
        next_step: words.next_step,
        wants_invite: !receiving && attention.need == Need::Invite,
        can_retry: !receiving && (pausing || !matches!(attention.need, Need::Review | Need::Invite)),
        again: attention.again,
        can_give_up: !receiving
            && matches!(state, ShareState::NeedsAttention { phase: Phase::End { .. }, .. }),
        wants_review: !receiving && !pausing && attention.need == Need::Review,
        wants_load: false,
    })
}

/// `by_rule`: where there are no invites, nothing is made, opened or deleted. `receiving`: its friend reads them.
pub fn steps_of(share: &Share, done: &[DoneStep], by_rule: bool, receiving: bool) -> Vec<StepView> {
    let ending = matches!(
        share.state,
        ShareState::Ending { .. }
            | ShareState::Ended { .. }
            | ShareState::NeedsAttention { phase: Phase::End { .. }, .. }
    );
    if matches!(share.state, ShareState::Accepted { .. } | ShareState::AccountMissing { .. }) {
        return Vec::new();
    }
    let pausing = matches!(
        share.state,
        ShareState::Pausing
            | ShareState::Paused { .. }
            | ShareState::NeedsAttention { phase: Phase::Pause, .. }
    );
    let stopped = share.state.attention().map(|attention| attention.step);
    // Through a pause, or under another rule: neither is made nor waited for once more.
    let kept = |step: Step| match step {
        Step::Invite => share.keeps_invite(),
        Step::Accept => share.keeps_invite() && share.deeds.accepted_by.is_some(),
        _ => false,
    };
    let mut views = Vec::new();
    let apply: (StepPhase, &[Step]) = (StepPhase::Apply, &Step::APPLY);
    let phases = match (ending, pausing) {
        (true, _) => vec![apply, (StepPhase::End, &Step::END)],
        (false, true) => vec![(StepPhase::Pause, Step::PAUSE.as_slice())],
        (false, false) => vec![apply],
    };
    let now = match (ending, pausing) {
        (true, _) => StepPhase::End,
        (false, true) => StepPhase::Pause,
        (false, false) => StepPhase::Apply,
    };
    for (phase, steps) in phases {
        let current = phase == now;
        let of_invites = |step: &&Step| matches!(step, Step::Invite | Step::Accept | Step::RemoveInvite);
        let found = |step: Step| done.iter().find(|d| d.phase == phase && d.step == step);
        let is_kept = |step: Step| {
            phase == StepPhase::Apply && kept(step) && found(step).is_none() && stopped != Some(step)
        };
        let steps = steps.iter().filter(|step| !(is_kept(**step) || by_rule && of_invites(step)));
        let steps: Vec<Step> = steps.copied().collect();
        for step in &steps {
            let found = found(*step);
            let state = match found {
                Some(_) => StepState::Done,
                None if current && stopped == Some(*step) => StepState::Stopped,
                None if current
                    && in_progress(&share.state)
                    && first_open(done, phase, &steps) == Some(*step) =>
                {
                    StepState::Now
                }
                None => StepState::ToDo,
            };
            // What was not needed, or belongs to the other direction, is not shown.
            let optional = step.is_rare() || !current || share.state.is_over();
            if state == StepState::ToDo && (optional || matches!(share.state, ShareState::Active { .. })) {
                continue;
            }
            let title =
                if receiving { words::share::friend::step(*step) } else { words::share::steps::title(*step) };
            views.push(StepView {
                title: title.into(),
                // What it did to policy and invite is its owner's.
                detail: found.filter(|_| !receiving).map(|d| d.detail.clone()),
                state,
                at: found.map(|d| d.at),
            });
        }
    }
    views
}

/// The step that is being done: the first one that is not done; some are there only where they were needed.
fn first_open(done: &[DoneStep], phase: StepPhase, steps: &[Step]) -> Option<Step> {
    steps
        .iter()
        .filter(|step| !step.is_rare())
        .find(|step| !done.iter().any(|d| d.phase == phase && d.step == **step))
        .copied()
}
