//! What the audit trail is about.

use crate::words::words;

words! {
    /// What something was done to.
    ObjectKind, "kind of thing that something is done to":
    /// Somebody's account.
    Person = "person",
    /// A tailnet.
    Tailnet = "tailnet",
    /// A machine, or its host.
    Node = "node",
    /// A service.
    Service = "service",
    /// An offer.
    Offer = "offer",
    /// A share.
    Share = "share",
    /// An edit of a policy that is no share.
    Edit = "edit",
    /// What was made elsewhere.
    Stray = "stray",
}
