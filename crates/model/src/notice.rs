//! What somebody is told that waits for them.

use crate::words::words;

words! {
    /// What kind of thing waits. Of one thing and one part of it each kind waits once for one person.
    NoticeKind, "kind of notice":
    /// An accepted offer: what it opens is to be reviewed.
    Review = "review",
    /// An accepted offer of somebody who has no account yet: they make one.
    Account = "account",
    /// The same, for whoever gives it.
    NoAccountYet = "no_account_yet",
    /// A friend asks for more time.
    Longer = "longer",
    /// A share that does not go on, or is not in force as agreed.
    Attention = "attention",
    /// An invite that its friend has not opened.
    OpenInvite = "open_invite",
    /// A share that ends soon.
    EndsSoon = "ends_soon",
    /// A share whose end could not be done: its friend may still be let in.
    NotEnded = "not_ended",
    /// A share whose row makes no sense.
    Unreadable = "unreadable",
    /// A share whose owner may no longer come in.
    LeftAlone = "left_alone",
    /// Somebody asks for an offer of a listed service.
    Asked = "asked",
    /// What somebody asked for was declined.
    Refused = "refused",
    /// An offer to answer.
    Offer = "offer",
    /// An offer that was declined.
    Declined = "declined",
    /// An offer that nobody answered in its time.
    Lapsed = "lapsed",
    /// A control plane that cannot be asked.
    Away = "away",
    /// A policy that cannot be read.
    Policy = "policy",
    /// A credential that was refused or ends soon.
    Credential = "credential",
    /// What stands at a control plane and belongs to no share here.
    Unmanaged = "unmanaged",
    /// Somebody with an open share reaches more than was agreed.
    Exposure = "exposure",
    /// A host on which another firewall text is in force than the current one, or a guard that holds nothing.
    Host = "host",
    /// A host for which no firewall text can be made.
    HostText = "host_text",
    /// A share of which its machine tells something else than is said here.
    ToldOtherwise = "told_otherwise",
    /// People who ask to lend their own machines on a server.
    AskedToLend = "asked_to_lend",
    /// A policy with a name that several accounts of its server have.
    NameClash = "name_clash",
    /// What whoever asked to lend their own machines on a server was answered.
    LendingAnswered = "lending_answered",
    /// An account that was waited for is on a server: its owner says whether it is their friend's.
    AccountCame = "account_came",
    /// Something could not be told to somebody by mail, ntfy or webhook.
    Untold = "untold",
    /// A mail with the link of an offer could not be delivered.
    OfferUntold = "offer_untold",
    /// A tailnet that somebody handed over to its owner.
    HandedOver = "handed_over",
    /// A service whose kind is approved beforehand, and of which its machine changed the ports: somebody is to look at them.
    PortsChanged = "ports_changed",
}

impl NoticeKind {
    /// Whether nothing has to be done about it: then whoever reads it may put it aside. What needs a deed closes with
    /// its cause, and with nothing else.
    pub const fn is_news(self) -> bool {
        matches!(
            self,
            Self::EndsSoon
                | Self::LeftAlone
                | Self::Declined
                | Self::Refused
                | Self::Lapsed
                | Self::NoAccountYet
                | Self::LendingAnswered
                | Self::Untold
                | Self::OfferUntold
                | Self::HandedOver
        )
    }
}
