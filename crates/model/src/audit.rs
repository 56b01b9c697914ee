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
    Unmanaged = "stray",
}

words! {
    /// Which entries of the trail somebody asks for.
    EntryKind, "kind of entry":
    /// Those that changed the text of a policy, whatever they were about.
    Policy = "policy",
    /// About a share.
    Share = "share",
    /// About an offer.
    Offer = "offer",
    /// About a service.
    Service = "service",
    /// About a machine, or its host.
    Node = "machine",
    /// About a tailnet.
    Tailnet = "tailnet",
    /// About an edit of a policy that is no share.
    Edit = "edit",
    /// About somebody's account.
    Person = "person",
    /// About what was made elsewhere.
    Unmanaged = "elsewhere",
}

impl EntryKind {
    /// What such an entry is about; absent where that does not matter.
    pub const fn object(self) -> Option<ObjectKind> {
        Some(match self {
            Self::Policy => return None,
            Self::Share => ObjectKind::Share,
            Self::Offer => ObjectKind::Offer,
            Self::Service => ObjectKind::Service,
            Self::Node => ObjectKind::Node,
            Self::Tailnet => ObjectKind::Tailnet,
            Self::Edit => ObjectKind::Edit,
            Self::Person => ObjectKind::Person,
            Self::Unmanaged => ObjectKind::Unmanaged,
        })
    }
}

words! {
    /// What somebody is in a tailnet that is not theirs.
    TailnetRole, "role in a tailnet":
    /// May do all that its owner may, but for credentials, stewards and auditors.
    Steward = "steward",
    /// Reads who reaches what, the policy and the audit trail, and changes nothing.
    Auditor = "auditor",
}
