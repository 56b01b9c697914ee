//! Every state of a share with every way out of it: allowed, or refused in words.

use model::{Attention, EndReason, Need, Phase, ShareState, Step, Timestamp, Trouble};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const EARLIER: Timestamp = Timestamp::from_seconds(1_700_000_000);
const WHY: EndReason = EndReason::Expired;

fn attention(need: Need) -> Attention {
    Attention { need, ..Attention::look(Step::Invite, Trouble::SeveralInvites) }
}

fn stopped(phase: Phase, need: Need) -> ShareState {
    ShareState::NeedsAttention { phase, attention: attention(need) }
}

/// One of each, with what the other tests need to know of it: name, over, may be in force.
fn states() -> Vec<(ShareState, &'static str, bool, bool)> {
    let ended = ShareState::Ended { at: EARLIER, why: WHY, open_question: None };
    let mut states = vec![
        (ShareState::AccountMissing { since: EARLIER }, "account_missing", false, false),
        (ShareState::Pausing, "pausing", false, true),
        (ShareState::Paused { since: EARLIER }, "paused", false, true),
        (ShareState::Accepted { again: None }, "accepted", false, false),
        (ShareState::Applying, "applying", false, true),
        (ShareState::WaitingForFriend { since: EARLIER }, "waiting_for_friend", false, true),
        (ShareState::Active { since: EARLIER }, "active", false, true),
        (ShareState::Ending { why: WHY }, "ending", false, true),
        (ended, "ended", true, false),
    ];
    for need in [Need::Look, Need::Review] {
        states.push((ShareState::Drifted { attention: attention(need) }, "drifted", false, true));
    }
    for need in [Need::Time, Need::Credential, Need::Invite, Need::Look, Need::Review] {
        for phase in [Phase::Apply, Phase::Pause, Phase::End { why: WHY }] {
            states.push((stopped(phase, need), "needs_attention", false, true));
        }
    }
    states
}

type Way = fn(ShareState) -> Result<ShareState, model::share::TransitionError>;
type Expected = fn(&ShareState) -> Option<ShareState>;

/// The ways, what a refusal calls them, and what each makes of a state that it takes.
const WAYS: [(&str, Way, Expected); 15] = [
    ("be given an account", ShareState::name_account, |from| {
        let waits = matches!(from, ShareState::AccountMissing { .. });
        waits.then_some(ShareState::Accepted { again: None })
    }),
    ("be paused", ShareState::pause, |from| {
        matches!(from, ShareState::Active { .. }).then_some(ShareState::Pausing)
    }),
    (
        "have been paused",
        |state| state.paused(NOW),
        |from| {
            let pauses = *from == ShareState::Pausing || is_half_paused(from);
            pauses.then_some(ShareState::Paused { since: NOW })
        },
    ),
    ("be opened again", ShareState::open_again, |from| {
        let paused = matches!(from, ShareState::Paused { .. }) || is_half_paused(from);
        paused.then_some(ShareState::Applying)
    }),
    ("be applied", ShareState::apply, |from| match from {
        ShareState::Accepted { .. } => Some(ShareState::Applying),
        ShareState::Drifted { attention } if attention.need == Need::Review => Some(ShareState::Applying),
        stopped if is_stopped(stopped, Some(Need::Review)) => Some(ShareState::Applying),
        _ => None,
    }),
    ("be changed", ShareState::change, |from| {
        matches!(from, ShareState::Active { .. } | ShareState::WaitingForFriend { .. })
            .then_some(ShareState::Applying)
    }),
    (
        "stay as it was",
        |state| state.stay(ShareState::Active { since: EARLIER }),
        |from| {
            let before = ShareState::Active { since: EARLIER };
            (*from == ShareState::Applying || is_stopped(from, None)).then_some(before)
        },
    ),
    (
        "go back to review",
        |state| state.review_again("changed".into()),
        |from| {
            let again = ShareState::Accepted { again: Some("changed".into()) };
            (*from == ShareState::Applying || is_stopped(from, None)).then_some(again)
        },
    ),
    (
        "wait for the friend",
        |state| state.wait_for_friend(NOW),
        |from| match from {
            ShareState::WaitingForFriend { .. } => Some(from.clone()),
            ShareState::Applying => Some(ShareState::WaitingForFriend { since: NOW }),
            _ => is_stopped(from, None).then_some(ShareState::WaitingForFriend { since: NOW }),
        },
    ),
    (
        "become active",
        |state| state.activate(NOW),
        |from| match from {
            ShareState::Active { .. } => Some(from.clone()),
            ShareState::Applying | ShareState::WaitingForFriend { .. } => {
                Some(ShareState::Active { since: NOW })
            }
            _ => is_stopped(from, None).then_some(ShareState::Active { since: NOW }),
        },
    ),
    (
        "stop half-way",
        |state| state.stop(attention(Need::Time)),
        |from| match from {
            ShareState::Applying | ShareState::WaitingForFriend { .. } => {
                Some(stopped(Phase::Apply, Need::Time))
            }
            ShareState::Pausing | ShareState::Paused { .. } => Some(stopped(Phase::Pause, Need::Time)),
            ShareState::Ending { .. } => Some(stopped(Phase::End { why: WHY }, Need::Time)),
            ShareState::NeedsAttention { phase, .. } => Some(stopped(*phase, Need::Time)),
            _ => None,
        },
    ),
    (
        "be found changed",
        |state| state.drift(attention(Need::Look)),
        |from| {
            let drifts = matches!(
                from,
                ShareState::Active { .. }
                    | ShareState::Drifted { .. }
                    | ShareState::Applying
                    | ShareState::WaitingForFriend { .. }
            ) || is_stopped(from, None);
            drifts.then(|| ShareState::Drifted { attention: attention(Need::Look) })
        },
    ),
    ("be tried again", ShareState::resume, |from| match from {
        ShareState::Drifted { .. } | ShareState::NeedsAttention { phase: Phase::Apply, .. } => {
            Some(ShareState::Applying)
        }
        ShareState::NeedsAttention { phase: Phase::Pause, .. } => Some(ShareState::Pausing),
        ShareState::NeedsAttention { .. } => Some(ShareState::Ending { why: WHY }),
        _ => None,
    }),
    (
        "end again",
        |state| state.end(WHY),
        |from| {
            let ends = matches!(
                from,
                ShareState::Ending { .. }
                    | ShareState::Ended { .. }
                    | ShareState::NeedsAttention { phase: Phase::End { .. }, .. }
            );
            (!ends).then_some(ShareState::Ending { why: WHY })
        },
    ),
    (
        "have ended",
        |state| state.ended(NOW, Some("it is listed".into())),
        |from| {
            let ends = matches!(
                from,
                ShareState::Ending { .. } | ShareState::NeedsAttention { phase: Phase::End { .. }, .. }
            );
            let question = Some("it is listed".into());
            ends.then_some(ShareState::Ended { at: NOW, why: WHY, open_question: question })
        },
    ),
];

/// Stopped while it was being paused.
fn is_half_paused(state: &ShareState) -> bool {
    matches!(state, ShareState::NeedsAttention { phase: Phase::Pause, .. })
}

/// Stopped while access was being given, waiting for this or for anything.
fn is_stopped(state: &ShareState, need: Option<Need>) -> bool {
    matches!(state, ShareState::NeedsAttention { phase: Phase::Apply, attention }
        if need.is_none_or(|need| need == attention.need))
}

#[test]
fn every_way_out_of_every_state_is_allowed_or_refused_in_words() {
    for (from, name, ..) in states() {
        for (wanted, way, meant) in WAYS {
            match (way(from.clone()), meant(&from)) {
                (Ok(to), meant) => assert_eq!(Some(to), meant, "{from:?}: {wanted}"),
                (Err(error), None) => {
                    assert_eq!(error.to_string(), format!("a share that is {name} cannot {wanted}"));
                }
                (Err(error), Some(meant)) => panic!("{error}, and should be {meant:?}"),
            }
        }
    }
}

#[test]
fn a_state_has_a_name_and_says_whether_it_is_over_and_may_be_in_force() {
    for (state, name, over, in_force) in states() {
        assert_eq!((state.name(), state.is_over(), state.may_be_in_force()), (name, over, in_force));
    }
}

#[test]
fn the_same_trouble_is_the_same_whenever_it_is_tried_again() {
    let one = attention(Need::Time);
    assert!(one.is_the_same_as(&Attention { again: Some(NOW), ..one.clone() }));
    for other in [
        attention(Need::Look),
        Attention { step: Step::Rule, ..one.clone() },
        Attention { trouble: Trouble::KeyFile, ..one.clone() },
    ] {
        assert!(!one.is_the_same_as(&other), "{other:?}");
    }
}

#[test]
fn steps_are_stored_under_names_of_their_own() {
    let names: Vec<&str> = Step::APPLY.into_iter().chain(Step::END).map(Step::as_str).collect();
    let expected = [
        "narrow",
        "account",
        "rule",
        "invite",
        "snippet",
        "accept",
        "confirm",
        "snippet",
        "remove_rule",
        "remove_invite",
        "remove_guest",
        "confirm_end",
    ];
    assert_eq!(names, expected);
}
