//! What was agreed about a share, and what was done for it.

use std::collections::{BTreeMap, BTreeSet};

use model::{CircleId, Decision, PersonId, ServicePorts, ShareState, Timestamp};
use serde::{Deserialize, Serialize};

use crate::exposure::Opening;

/// What was agreed, and what was done to the control plane: enough to find it again after a crash and to take it
/// back. Written *before* each deed. A missing deed is read as one that was not done, so none may be missing that
/// would leave something standing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about a deed of its own, and missing in rows from before it"
)]
pub struct Journal {
    /// The owner's yes.
    pub approved: Option<Approval>,
    /// Its owner approved it beforehand, as it seems: a job looks into that, and asks them only if it does not hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unasked: bool,
    /// The rule as it was written, to find it when its comment is gone.
    pub rule: Option<String>,
    /// A write of the policy with this rule was begun.
    pub rule_begun: bool,
    /// The rule was taken out again for a pause, and seen to be gone: what is like it in the policy is somebody else's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_out: bool,
    /// What was agreed before other ports were, until a rule with those stands in the policy.
    #[serde(default)]
    pub former: Option<Former>,
    /// Ids of the device's invites before ours was asked for.
    pub invites_before: Option<Vec<String>>,
    /// When an invite was asked for without an answer having come.
    pub invite_asked: Option<Timestamp>,
    /// The device invite through which the friend has the node.
    pub invite: Option<InviteDeed>,
    /// Who opened it, in the control plane's words.
    pub accepted_by: Option<String>,
    /// Another account than the agreed one opened the invite, and its owner wants another one in its place: it is deleted
    /// first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invite_is_wrong: bool,
    /// Where the friend sees the node.
    pub friend_sees: Option<String>,
    /// The narrowing that was agreed for somebody new also takes all addresses that nobody has yet from the machine of the share, so
    /// that the filter of that machine shows whether it is in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub machine_shows: bool,
    /// Of a policy in a file: since when it is known that the server has loaded it, by its owner's word or because a machine
    /// showed that it lets in nobody new. Whoever is new comes in only after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loaded: Option<Timestamp>,
}

impl Journal {
    /// The invite is looked for anew: the old one is gone, or was never made.
    pub fn forget_invite(&mut self) {
        self.invite = None;
        self.invites_before = None;
        self.invite_asked = None;
        self.accepted_by = None;
        self.invite_is_wrong = false;
    }
}

/// An agreement that another one is to replace, and that holds until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// The ports that the friend has.
    pub ports: ServicePorts,
    /// The rule with them, as [`Journal::rule`].
    pub rule: Option<String>,
    /// The yes to them.
    pub approved: Option<Approval>,
    /// How the share stood with them.
    pub state: ShareState,
}

/// What the owner said yes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// Their name then.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
    /// To what they said yes.
    pub decision: Decision,
    /// The difference in reach that was shown: equal texts mean the same difference.
    pub difference: String,
    /// The difference that the narrowing alone makes; absent without one.
    pub narrowing: Option<String>,
    /// What the friend was to reach, as it was shown. Empty where that was not kept yet.
    #[serde(default)]
    pub lines: Vec<AgreedLine>,
    /// The same as what is open, with what they reach perhaps. Absent where that was not kept yet.
    #[serde(default)]
    pub reach: Option<Vec<Opening>>,
    /// The circle for whose people this was approved beforehand: nobody said yes in that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beforehand: Option<CircleId>,
    /// With whom which machines were shared then, by their names. Absent where that was not kept yet.
    #[serde(default)]
    pub shared: Option<BTreeMap<String, BTreeSet<String>>>,
}

/// One line of the reach that was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedLine {
    /// Whose.
    pub who: String,
    /// The machine.
    pub machine: String,
    /// With the protocol: `tcp 25565`.
    pub ports: String,
}

/// The device invite of a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteDeed {
    /// The control plane's id of it.
    pub id: String,
    /// When it was made or adopted: it lapses 30 days later.
    pub at: Timestamp,
    /// Made for a share of ours: only such an invite is deleted when the last share that uses it ends.
    pub ours: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_from_before_the_lines_were_kept_is_read_without_them() {
        let old = r#"{"by":"0192f5b0-0000-7000-8000-000000000001","by_name":"Ana","at":"2027-01-15T08:00:00Z","decision":"apply","difference":"d","narrowing":null}"#;
        let read: Approval = serde_json::from_str(old).unwrap();
        assert_eq!((read.lines.len(), read.difference.as_str()), (0, "d"));
    }
}
