//! The whole way of a share against a control plane that does what it is told: what is done, in which order.

use crate::world::*;
use model::{ShareState, Step, StepPhase, Trouble};
use sharing::{
    Accepting, Action, InviteDeed, Observation, PolicySeen, Reading, SeenPlan, Steps, Under, What, decide,
};

/// What stands at the control plane.
#[derive(Default)]
struct Plane {
    narrowed: bool,
    rule: bool,
    invites: Vec<sharing::SeenInvite>,
}

struct Run {
    state: ShareState,
    journal: sharing::Journal,
    steps: Steps,
    seen: Observation,
    plane: Plane,
    said: Vec<&'static str>,
}

impl Run {
    fn go(mut self) -> Self {
        for _ in 0..50 {
            let action = decide(&share(&self.state, &self.journal, &self.steps), &self.seen, &AT);
            self.said.push(kind(&action));
            if self.does(action) {
                return self;
            }
        }
        panic!("it does not end: {:?}", self.said);
    }

    fn policy(&self) -> PolicySeen {
        let marked = if self.plane.rule { Under::Agreed } else { Under::Nothing };
        PolicySeen {
            marked,
            unmarked: sharing::Unmarked::Nothing,
            written_down: self.journal.rule.is_some(),
            versioned: true,
        }
    }

    /// Gives whether the run is over.
    fn does(&mut self, action: Action) -> bool {
        let way = match self.state {
            ShareState::Applying => StepPhase::Apply,
            ShareState::Pausing => StepPhase::Pause,
            _ => StepPhase::End,
        };
        let seen = &mut self.seen;
        match action {
            Action::Read(What::Policy) => {
                self.seen.policy = Reading::Read(self.policy());
                self.seen.read_back = true;
            }
            Action::Read(What::Plan) => seen.plan = plans()[if self.plane.narrowed { 5 } else { 6 }].clone(),
            Action::Read(What::Invites) => seen.invites = Reading::Read(self.plane.invites.clone()),
            Action::Read(What::Invite(_)) => seen.invite = Reading::Read(self.plane.invites[0].clone()),
            Action::Read(What::Others) => seen.others = Reading::Read(Vec::new()),
            Action::Read(What::Recipients) => seen.recipient = Reading::Read(false),
            Action::Narrow => {
                (self.plane.narrowed, seen.plan) = (true, Reading::Unread);
                self.steps.insert((way, Step::Narrow));
            }
            Action::MakeUser => seen.user_to_make = false,
            Action::ForgetLoad => self.journal.loaded = None,
            Action::BeginRule => {
                (self.journal.rule, self.journal.rule_begun) = (Some("planned".into()), true);
                self.journal.taken_out = false;
                self.seen.policy = Reading::Read(self.policy());
            }
            Action::WriteRule | Action::RemoveRule => {
                self.plane.rule = action == Action::WriteRule;
                self.steps.insert((way, if self.plane.rule { Step::Rule } else { Step::RemoveRule }));
                self.journal.taken_out |= way == StepPhase::Pause;
                self.seen.policy = Reading::Read(self.policy());
                self.seen.read_back = false;
            }
            Action::AskInvite => {
                self.plane.invites.push(opened(OURS, None));
                seen.invites = Reading::Read(self.plane.invites.clone());
                self.journal.invite = Some(InviteDeed { id: OURS.into(), at: JUST_NOW, ours: true });
            }
            Action::Record(step) => drop(self.steps.insert((way, step))),
            Action::RenewFirewall => drop(self.steps.insert((way, Step::Snippet))),
            Action::Accept => {
                self.plane.invites = vec![opened(OURS, Some(LOGIN))];
                (seen.accepting, seen.read_back) = (Accepting::Tried, false);
            }
            Action::DeleteInvite(_) => {
                self.plane.invites.clear();
                (seen.invites, seen.read_back) = (Reading::Unread, false);
                self.steps.insert((way, Step::RemoveInvite));
            }
            Action::Activate { .. } | Action::Ended { .. } | Action::Paused => return true,
            Action::Stop(attention) if attention.trouble == Trouble::InFile => return true,
            other => panic!("{other:?} after {:?}", self.said),
        }
        false
    }
}

#[test]
fn from_the_yes_to_open_and_from_the_end_to_ended_each_thing_is_done_once_in_its_order() {
    let begun = Run {
        state: ShareState::Applying,
        journal: journal(Yes::Narrowing, Rule::None, Invite::None),
        steps: Steps::new(),
        seen: Observation::default(),
        plane: Plane::default(),
        said: Vec::new(),
    };
    let open = begun.go();
    let expected = "Read Read Narrow Read BeginRule WriteRule Read Read AskInvite RenewFirewall Accept Read Read Activate";
    assert_eq!(open.said.join(" "), expected);
    let ending = Run {
        state: ShareState::Ending { why: WHY },
        seen: Observation::default(),
        said: Vec::new(),
        ..open
    };
    let ended = ending.go();
    let expected = "RenewFirewall Read RemoveRule Read DeleteInvite Read Read Read Ended";
    assert_eq!(ended.said.join(" "), expected);
    assert!(!ended.plane.rule && ended.plane.invites.is_empty());
    // What the plan says is taken from the list that the other tests use.
    assert!(matches!(&plans()[5], Reading::Read(SeenPlan::Possible(plan)) if plan.narrowing.is_none()));
}

/// Out for a while and in again: the same invite, nobody is asked, and the end afterwards leaves nothing.
#[test]
fn a_pause_takes_the_rule_out_and_opening_again_puts_it_back_with_the_same_invite() {
    let open = Run {
        state: ShareState::Applying,
        journal: journal(Yes::Exact, Rule::None, Invite::None),
        steps: Steps::new(),
        seen: Observation::default(),
        plane: Plane { narrowed: true, ..Plane::default() },
        said: Vec::new(),
    };
    let open = open.go();
    let next = |state, run: Run| Run { state, seen: Observation::default(), said: Vec::new(), ..run };
    let paused = next(ShareState::Pausing, open).go();
    assert_eq!(paused.said.join(" "), "RenewFirewall Read RemoveRule Read Paused");
    assert!(!paused.plane.rule && paused.plane.invites.len() == 1);

    let mut again = next(ShareState::Applying, paused);
    again.steps.retain(|(way, _)| *way != StepPhase::Apply);
    let again = again.go();
    assert_eq!(again.said.join(" "), "Read Read BeginRule WriteRule Read RenewFirewall Read Activate");
    assert!(again.plane.rule && again.plane.invites.len() == 1);

    let mut second = next(ShareState::Pausing, again);
    second.steps.retain(|(way, _)| *way != StepPhase::Pause);
    let ended = next(ShareState::Ending { why: WHY }, second.go()).go();
    assert_eq!(ended.said.join(" "), "RenewFirewall Read Record Read DeleteInvite Read Read Read Ended");
    assert!(!ended.plane.rule && ended.plane.invites.is_empty());
}

#[test]
fn where_there_are_no_invites_the_rule_is_all_and_a_file_is_no_proof() {
    let by_rule = |in_file| Observation { opens_by_rule: true, in_file, ..Observation::default() };
    let run = |in_file| Run {
        state: ShareState::Applying,
        journal: journal(Yes::Exact, Rule::None, Invite::None),
        steps: Steps::new(),
        seen: by_rule(in_file),
        plane: Plane { narrowed: true, ..Plane::default() },
        said: Vec::new(),
    };
    let open = run(false).go();
    assert_eq!(open.said.join(" "), "Read Read BeginRule WriteRule RenewFirewall Read Activate");
    let ending =
        Run { state: ShareState::Ending { why: WHY }, seen: by_rule(false), said: Vec::new(), ..open };
    let ended = ending.go();
    assert_eq!(ended.said.join(" "), "RenewFirewall Read RemoveRule Read Ended");
    assert!(!ended.plane.rule);

    let newcomer = Run {
        journal: journal(Yes::Narrowing, Rule::None, Invite::None),
        seen: Observation { user_to_make: true, ..by_rule(false) },
        plane: Plane::default(),
        ..run(false)
    };
    let expected = "Read Read Narrow Read MakeUser BeginRule WriteRule RenewFirewall Read Activate";
    assert_eq!(newcomer.go().said.join(" "), expected, "nobody comes in before the policy is narrowed");

    let filed = run(true).go();
    assert_eq!(filed.said.join(" "), "Read Read BeginRule WriteRule RenewFirewall Read Stop");

    // What stands in the file lets nobody in and keeps nobody out before it is loaded. Sabotage: `not_loaded` without
    // `loaded.is_none()`, or left out.
    let into_a_file = |loaded, narrowed| Run {
        journal: sharing::Journal { loaded, ..journal(Yes::Narrowing, Rule::None, Invite::None) },
        seen: Observation { user_to_make: true, ..by_rule(true) },
        plane: Plane { narrowed, ..Plane::default() },
        ..run(true)
    };
    assert_eq!(
        into_a_file(None, false).go().said.join(" "),
        "Read Read Narrow Read Stop",
        "not known to be loaded"
    );
    let expected = "Read Read Record MakeUser BeginRule WriteRule RenewFirewall Read Stop";
    assert_eq!(into_a_file(Some(JUST_NOW), true).go().said.join(" "), expected);
    // Widened again since, and maybe loaded so. Sabotage: leave `ForgetLoad` out of `sharing::apply`.
    let widened = into_a_file(Some(JUST_NOW), false).go();
    assert_eq!(widened.said.join(" "), "Read Read ForgetLoad Narrow Read Stop");
    assert_eq!(widened.journal.loaded, None);
}
