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
