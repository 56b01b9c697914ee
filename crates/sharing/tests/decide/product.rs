//! Every state with everything that can be seen in it: what is decided keeps the promises.

use crate::world::*;
use model::{Need, Phase, ShareState, Step, StepPhase};
use sharing::{
    Accepting, Action, Deed, Observation, Reading, SeenMachine, Share, Steps, Under, Unmarked, What, decide,
};

/// Granting, in any way.
pub fn gives(action: &Action) -> bool {
    use Action::*;
    matches!(
        action,
        BeginRule
            | MakeUser
            | Narrow
            | WriteRule
            | AskInvite
            | Adopt { .. }
            | Accept
            | Activate { .. }
            | WaitForFriend { .. }
    )
}

fn takes(action: &Action) -> bool {
    use Action::*;
    matches!(action, RemoveRule | DeleteInvite(_) | InviteEnded(_) | Ended { .. } | Paused)
}

#[test]
fn applying_never_gives_what_was_not_agreed_nor_says_open_unseen() {
    let mut seen_actions = Kinds::default();
    // Opened again after a pause: only what was written down and in force can have been taken out.
    let was_open = [(Yes::Exact, Invite::Ours), (Yes::Narrowing, Invite::Ours), (Yes::Exact, Invite::Theirs)];
    let again = was_open.into_iter().map(|(yes, invite)| taken_out(yes, Rule::Planned, invite));
    let first = journals().into_iter().map(|(approved, rule, invite)| journal(approved, rule, invite));
    for journal in first.chain(again) {
        for done in subsets([Step::Rule, Step::Narrow, Step::Snippet], StepPhase::Apply) {
            let share = share(&ShareState::Applying, &journal, &done);
            each_applied(&share, &mut |seen| {
                let action = decide(&share, seen, &AT);
                seen_actions.saw(&action);
                check_applying(&share, seen, &action);
            });
        }
    }
    seen_actions.must_have(&[
        "Read",
        "Record",
        "BeginRule",
        "Narrow",
        "WriteRule",
        "AskInvite",
        "Adopt",
        "RenewFirewall",
        "Accept",
        "OpenedBy",
        "Activate",
        "WaitForFriend",
        "End",
        "Review",
        "Stop",
    ]);
}

/// Everything that can be seen while applying, one after the other.
fn each_applied(share: &Share<'_>, each: &mut impl FnMut(&Observation)) {
    let mut seen = Observation::default();
    let written_down = share.journal.rule.is_some();
    for (policy, versioned) in policies(written_down) {
        seen.policy = policy;
        for read_back in [false, true] {
            seen.read_back = read_back;
            for plan in plans() {
                seen.plan = plan;
                for invites in invites() {
                    seen.invites = invites;
                    for (accepting, invite) in acceptings() {
                        (seen.accepting, seen.invite) = (accepting, invite);
                        for others in others([OURS]) {
                            seen.others = others;
                            for (elsewhere, overtaken) in [(false, 0), (true, 0), (false, 3)] {
                                if versioned || !elsewhere && overtaken == 0 {
                                    (seen.policy_elsewhere, seen.overtaken) = (elsewhere, overtaken);
                                    each_way(&mut seen, each);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// With invites, and without in either way of keeping the policy.
fn each_way(seen: &mut Observation, each: &mut impl FnMut(&Observation)) {
    for (opens_by_rule, in_file) in [(false, false), (true, false), (true, true)] {
        (seen.opens_by_rule, seen.in_file) = (opens_by_rule, in_file);
        each(seen);
    }
}

fn check_applying(share: &Share<'_>, seen: &Observation, action: &Action) {
    let told = || format!("{action:?} for {share:?} with {seen:?}");
    assert!(!takes(action), "{}", told());
    let recorded = share.is_done(StepPhase::Apply, Step::Rule);
    let stands = stands(seen, recorded);
    let of_invites = matches!(
        action,
        Action::AskInvite
            | Action::Adopt { .. }
            | Action::Accept
            | Action::OpenedBy(_)
            | Action::WaitForFriend { .. }
            | Action::Read(What::Invites | What::Invite(_))
    );
    assert!(!(seen.opens_by_rule && of_invites), "there are no invites: {}", told());
    match action {
        Action::WriteRule | Action::Narrow | Action::BeginRule => {
            let (Some(approval), Reading::Read(sharing::SeenPlan::Possible(plan))) =
                (&share.journal.approved, &seen.plan)
            else {
                panic!("{}", told())
            };
            assert_eq!(approval.difference, plan.difference, "{}", told());
            assert!(stands == Some(false) && !recorded, "{}", told());
            assert_eq!(plan.narrowing.is_some(), *action == Action::Narrow, "{}", told());
            if *action == Action::Narrow {
                assert_eq!(approval.narrowing, plan.narrowing, "{}", told());
            }
            if *action == Action::WriteRule {
                let begun = share.journal.rule_begun
                    && !share.journal.taken_out
                    && share.journal.rule.as_ref() == Some(&plan.rule);
                assert!(begun, "written down before it is done: {}", told());
            }
            if *action != Action::BeginRule {
                assert!(is_versioned(seen) && !seen.policy_elsewhere && seen.overtaken < 3, "{}", told());
            }
        }
        Action::AskInvite => {
            assert!(share.journal.invite.is_none(), "{}", told());
            let listed = listed(seen).expect("the list was read");
            let before = share.journal.invites_before.as_deref();
            let new = listed.iter().filter(|invite| {
                before.is_some_and(|before| !before.contains(&invite.id))
                    && !invite.accepted
                    && !is_used(seen, &invite.id)
            });
            assert_eq!(new.count(), 0, "one that was asked for is there: {}", told());
            let lost_just_now = share.journal.invite_asked == Some(JUST_NOW);
            assert!(!lost_just_now, "the call may be on its way: {}", told());
            assert_eq!(stands, Some(true), "{}", told());
        }
        Action::Adopt { id, .. } => {
            assert!(listed(seen).is_some_and(|all| all.iter().any(|one| one.id == *id)), "{}", told());
        }
        Action::Activate { by } if seen.opens_by_rule => {
            assert!(seen.read_back && stands == Some(true) && !seen.in_file, "{}", told());
            assert_eq!(*by, None, "nobody opens anything: {}", told());
        }
        Action::Activate { by } => {
            assert!(seen.read_back && stands == Some(true), "{}", told());
            assert_eq!(by.as_deref(), Some(LOGIN), "{}", told());
            let id = &share.journal.invite.as_ref().expect("an invite").id;
            let mut read = listed(seen).into_iter().flatten().collect::<Vec<_>>();
            if let Reading::Read(one) = &seen.invite {
                read.push(one);
            }
            let opened = read.iter().any(|invite| {
                invite.id == *id && invite.accepted && invite.accepted_by.as_deref() == Some(LOGIN)
            });
            assert!(opened, "{}", told());
        }
        Action::WaitForFriend { until } => {
            assert!(*until > AT.now && seen.read_back && stands == Some(true), "{}", told());
        }
        _ => {}
    }
}

#[test]
fn ending_never_gives_and_never_says_ended_unseen() {
    let mut seen_actions = Kinds::default();
    let state = ShareState::Ending { why: WHY };
    for (_, rule, invite) in journals().into_iter().filter(|(approved, ..)| *approved == Yes::Exact) {
        let was_open = rule == Rule::Planned && matches!(invite, Invite::Ours | Invite::Theirs);
        let after_a_pause = was_open.then(|| taken_out(Yes::Exact, rule, invite));
        let all = after_a_pause.into_iter().chain([journal(Yes::Exact, rule, invite)]);
        let done = || subsets([Step::Snippet, Step::RemoveRule, Step::RemoveInvite], StepPhase::End);
        for (journal, done) in
            all.flat_map(|journal| done().into_iter().map(move |done| (journal.clone(), done)))
        {
            let share = share(&state, &journal, &done);
            each_ended(&share, &mut |seen| {
                let action = decide(&share, seen, &AT);
                seen_actions.saw(&action);
                check_ending(&share, seen, &action);
            });
        }
    }
    seen_actions.must_have(&[
        "Read",
        "Record",
        "RenewFirewall",
        "RemoveRule",
        "DeleteInvite",
        "InviteEnded",
        "Ended",
        "Again",
        "Stop",
    ]);
}

fn each_ended(share: &Share<'_>, each: &mut impl FnMut(&Observation)) {
    let mut seen = Observation::default();
    for (policy, _) in policies(share.journal.rule.is_some()) {
        seen.policy = policy;
        for read_back in [false, true] {
            seen.read_back = read_back;
            for invites in invites() {
                seen.invites = invites;
                for recipient in [Reading::Unread, failed(), Reading::Read(false), Reading::Read(true)] {
                    seen.recipient = recipient;
                    for others in others([OURS, NEW]) {
                        seen.others = others;
                        for done in [Vec::new(), vec![Deed::RemoveRule, Deed::DeleteInvite]] {
                            seen.done = done;
                            for failed in failures(&[Deed::RemoveRule, Deed::DeleteInvite]) {
                                seen.failed = failed;
                                for elsewhere in [false, true] {
                                    seen.policy_elsewhere = elsewhere;
                                    each(&seen);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn check_ending(share: &Share<'_>, seen: &Observation, action: &Action) {
    let told = || format!("{action:?} for {share:?} with {seen:?}");
    assert!(!gives(action), "{}", told());
    let used = |id: &str| is_used(seen, id);
    let journal = share.journal;
    match action {
        Action::RemoveRule => {
            let by_content = !share.is_done(StepPhase::End, Step::RemoveRule) && !journal.taken_out;
            assert_eq!(holds(seen, by_content), Some(true), "{}", told());
            assert!(is_versioned(seen) && !seen.policy_elsewhere, "{}", told());
            assert!(share.is_done(StepPhase::End, Step::Snippet), "the host shuts first: {}", told());
        }
        Action::DeleteInvite(id) => {
            assert!(!used(id.as_str()), "another share uses it: {}", told());
            if let Some(deed) = &journal.invite {
                assert!(deed.ours && deed.id == id.as_str(), "{}", told());
            } else {
                let before = journal.invites_before.as_ref().expect("one was asked for");
                assert!(!before.iter().any(|known| known == id.as_str()), "{}", told());
            }
        }
        Action::Ended { .. } if journal.rule_begun || journal.invite.is_some() => {
            assert!(seen.read_back && holds(seen, false) == Some(false), "{}", told());
            if let Some(deed) = journal.invite.as_ref().filter(|deed| deed.ours && !used(&deed.id)) {
                let gone = match &seen.invites {
                    Reading::Unread => false,
                    Reading::Failed(error) => *error == control_plane::ControlPlaneError::NotFound,
                    Reading::Read(all) => !all.iter().any(|invite| invite.id == deed.id),
                };
                assert!(gone, "{}", told());
            }
            assert!(matches!(seen.recipient, Reading::Read(_)), "{}", told());
        }
        _ => {}
    }
}

#[test]
fn a_look_changes_nothing_and_calls_in_force_only_what_is() {
    let mut seen_actions = Kinds::default();
    let drifted = ShareState::Drifted { attention: attention(Need::Review) };
    for state in [ShareState::Active { since: LONG_AGO }, drifted] {
        for (_, rule, invite) in journals() {
            let (journal, done) = (journal(Yes::Exact, rule, invite), Steps::new());
            let share = share(&state, &journal, &done);
            let mut seen = Observation::default();
            let machines = [SeenMachine::Gone, SeenMachine::AsAgreed, SeenMachine::OtherAddresses];
            for machine in machines.map(Reading::Read).into_iter().chain([Reading::Unread, failed()]) {
                seen.machine = machine;
                for (policy, _) in policies(share.journal.rule.is_some()) {
                    seen.policy = policy;
                    for invites in invites() {
                        seen.invites = invites;
                        let action = decide(&share, &seen, &AT);
                        seen_actions.saw(&action);
                        let told = format!("{action:?} for {share:?} with {seen:?}");
                        assert!(!gives(&action) && !takes(&action), "{told}");
                        if matches!(action, Action::InForce | Action::Resume) {
                            assert_eq!(seen.machine, Reading::Read(SeenMachine::AsAgreed), "{told}");
                            assert_eq!(stands(&seen, true), Some(true), "{told}");
                            assert_eq!(action == Action::InForce, matches!(state, ShareState::Active { .. }));
                            let Some(deed) = &share.journal.invite else { continue };
                            let all = listed(&seen).expect("the list was read");
                            let theirs = all.iter().find(|invite| invite.id == deed.id).expect("listed");
                            assert_eq!(theirs.accepted_by.as_deref(), Some(LOGIN), "{told}");
                        }
                    }
                }
            }
        }
    }
    seen_actions.must_have(&["Read", "InForce", "Resume", "Drifted", "Stop"]);
}

#[test]
fn a_deed_that_went_wrong_ends_the_run_and_an_unknown_answer_is_not_forgotten() {
    for (approved, rule, invite) in journals() {
        let (journal, done) = (journal(approved, rule, invite), Steps::new());
        let share = share(&ShareState::Applying, &journal, &done);
        for failed in
            failures(&[Deed::Narrow, Deed::MakeUser, Deed::WriteRule, Deed::AskInvite]).into_iter().flatten()
        {
            let unknown = failed.1.leaves_effect_unknown();
            let seen = Observation { failed: Some(failed.clone()), ..Observation::default() };
            match decide(&share, &seen, &AT) {
                Action::Stop(_) => {}
                Action::ForgetAsking => {
                    assert!(failed.0 == Deed::AskInvite && !unknown && journal.invite_asked.is_some());
                }
                other => panic!("{other:?} after {failed:?}"),
            }
        }
    }
}

#[test]
fn what_waits_for_a_person_rests() {
    let (journal, done) = (journal(Yes::Exact, Rule::Planned, Invite::Ours), Steps::new());
    for state in [
        ShareState::AccountMissing { since: LONG_AGO },
        ShareState::Accepted { again: None },
        ShareState::Ended { at: LONG_AGO, why: WHY, open_question: None },
        ShareState::NeedsAttention { phase: Phase::Apply, attention: attention(Need::Review) },
        ShareState::NeedsAttention { phase: Phase::Apply, attention: attention(Need::Invite) },
    ] {
        let share = share(&state, &journal, &done);
        assert_eq!(decide(&share, &Observation::default(), &AT), Action::Rest, "{state:?}");
    }
}

/// As `PolicySeen` should say it, told anew.
fn stands(seen: &Observation, by_content: bool) -> Option<bool> {
    let Reading::Read(policy) = &seen.policy else { return None };
    match policy.marked {
        _ if !policy.written_down => Some(false),
        Under::Agreed => Some(true),
        Under::Another => Some(false),
        Under::Nothing => Some(by_content && policy.unmarked == Unmarked::Agreed),
        Under::Unclear(_) | Under::Unreadable(_) => None,
    }
}

pub fn holds(seen: &Observation, by_content: bool) -> Option<bool> {
    let Reading::Read(policy) = &seen.policy else { return None };
    match policy.marked {
        Under::Agreed | Under::Another => Some(true),
        Under::Nothing => Some(by_content && policy.unmarked != Unmarked::Nothing),
        Under::Unclear(_) | Under::Unreadable(_) => None,
    }
}

fn is_used(seen: &Observation, id: &str) -> bool {
    let Reading::Read(others) = &seen.others else { panic!("other shares were not looked at") };
    others.iter().any(|other| other.invite.as_deref() == Some(id))
}

pub fn is_versioned(seen: &Observation) -> bool {
    matches!(&seen.policy, Reading::Read(policy) if policy.versioned)
}

fn acceptings() -> Vec<(Accepting, Reading<sharing::SeenInvite>)> {
    let tried = [
        Reading::Unread,
        failed(),
        Reading::Read(opened(OURS, None)),
        Reading::Read(opened(OURS, Some(LOGIN))),
        Reading::Read(opened(OURS, Some("eve@example.com"))),
    ];
    let mut all = vec![(Accepting::Untried, Reading::Unread), (Accepting::Impossible, Reading::Unread)];
    all.extend(tried.map(|invite| (Accepting::Tried, invite)));
    all
}
