//! What is seen of a share at the control plane, in one run over it.

use control_plane::{ControlPlaneError, Invite};
use model::ShareId;
use policy::share::ShareRule;
use policy::unshare::{ShareRules, UnshareError};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Deed};
use crate::journal::AgreedLine;
use crate::rule;

/// One thing that can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading<T> {
    /// Not yet, or no longer known since a deed may have changed it.
    #[default]
    Unread,
    /// It was tried.
    Failed(ControlPlaneError),
    /// This is what was seen.
    Read(T),
}

impl<T> Reading<T> {
    /// What was seen, or what has to be done first.
    pub(crate) fn or(
        &self,
        unread: Action,
        failed: impl FnOnce(&ControlPlaneError) -> Action,
    ) -> Result<&T, Action> {
        match self {
            Self::Unread => Err(unread),
            Self::Failed(error) => Err(failed(error)),
            Self::Read(seen) => Ok(seen),
        }
    }
}

/// Everything that was seen since the run began, and how its own deeds went.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; no two exclude each other")]
pub struct Observation {
    /// The policy, as far as it is about this share.
    pub policy: Reading<PolicySeen>,
    /// The policy was read after the last deed of this run.
    pub read_back: bool,
    /// What writing the rule would do.
    pub plan: Reading<SeenPlan>,
    /// Invites of the share's machine.
    pub invites: Reading<Vec<SeenInvite>>,
    /// The share's invite, read once more after it was accepted for the friend.
    pub invite: Reading<SeenInvite>,
    /// Other shares of the tailnet that are not over, as they are stored.
    pub others: Reading<Vec<Other>>,
    /// Whether the control plane lists the friend as somebody with whom machines are shared.
    pub recipient: Reading<bool>,
    /// The machine, where the whole tailnet is looked at.
    pub machine: Reading<SeenMachine>,
    /// The policy is kept elsewhere and not written from here.
    pub policy_elsewhere: bool,
    /// The control plane has no invites: the gate is open once the rule is in force.
    pub opens_by_rule: bool,
    /// What is read of the policy is a file on the server, which may not be in force.
    pub in_file: bool,
    /// The machine itself has told lately that its filter lets the whole share in.
    pub told_open: bool,
    /// The friend's account is not on the server, where that was looked at.
    pub account_gone: bool,
    /// By the policy whoever is new on the server would reach more than was agreed, where that was looked at: the lines.
    pub opens_more: Option<Vec<usize>>,
    /// The owner chose that a user is made for the friend, and none is written down yet.
    pub user_to_make: bool,
    /// How often somebody else was quicker in writing the policy.
    pub overtaken: u32,
    /// Whether accepting the invite for the friend was tried.
    pub accepting: Accepting,
    /// Deeds that were done in this run.
    pub done: Vec<Deed>,
    /// The deed that was refused, or whose answer was lost.
    pub failed: Option<(Deed, ControlPlaneError)>,
}

/// Accepting the invite in the friend's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accepting {
    /// Not tried yet.
    #[default]
    Untried,
    /// There is no token of the friend's, or no link.
    Impossible,
    /// The call was made, however it ended.
    Tried,
}

/// What stands under the mark of a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Under {
    /// Nothing has the mark.
    Nothing,
    /// The rule that was written down.
    Agreed,
    /// Another rule.
    Another,
    /// It cannot be told what is the share's, for this reason.
    Unclear(String),
    /// The policy cannot be read, for this reason.
    Unreadable(String),
}

/// What a rule without any mark says, where nothing has the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmarked {
    /// There is none that could be the share's.
    Nothing,
    /// What was written down.
    Agreed,
    /// What was agreed before, and is to be replaced.
    Former,
}

/// The policy, as far as it is about one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySeen {
    /// What stands under the share's mark.
    pub marked: Under,
    /// What a rule without any mark says.
    pub unmarked: Unmarked,
    /// A rule was written down, and for the agreed login.
    pub written_down: bool,
    /// The control plane gave the mark that protects a write.
    pub versioned: bool,
}

impl PolicySeen {
    /// Looks at a policy for the share that has this rule, if one was written down, and before had the other. The policy was read before: many
    /// shares are looked for in one long text.
    pub fn of(
        rules: Result<&ShareRules, &UnshareError>,
        id: ShareId,
        (rule, former): (Option<&ShareRule>, Option<&ShareRule>),
        login: &str,
        versioned: bool,
    ) -> Self {
        let written_down =
            rule.is_some_and(|rule| rule.src.iter().any(|src| src.eq_ignore_ascii_case(login)));
        let like = |rule| rules.ok().zip(rule).and_then(|(rules, rule)| rules.unmarked(rule));
        let unmarked = || like(rule);
        let marked = match rules {
            Err(error) => unsure(error),
            Ok(rules) => match rules.marked(&rule::mark(id)) {
                Err(error) => unsure(&error),
                Ok(None) => Under::Nothing,
                Ok(Some(found)) if rule.is_some_and(|rule| rules.says(found, rule)) => Under::Agreed,
                // Still the one that is to be replaced, whatever stands beside it.
                Ok(Some(found)) if former.is_some_and(|former| rules.says(found, former)) => Under::Another,
                // Somebody may have put the mark above another rule than ours.
                Ok(Some(_)) if unmarked().is_some() => Under::Agreed,
                Ok(Some(_)) => Under::Another,
            },
        };
        // Its content counts only where the mark is gone.
        let bare = matches!(marked, Under::Nothing);
        let unmarked = match (bare && unmarked().is_some(), bare && like(former).is_some()) {
            (true, _) => Unmarked::Agreed,
            (false, true) => Unmarked::Former,
            (false, false) => Unmarked::Nothing,
        };
        Self { marked, unmarked, written_down, versioned }
    }

    /// Whether just the agreed rule stands there. By its content only where it was seen before, so that a like rule
    /// of the owner's is not taken for ours. The reason where that cannot be told.
    pub(crate) fn stands(&self, by_content: bool) -> Result<bool, &str> {
        match &self.marked {
            _ if !self.written_down => Ok(false),
            Under::Agreed => Ok(true),
            Under::Nothing => Ok(by_content && self.unmarked == Unmarked::Agreed),
            Under::Another => Ok(false),
            Under::Unclear(why) | Under::Unreadable(why) => Err(why),
        }
    }

    /// Whether a rule of the share stands there, whatever it says.
    pub(crate) fn holds(&self, by_content: bool) -> Result<bool, &str> {
        match &self.marked {
            Under::Agreed | Under::Another => Ok(true),
            Under::Nothing => Ok(by_content && self.unmarked != Unmarked::Nothing),
            Under::Unclear(why) | Under::Unreadable(why) => Err(why),
        }
    }
}

fn unsure(error: &UnshareError) -> Under {
    match error {
        UnshareError::Changed { .. } | UnshareError::Ambiguous { .. } => Under::Unclear(error.to_string()),
        UnshareError::Policy(_) | UnshareError::NotFound | UnshareError::Edit(_) => {
            Under::Unreadable(error.to_string())
        }
    }
}

/// What a plan for the policy in force says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenPlan {
    /// The machine is not in the tailnet.
    MachineGone,
    /// There is none, for this reason.
    Impossible(String),
    /// There is one, but not for the owner's answer.
    AnotherQuestion,
    /// This.
    Possible(Proposal),
}

/// What applying would do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The difference in reach, as [`crate::Approval::difference`].
    pub difference: String,
    /// The difference of the narrowing, where there is one to be made first.
    pub narrowing: Option<String>,
    /// The rule, as [`crate::Journal::rule`].
    pub rule: String,
    /// What the friend would reach.
    pub lines: Vec<AgreedLine>,
}

/// An invite in the list of a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenInvite {
    /// The control plane's id of it.
    pub id: String,
    /// Whether somebody opened it.
    pub accepted: bool,
    /// Who.
    pub accepted_by: Option<String>,
}

impl From<&Invite> for SeenInvite {
    fn from(invite: &Invite) -> Self {
        Self {
            id: invite.id.as_str().to_owned(),
            accepted: invite.accepted,
            accepted_by: invite.accepted_by.clone(),
        }
    }
}

/// Another share of the tailnet that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The id of its invite.
    pub invite: Option<String>,
    /// Whether that was made for a share of ours.
    pub ours: bool,
    /// It is of the same machine and the same friend.
    pub same_friend_and_node: bool,
    /// It is for the same login.
    pub same_login: bool,
}

/// The machine of a share, where the whole tailnet is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenMachine {
    /// Not in the list.
    Gone,
    /// It has the addresses that the rule names.
    AsAgreed,
    /// It has other ones.
    OtherAddresses,
}
