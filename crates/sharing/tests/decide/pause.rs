//! A pause, and an invite that is replaced: what is decided keeps the promises.

use model::{Need, Phase, ShareState, Step, StepPhase};
use sharing::{Accepting, Action, Deed, Observation, Reading, Share, Steps, Under, Unmarked, What, decide};

use crate::product::{gives, holds, is_versioned};
use crate::world::*;

#[test]
fn pausing_never_gives_touches_no_invite_and_never_says_paused_unseen() {
    let mut seen_actions = Kinds::default();
    for (_, rule, invite) in
        journals().into_iter().filter(|(yes, rule, _)| *yes == Yes::Exact && *rule != Rule::None)
    {
        for journal in [journal(Yes::Exact, rule, invite), taken_out(Yes::Exact, rule, invite)] {
            for done in subsets([Step::Snippet, Step::RemoveRule, Step::ConfirmEnd], StepPhase::Pause) {
                let stopped =
                    |need| ShareState::NeedsAttention { phase: Phase::Pause, attention: attention(need) };
                for state in
                    [ShareState::Pausing, stopped(Need::Time), stopped(Need::Credential), stopped(Need::Look)]
                {
                    let share = share(&state, &journal, &done);
                    each_paused(&share, &mut |seen| {
                        let action = decide(&share, seen, &AT);
                        seen_actions.saw(&action);
                        check_pausing(&share, seen, &action);
                    });
                }
            }
        }
    }
    seen_actions.must_have(&["Read", "Record", "RenewFirewall", "RemoveRule", "Paused", "Again", "Stop"]);
}

/// A pause looks at the policy alone: of invites something is known, or nothing.
fn each_paused(share: &Share<'_>, each: &mut impl FnMut(&Observation)) {
    let mut seen = Observation::default();
    for (policy, _) in policies(share.journal.rule.is_some()) {
        seen.policy = policy;
        for (read_back, elsewhere) in [(false, false), (false, true), (true, false), (true, true)] {
            (seen.read_back, seen.policy_elsewhere) = (read_back, elsewhere);
            for invites in invites() {
                seen.invites = invites;
                for done in [Vec::new(), vec![Deed::RemoveRule]] {
                    seen.done = done;
                    for failed in failures(&[Deed::RemoveRule]) {
                        seen.failed = failed;
                        for overtaken in [0, 3] {
                            seen.overtaken = overtaken;
                            each(&seen);
                        }
                    }
                }
            }
        }
    }
}

fn check_pausing(share: &Share<'_>, seen: &Observation, action: &Action) {
    let told = || format!("{action:?} for {share:?} with {seen:?}");
    assert!(!gives(action), "{}", told());
    let other = matches!(
        action,
        Action::DeleteInvite(_) | Action::InviteEnded(_) | Action::Ended { .. } | Action::Read(What::Invites)
    );
    assert!(!other, "the invite stays: {}", told());
    match action {
        Action::RemoveRule => {
            let by_content = !share.is_done(StepPhase::Pause, Step::RemoveRule) && !share.journal.taken_out;
            assert_eq!(holds(seen, by_content), Some(true), "{}", told());
            assert!(is_versioned(seen) && !seen.policy_elsewhere, "{}", told());
            assert!(share.is_done(StepPhase::Pause, Step::Snippet), "the host shuts first: {}", told());
        }
        Action::Paused => {
            assert!(seen.read_back && holds(seen, false) == Some(false), "{}", told());
            assert!(share.is_done(StepPhase::Pause, Step::RemoveRule), "{}", told());
        }
        _ => {}
    }
}

#[test]
fn a_look_at_what_is_paused_writes_nothing_and_tells_of_a_rule_that_was_put_back() {
    let mut seen_actions = Kinds::default();
    let back = ShareState::NeedsAttention { phase: Phase::Pause, attention: attention(Need::Review) };
    for state in [ShareState::Paused { since: LONG_AGO }, back] {
        let (journal, done) = (taken_out(Yes::Exact, Rule::Planned, Invite::Ours), Steps::new());
        let share = share(&state, &journal, &done);
        for (policy, _) in policies(true) {
            let seen = Observation { policy, ..Observation::default() };
            let action = decide(&share, &seen, &AT);
            seen_actions.saw(&action);
            let paused = matches!(state, ShareState::Paused { .. });
            let told = format!("{action:?} for {state:?} with {seen:?}");
            match &action {
                Action::Stop(attention) => {
                    assert!(paused && holds(&seen, false) == Some(true), "{told}");
                    assert_eq!(attention.need, Need::Review, "{told}");
                }
                Action::Paused => assert!(!paused && holds(&seen, false) == Some(false), "{told}"),
                Action::Read(What::Policy) => assert_eq!(seen.policy, Reading::Unread, "{told}"),
                Action::Rest => {}
                _ => panic!("{told}"),
            }
        }
    }
    seen_actions.must_have(&["Read", "Stop", "Paused", "Rest"]);
}

#[test]
fn an_invite_that_another_account_opened_is_deleted_only_where_that_is_wanted() {
    for (deed, wanted) in [(Invite::Ours, true), (Invite::Ours, false), (Invite::Theirs, true)] {
        let journal =
            sharing::Journal { invite_is_wrong: wanted, ..journal(Yes::Exact, Rule::Planned, deed) };
        let done = subsets([Step::Rule, Step::Snippet, Step::Narrow], StepPhase::Apply).remove(3);
        let share = share(&ShareState::Applying, &journal, &done);
        let policy = sharing::PolicySeen {
            marked: Under::Agreed,
            unmarked: Unmarked::Nothing,
            written_down: true,
            versioned: true,
        };
        let by = |who| Reading::Read(vec![opened(OURS, who)]);
        let seen = |invites| Observation {
            policy: Reading::Read(policy.clone()),
            read_back: true,
            accepting: Accepting::Impossible,
            invites,
            ..Observation::default()
        };
        let next = |invites| decide(&share, &seen(invites), &AT);
        let deletes =
            matches!(next(by(Some("eve@example.com"))), Action::DeleteInvite(id) if id.as_str() == OURS);
        assert_eq!(deletes, wanted && deed == Invite::Ours);
        assert!(matches!(next(by(Some(LOGIN))), Action::Activate { .. }), "the right account has it");
        assert_eq!(next(Reading::Read(Vec::new())) == Action::ForgetInvite, wanted, "it is gone");
    }
}
