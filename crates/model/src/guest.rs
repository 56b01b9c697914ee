//! How a friend who has no account on a server yet comes into it.

use crate::words::words;

words! {
    /// How a friend who is no account of a server yet becomes one.
    GuestWay, "way into a server":
    /// A user is made for them, and a key for their device.
    NewUser = "new_user",
    /// They sign in there themselves; their account is waited for.
    SignIn = "sign_in",
}

words! {
    /// Why a user of a server stays when the last share of a friend is over.
    WhyStays, "reason why a user stays":
    /// They were there before.
    WasThere = "was_there",
    /// Somebody gave the account another name; only its owner can tell whose it is.
    Renamed = "renamed",
    /// Another share is with them, or somebody waits for them.
    Held = "held",
    /// Something else in the policy names them.
    Named = "named",
    /// This version is not asked to delete users; the owner does it by hand.
    Version = "version",
}
