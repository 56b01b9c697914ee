//! What somebody hears of, and how.

use crate::words::words;

words! {
    /// What kind of thing somebody hears of. Finer in what has to be done than in what waits: see [`crate::NoticeKind`].
    HeardKind, "kind of notification":
    /// Somebody asks for a service, or for more time.
    Asked = "asked",
    /// An offer to answer.
    Offered = "offered",
    /// An offer was accepted.
    Accepted = "accepted",
    /// An offer, or a wish, was declined.
    Declined = "declined",
    /// What a share opens is to be looked at once more.
    Review = "review",
    /// A service can be reached, or can be once the invite is opened.
    Open = "open",
    /// A share rests.
    Paused = "paused",
    /// A share ends soon, at most a day from now.
    EndsTomorrow = "ends_tomorrow",
    /// A share is over.
    Ended = "ended",
    /// Something does not go on by itself.
    Attention = "attention",
    /// A credential ends soon.
    Credential = "credential",
    /// Somebody reaches more than was agreed.
    Exposure = "exposure",
}

words! {
    /// A way to reach somebody outside of the app.
    Channel, "way to be told":
    /// To the address that a provider has verified.
    Mail = "mail",
    /// To a topic on an ntfy server.
    Ntfy = "ntfy",
    /// To an address of their own, signed.
    Webhook = "webhook",
}

words! {
    /// As what somebody hears of a thing.
    HeardAs, "side of a share":
    /// They give, or act for the tailnet.
    Giver = "giver",
    /// They receive.
    Friend = "friend",
}
