//! Everything that a share can be, and that can be seen of it.

use std::collections::BTreeSet;
use std::time::Duration;

use control_plane::ControlPlaneError;
use model::{Attention, Decision, EndReason, Need, ShareState, Step, StepPhase, Timestamp, Trouble};
use sharing::{
    Action, Approval, Deed, InviteDeed, Journal, Moment, Observation, Other, PolicySeen, Proposal, Reading,
    SeenInvite, SeenPlan, Share, Steps, Under, Unmarked,
};

pub const AT: Moment = Moment {
    now: Timestamp::from_seconds(1_800_000_000),
    call: Duration::from_secs(30),
    pause: Duration::from_secs(5),
    longest_wait: Duration::from_hours(1),
};
pub const JUST_NOW: Timestamp = Timestamp::from_seconds(1_800_000_000 - 10);
pub const LONG_AGO: Timestamp = Timestamp::from_seconds(1_700_000_000);
pub const WHY: EndReason = EndReason::OwnerEnded;
pub const LOGIN: &str = "dario@example.com";
pub const OURS: &str = "ours";
pub const NEW: &str = "new";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Yes {
    No,
    Exact,
    Narrowing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    None,
    Planned,
    Another,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Invite {
    None,
    /// Asked for, and no answer came, a moment ago.
    LostNow,
    LostBefore,
    Ours,
    Lapsed,
    Theirs,
}

/// The same after its rule was taken out for a pause.
pub fn taken_out(yes: Yes, rule: Rule, invite: Invite) -> Journal {
    Journal { taken_out: true, ..journal(yes, rule, invite) }
}

pub fn journals() -> Vec<(Yes, Rule, Invite)> {
    let mut all = Vec::new();
    for yes in [Yes::No, Yes::Exact, Yes::Narrowing] {
        for rule in [Rule::None, Rule::Planned, Rule::Another] {
            use Invite::*;
            all.extend([None, LostNow, LostBefore, Ours, Lapsed, Theirs].map(|invite| (yes, rule, invite)));
        }
    }
    all
}

pub fn journal(yes: Yes, rule: Rule, invite: Invite) -> Journal {
    let approved = (yes != Yes::No).then(|| Approval {
        by: "0192f5b0000070008000000000000001".parse().expect("an id"),
        by_name: "Ana".into(),
        at: LONG_AGO,
        decision: Decision::Apply,
        difference: "agreed".into(),
        narrowing: (yes == Yes::Narrowing).then(|| "narrows".into()),
        lines: Vec::new(),
        reach: None,
        beforehand: None,
        shared: None,
    });
    let deed = |at, ours| Some(InviteDeed { id: OURS.into(), at, ours });
    let lost = matches!(invite, Invite::LostNow | Invite::LostBefore);
    Journal {
        approved,
        rule: match rule {
            Rule::None => None,
            Rule::Planned => Some("planned".into()),
            Rule::Another => Some("another".into()),
        },
        rule_begun: rule != Rule::None,
        invites_before: lost.then(|| vec![OURS.into()]),
        invite_asked: match invite {
            Invite::LostNow => Some(JUST_NOW),
            Invite::LostBefore => Some(LONG_AGO),
            _ => None,
        },
        invite: match invite {
            Invite::Ours => deed(JUST_NOW, true),
            Invite::Lapsed => deed(LONG_AGO, true),
            Invite::Theirs => deed(JUST_NOW, false),
            _ => None,
        },
        ..Journal::default()
    }
}

pub fn share<'a>(state: &'a ShareState, journal: &'a Journal, steps: &'a Steps) -> Share<'a> {
    Share { state, login: LOGIN, journal, seen_in_force: None, steps, node: "maple" }
}

pub fn attention(need: Need) -> Attention {
    Attention { need, ..Attention::look(Step::Rule, Trouble::RuleGone) }
}

pub fn subsets(steps: [Step; 3], way: StepPhase) -> Vec<Steps> {
    let chosen = |bits: usize| {
        let some = steps.into_iter().enumerate().filter(move |(place, _)| bits >> place & 1 == 1);
        some.map(|(_, step)| (way, step)).collect()
    };
    (0..8).map(chosen).collect()
}

pub fn failed<T>() -> Reading<T> {
    Reading::Failed(ControlPlaneError::Unreachable { reason: "no answer".into() })
}

/// With whether it came with the mark that protects a write.
pub fn policies(written_down: bool) -> Vec<(Reading<PolicySeen>, bool)> {
    let mut all = vec![(Reading::Unread, true), (failed(), true)];
    let unclear = [Under::Unclear("marked twice".into()), Under::Unreadable("no policy".into())];
    for marked in [Under::Nothing, Under::Agreed, Under::Another].into_iter().chain(unclear) {
        // Where the mark stands nobody asks for a like rule without one.
        let bare = marked == Under::Nothing;
        let all_like = [Unmarked::Nothing, Unmarked::Agreed, Unmarked::Former];
        for unmarked in all_like.into_iter().take(if bare { 3 } else { 1 }) {
            for versioned in [false, true] {
                let seen = PolicySeen { marked: marked.clone(), unmarked, written_down, versioned };
                all.push((Reading::Read(seen), versioned));
            }
        }
    }
    all
}

pub fn plans() -> Vec<Reading<SeenPlan>> {
    let possible = |difference: &str, narrowing: Option<&str>| {
        Reading::Read(SeenPlan::Possible(Proposal {
            difference: difference.into(),
            narrowing: narrowing.map(str::to_owned),
            rule: "planned".into(),
            lines: Vec::new(),
        }))
    };
    vec![
        Reading::Unread,
        failed(),
        Reading::Read(SeenPlan::MachineGone),
        Reading::Read(SeenPlan::Impossible("no such node".into())),
        Reading::Read(SeenPlan::AnotherQuestion),
        possible("agreed", None),
        possible("agreed", Some("narrows")),
        possible("agreed", Some("narrows more")),
        possible("more", None),
        possible("more", Some("narrows")),
    ]
}

pub fn opened(id: &str, by: Option<&str>) -> SeenInvite {
    SeenInvite { id: id.into(), accepted: by.is_some(), accepted_by: by.map(str::to_owned) }
}

pub fn invites() -> Vec<Reading<Vec<SeenInvite>>> {
    let read = [
        vec![],
        vec![opened(OURS, None)],
        vec![opened(OURS, Some(LOGIN))],
        vec![opened(OURS, Some("eve@example.com"))],
        vec![opened(NEW, None)],
        vec![opened(OURS, None), opened(NEW, None), opened("newer", None)],
        vec![opened("theirs", Some("Dario@Example.com"))],
    ];
    let mut all = vec![Reading::Unread, failed(), Reading::Failed(ControlPlaneError::NotFound)];
    all.extend(read.map(Reading::Read));
    all
}

/// Not looked at, none, and one that uses each of these.
pub fn others<const N: usize>(invites: [&str; N]) -> Vec<Reading<Vec<Other>>> {
    let mut all = vec![Reading::Unread, Reading::Read(Vec::new())];
    all.extend(invites.map(|invite| Reading::Read(vec![other(invite)])));
    all
}

fn other(invite: &str) -> Other {
    Other { invite: Some(invite.into()), ours: true, same_friend_and_node: true, same_login: true }
}

pub fn listed(seen: &Observation) -> Option<&Vec<SeenInvite>> {
    match &seen.invites {
        Reading::Read(listed) => Some(listed),
        _ => None,
    }
}

pub fn failures(deeds: &[Deed]) -> Vec<Option<(Deed, ControlPlaneError)>> {
    let mut all = vec![None];
    for deed in deeds {
        let lost = ControlPlaneError::Unreachable { reason: "no answer".into() };
        let refused = ControlPlaneError::Forbidden { message: "no scope".into() };
        all.extend([lost, refused, ControlPlaneError::NotFound].map(|error| Some((*deed, error))));
    }
    all
}

/// Which kinds of action came up, so that no promise is kept by nothing ever being done.
#[derive(Default)]
pub struct Kinds(BTreeSet<String>);

impl Kinds {
    pub fn saw(&mut self, action: &Action) {
        let name = kind(action);
        if !self.0.contains(name) {
            self.0.insert(name.to_owned());
        }
    }

    pub fn must_have(&self, kinds: &[&str]) {
        for kind in kinds {
            assert!(self.0.contains(*kind), "{kind} never came up: {:?}", self.0);
        }
    }
}

pub const fn kind(action: &Action) -> &'static str {
    use Action::*;
    match action {
        Read(_) => "Read",
        Record(_) => "Record",
        MakeUser => "MakeUser",
        BeginRule => "BeginRule",
        Narrow => "Narrow",
        ForgetLoad => "ForgetLoad",
        WriteRule => "WriteRule",
        AskInvite => "AskInvite",
        ForgetAsking => "ForgetAsking",
        Adopt { .. } => "Adopt",
        ForgetInvite => "ForgetInvite",
        RenewFirewall => "RenewFirewall",
        Accept => "Accept",
        OpenedBy(_) => "OpenedBy",
        Activate { .. } => "Activate",
        WaitForFriend { .. } => "WaitForFriend",
        RemoveRule => "RemoveRule",
        DeleteInvite(_) => "DeleteInvite",
        InviteEnded(_) => "InviteEnded",
        Ended { .. } => "Ended",
        Paused => "Paused",
        End(_) => "End",
        Review(_) => "Review",
        Stop(_) => "Stop",
        Drifted(_) => "Drifted",
        InForce => "InForce",
        Resume => "Resume",
        Again => "Again",
        Rest => "Rest",
    }
}
