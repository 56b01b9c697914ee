//! What a share's page says of it, in sentences.

use app::ports::shares::{Attention, StepState, StepView};
use model::{Need, Phase, ShareState, Step, StepPhase};
use sharing::words::words;

use crate::store::gates::Names;
use crate::store::shares::{DoneStep, Share};

pub fn in_progress(state: &ShareState) -> bool {
    match state {
        ShareState::Applying | ShareState::Ending { .. } | ShareState::WaitingForFriend { .. } => true,
        ShareState::NeedsAttention { attention, .. } => attention.need == Need::Time,
        ShareState::Accepted { .. }
        | ShareState::Active { .. }
        | ShareState::Drifted { .. }
        | ShareState::Ended { .. } => false,
    }
}

pub fn attention(state: &ShareState, receiving: bool) -> Option<Attention> {
    let attention = state.attention()?;
    let words = words(attention);
    let friend = "The owner has been told; there is nothing for you to do.";
    Some(Attention {
        reason: words.reason,
        next_step: if receiving { friend.into() } else { words.next_step },
        wants_invite: !receiving && attention.need == Need::Invite,
        can_retry: !receiving && attention.need != Need::Review && attention.need != Need::Invite,
        again: attention.again,
        can_give_up: !receiving
            && matches!(state, ShareState::NeedsAttention { phase: Phase::End { .. }, .. }),
        wants_review: !receiving && attention.need == Need::Review,
    })
}

pub fn ending_means(share: &Share, friend: &str, service: &str, receiving: bool) -> Vec<String> {
    let mut means = Vec::new();
    if receiving {
        means.push(format!("You no longer reach {service}. Coming back needs a new offer."));
    } else {
        means.push(format!("{friend} no longer reaches {service}. Nobody else loses anything."));
    }
    if share.deeds.rule_begun {
        means.push("The rule is taken out of the policy; every other byte of it stays.".into());
        means.push("The device invite is deleted, and everything is read again.".into());
        means.push(
            "A connection that is open now may last until it is closed, unless the host has the guard."
                .into(),
        );
    }
    means
}

/// What stays open when a share is called ended that nobody could see end.
pub fn unproven_means(share: &Share, names: &Names) -> Vec<String> {
    let mut means = vec![format!(
        "{} may still reach {} on {}: nobody has seen that the gate is closed.",
        names.friend, names.service, names.node
    )];
    if share.deeds.rule_begun {
        means.push("The rule may still stand in the policy. If the policy can be read again one day, it is listed there as left over.".into());
    }
    if share.deeds.invite.is_some() {
        means.push("The invite may still be good, and the machine may still be in their list.".into());
    }
    means.push("Acequia stops trying. The share is over here, with the words “not proven”, and the firewall text of the machine is without it.".into());
    means
}

/// As it stands in the state and in the audit trail.
pub fn not_proven(share: &Share, reason: &str) -> String {
    let mut left = Vec::new();
    if share.deeds.rule_begun {
        left.push(format!("the rule for {} may still be in the policy", share.login));
    }
    if let Some(invite) = &share.deeds.invite {
        left.push(format!("the invite {} may still be good", invite.id));
    }
    let left = if left.is_empty() { "it was not read again".to_owned() } else { left.join(", and ") };
    format!("not proven: {left}. What stopped it: {reason}")
}

pub fn steps_of(share: &Share, done: &[DoneStep]) -> Vec<StepView> {
    let ending = matches!(
        share.state,
        ShareState::Ending { .. }
            | ShareState::Ended { .. }
            | ShareState::NeedsAttention { phase: Phase::End { .. }, .. }
    );
    if matches!(share.state, ShareState::Accepted { .. }) {
        return Vec::new();
    }
    let stopped = share.state.attention().map(|attention| attention.step);
    let mut views = Vec::new();
    let apply: (StepPhase, &[Step]) = (StepPhase::Apply, &Step::APPLY);
    let phases = if ending { vec![apply, (StepPhase::End, &Step::END)] } else { vec![apply] };
    for (phase, steps) in phases {
        let current = phase == if ending { StepPhase::End } else { StepPhase::Apply };
        for step in steps {
            let found = done.iter().find(|d| d.phase == phase && d.step == *step);
            let state = match found {
                Some(_) => StepState::Done,
                None if current && stopped == Some(*step) => StepState::Stopped,
                None if current
                    && in_progress(&share.state)
                    && first_open(done, phase, steps) == Some(*step) =>
                {
                    StepState::Now
                }
                None => StepState::ToDo,
            };
            // What was not needed, or belongs to the other direction, is not shown.
            let optional = *step == Step::Narrow || !current || share.state.is_over();
            if state == StepState::ToDo && (optional || matches!(share.state, ShareState::Active { .. })) {
                continue;
            }
            views.push(StepView {
                title: title(*step).into(),
                detail: found.map(|d| d.detail.clone()),
                state,
                at: found.map(|d| d.at),
            });
        }
    }
    views
}

/// The step that is being done: the first one that is not done; narrowing is there only where it was needed.
fn first_open(done: &[DoneStep], phase: StepPhase, steps: &[Step]) -> Option<Step> {
    steps
        .iter()
        .filter(|step| **step != Step::Narrow)
        .find(|step| !done.iter().any(|d| d.phase == phase && d.step == **step))
        .copied()
}

const fn title(step: Step) -> &'static str {
    match step {
        Step::Narrow => "Narrow the policy",
        Step::Rule => "Write the rule",
        Step::Invite => "Make the invite",
        Step::Accept => "The friend opens the invite",
        Step::Confirm => "See it in force",
        Step::Snippet => "Renew the firewall text",
        Step::RemoveRule => "Take out the rule",
        Step::RemoveInvite => "Delete the invite",
        Step::ConfirmEnd => "See that it is gone",
    }
}
