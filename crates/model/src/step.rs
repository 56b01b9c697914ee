//! What is done for a share, step by step.

use crate::words::words;

words! {
    /// The steps of applying and ending.
    Step, "step of a share":
    /// Replace wildcard sources, so that the friend will reach nothing but the service.
    Narrow = "narrow",
    /// Make a user for the friend, on a server whose users friends are.
    Account = "account",
    /// Write the rule into the policy.
    Rule = "rule",
    /// Make the device invite.
    Invite = "invite",
    /// The friend opens it; it is accepted for them where their tailnet is connected with a user token.
    Accept = "accept",
    /// Read everything back.
    Confirm = "confirm",
    /// The node's next firewall revision.
    Snippet = "snippet",
    /// Take the rule out of the policy.
    RemoveRule = "remove_rule",
    /// Delete the device invite.
    RemoveInvite = "remove_invite",
    /// Take back what the server keeps of a friend for whom a user was made: keys, machines, the user.
    RemoveGuest = "remove_guest",
    /// Read everything back: nothing of the share is left.
    ConfirmEnd = "confirm_end",
}

impl Step {
    /// The steps of applying.
    pub const APPLY: [Self; 7] =
        [Self::Narrow, Self::Account, Self::Rule, Self::Invite, Self::Snippet, Self::Accept, Self::Confirm];
    /// The steps of ending.
    pub const END: [Self; 5] =
        [Self::Snippet, Self::RemoveRule, Self::RemoveInvite, Self::RemoveGuest, Self::ConfirmEnd];
    /// The steps of a pause.
    pub const PAUSE: [Self; 3] = [Self::Snippet, Self::RemoveRule, Self::ConfirmEnd];

    /// Those that only some shares need.
    pub const fn is_rare(self) -> bool {
        matches!(self, Self::Narrow | Self::Account | Self::RemoveGuest)
    }
}

words! {
    /// For what a step is done.
    StepPhase, "phase of a share":
    /// Bringing it into force.
    Apply = "apply",
    /// Taking it out for a while.
    Pause = "pause",
    /// Taking it back.
    End = "end",
}
