//! What stands at a control plane without a share here.

use crate::words::words;

words! {
    /// Which kind of thing it is.
    #[derive(PartialOrd, Ord)]
    UnmanagedKind, "kind of what was made elsewhere":
    /// An invite to a machine.
    Invite = "invite",
    /// A share recipient without any invite.
    Recipient = "recipient",
    /// A rule with our mark.
    Rule = "rule",
}
