//! Why a share stopped: a code with what belongs to it. Sentences are made where they are shown.

use serde::{Deserialize, Serialize};

use crate::{Step, Timestamp};

/// Why a share stopped, for those who can do something about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Attention {
    /// The step that could not be done.
    pub step: Step,
    /// What has to happen.
    pub need: Need,
    /// What happened.
    pub trouble: Trouble,
    /// Where the control plane said when to ask again: not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Timestamp>,
}

/// What makes a stopped share go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Time: it is tried again by itself.
    Time,
    /// A credential: replacing it wakes the share up.
    Credential,
    /// The link of an invite that the owner makes in the console.
    Invite,
    /// The owner has to look at the control plane and say "try again".
    Look,
    /// A new review.
    Review,
}

/// What is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Trouble {
    /// A call to the control plane failed.
    Call {
        /// How.
        error: CallError,
        /// Whether it may have been done all the same.
        maybe_done: bool,
    },
    /// The policy is not written from here, since it would be overwritten from where it is kept.
    PolicyElsewhere,
    /// The policy came without the mark that protects a write.
    NoVersionMark,
    /// The policy in force cannot be edited.
    CannotEdit {
        /// The policy engine's words.
        why: String,
    },
    /// The policy in force cannot be read by the policy engine.
    NotUnderstood {
        /// The policy engine's words.
        why: String,
    },
    /// The rule was there and is not any more as it was agreed.
    RuleGone,
    /// The share is paused, and its rule is in the policy all the same.
    RuleBack,
    /// The rule names addresses that the machine no longer has.
    OtherAddresses {
        /// The machine's name.
        node: String,
    },
    /// The machine is not in the tailnet.
    MachineGone {
        /// The machine's name.
        node: String,
    },
    /// The invite was there and is not listed any more.
    InviteGone {
        /// The friend's login.
        login: String,
    },
    /// The invite was opened with another login than the agreed one.
    AnotherLogin {
        /// Who opened it.
        by: String,
        /// Whom the rule names.
        login: String,
    },
    /// It cannot be told which of several new invites was asked for.
    SeveralInvites,
    /// The invite is still listed after it was deleted.
    InviteStillListed,
    /// The account that the rule names is not on the server any more, or is called otherwise.
    AccountGone {
        /// What the rule calls it.
        login: String,
    },
    /// By the policy as it is now whoever is new on the server would reach more than was agreed, so they are not let in.
    OpensMore {
        /// The lines of the rules that open it; none where it is the default of a text without rules.
        lines: Vec<usize>,
    },
    /// The rule stands in the file of the policy; whether that file is in force cannot be read.
    InFile,
    /// The rule is gone, and the server keeps something of the friend that could not be taken back.
    GuestLeft {
        /// Ids of keys.
        keys: Vec<String>,
        /// Ids of machines.
        machines: Vec<String>,
        /// The user was to be deleted.
        user: bool,
        /// How the first call failed.
        error: CallError,
    },
    /// The stored credentials are sealed with another key than the one at hand.
    KeyFile,
    /// A row that this depends on is damaged.
    Damaged,
    /// In words, as it was stored before there were codes.
    Other {
        /// What happened.
        reason: String,
        /// What to do next.
        next_step: String,
    },
}

/// How a call failed, as far as it is told to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum CallError {
    /// Understood and refused.
    Rejected {
        /// The control plane's words.
        said: String,
    },
    /// There is no such thing.
    NotFound,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// The credential is not taken.
    Unauthorised,
    /// The credential lacks the right.
    Forbidden {
        /// The control plane's words.
        said: String,
    },
    /// Too many calls.
    RateLimited,
    /// No answer.
    Unreachable {
        /// What happened.
        reason: String,
    },
    /// An answer that is not understood.
    #[serde(rename = "garbled")]
    InvalidResponse,
    /// There is no such call with the credentials at hand.
    Unsupported {
        /// What is missing.
        what: String,
    },
}

impl Attention {
    /// Something that only a person can sort out.
    pub const fn look(step: Step, trouble: Trouble) -> Self {
        Self { step, need: Need::Look, trouble, again: None }
    }

    /// What was agreed is no longer in force: only the owner can say what is to be.
    pub const fn review(step: Step, trouble: Trouble) -> Self {
        Self { step, need: Need::Review, trouble, again: None }
    }

    /// The rule stands in a file, and what is missing is that a machine tells that it is in force: a friend may try. Before
    /// that step somebody new waits for the file to be loaded.
    pub fn is_in_file(&self) -> bool {
        (self.step, &self.trouble) == (Step::Confirm, &Trouble::InFile)
    }

    /// The same trouble, whenever it is tried again.
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        (self.step, self.need, &self.trouble) == (other.step, other.need, &other.trouble)
    }
}

/// As stored: since there are codes, or in sentences as before.
#[derive(Deserialize)]
struct Stored {
    step: Step,
    need: Need,
    trouble: Option<Trouble>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    next_step: String,
    again: Option<Timestamp>,
}

impl From<Stored> for Attention {
    fn from(Stored { step, need, trouble, reason, next_step, again }: Stored) -> Self {
        Self { step, need, trouble: trouble.unwrap_or(Trouble::Other { reason, next_step }), again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_in_sentences_is_read_and_told_as_it_was() {
        let old = r#"{"step":"rule","need":"credential","reason":"It was refused.","next_step":"Put in a new one."}"#;
        let read: Attention = serde_json::from_str(old).unwrap();
        let words = ("It was refused.".to_owned(), "Put in a new one.".to_owned());
        let trouble = Trouble::Other { reason: words.0, next_step: words.1 };
        assert_eq!(read, Attention { step: Step::Rule, need: Need::Credential, trouble, again: None });
        let again: Attention = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    #[test]
    fn a_code_is_stored_with_what_belongs_to_it() {
        let error = CallError::Forbidden { said: "no scope".into() };
        let trouble = Trouble::Call { error, maybe_done: false };
        let attention = Attention { need: Need::Credential, ..Attention::look(Step::Rule, trouble) };
        let json = serde_json::to_string(&attention).unwrap();
        assert_eq!(
            json,
            r#"{"step":"rule","need":"credential","trouble":{"code":"call","error":{"error":"forbidden","said":"no scope"},"maybe_done":false}}"#
        );
        assert_eq!(serde_json::from_str::<Attention>(&json).unwrap(), attention);
    }
}
