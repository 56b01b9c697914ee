//! What is said of accounts on a friend's server.

use app::fault::{Fault, Reason};
pub use sharing::trail::user_stays;

use crate::store::members::Member;

pub const SAME_MAIL: &str = "The first one has a mail that is verified here as theirs.";
pub const AS_WRITTEN: &str = "The first one is what they wrote; look whether it is them.";
pub const HOW_TO_WRITE: &str = "write your name on that server, such as carla or carla@example.com";

/// An account in a list: its names, and the mail where that tells more.
pub fn account(account: &Member) -> String {
    let Member { login, own_name, name, email, provider_id, .. } = account;
    // What a provider calls somebody is no name for people.
    let called = if provider_id.is_some() { own_name } else { login };
    let mut parts = vec![called.clone()];
    parts.extend(Some(name).filter(|name| *name != own_name && !name.is_empty()).cloned());
    parts.extend(email.as_ref().filter(|email| *email != called).cloned());
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { login.clone() } else { parts.join(" · ") }
}

pub const SAME_IDENTITY: &str =
    "The first one signs in at the same provider as they do here, under the same name there.";
pub const CAME_SINCE: &str = "The first one came in since you wait for them; look whether it is them.";
pub const SAY_WHO_CAME: &str =
    "They sign in there themselves. Say whether it is them, and look at what it opens.";
pub const CAME_FOR_FRIEND: &str = "If it is you: there is nothing to do. It opens once they have said so, and have \
                                   looked at what it opens.";
pub const FOUND_USER: &str = "Found the user that was asked for.";
pub const MADE_USER: &str = "Made, without a mail, and with no rule but the one of this share.";
pub const EVERYTHING_GONE: &str =
    "Their keys, machines and the user that was made for them are gone from the server.";
pub const NAME_FORM: &str = "a name has lower-case letters, digits, dots, hyphens and underscores, and begins with a letter or a digit";
pub const NO_SUCH_WAIT: &str =
    "no machine waits with this; load its page again and copy the whole of what stands behind the last slash";
pub const NOT_LOADED: &str = "Your key comes once it is known that the server has loaded its new rules: with the old ones \
                              it would open more than was agreed.";

/// An account is on the server since a friend is waited for.
pub fn came(friend: &str, tailnet: &str) -> String {
    format!("Somebody came in on {tailnet}: is it {friend}?")
}

pub fn came_for_friend(owner: &str) -> String {
    format!("Somebody signed in on the server of {owner}")
}

pub fn is_taken(name: &str) -> String {
    format!("somebody on this server is called {name} already; take another name")
}

/// The end of a sentence, without its full stop.
pub fn name_is_taken(name: &str) -> String {
    format!("somebody on the server is called {name} by now, so no user was made; choose another name")
}

pub fn user_in_the_trail(name: &str, id: &str) -> String {
    format!("{name}, number {id} there")
}

pub fn key_in_the_trail(id: &str, ends: &str) -> String {
    format!("key {id}, good for one machine until {ends}")
}

pub fn not_a_guest() -> Fault {
    Fault::conflict("There is no key to ask for: on this server you are an account that was there before.")
}

pub fn not_open_yet() -> Fault {
    Fault::Conflict(Reason::as_said("Your way in comes when the gate is open. Nothing was made."))
}

/// Of a key, and of a device at the page of the server.
pub fn opens_more() -> Fault {
    Fault::Conflict(Reason::as_said(
        "Something was changed on the server, and with that your device would reach more than was agreed, so it is not let \
         in. The owner has been told; your way in comes back here once they have looked at it.",
    ))
}

pub fn not_now() -> Fault {
    Fault::conflict(
        "What your device would reach cannot be worked out just now, so it is not let in. Try again later, or ask the owner.",
    )
}

pub fn waits_for_no_file() -> Fault {
    Fault::conflict("This share does not wait for a policy file to be loaded.")
}

pub fn no_account_yet() -> Fault {
    Fault::conflict("It is not known yet which account of the server you are.")
}

pub fn user_is_made() -> Fault {
    Fault::conflict("A user was asked for already for them on this server; that one stays theirs.")
}

/// What became of the key that was asked for.
pub fn no_key(reason: &str, maybe_made: bool) -> Fault {
    let after = if maybe_made {
        "Whether it was made is not known: it is looked for and ended, since nobody has seen it. Ask once more."
    } else {
        "No key was made."
    };
    Fault::Unavailable(Reason::as_said(format!("{reason} {after}")))
}

pub fn earlier_key_works(reason: &str) -> Fault {
    Fault::Unavailable(Reason::as_said(format!(
        "{reason} The key that you were shown before could not be ended, so no other one was made. Try again later."
    )))
}

pub fn key_took_too_long() -> Fault {
    Fault::Unavailable(Reason::as_said("Asking for the key took too long, so it was ended. Ask once more."))
}

pub fn not_let_in(reason: &str) -> Fault {
    Fault::Unavailable(Reason::as_said(format!(
        "{reason} Whether the machine was let in shows on its own page; try again if it was not."
    )))
}

#[cfg(test)]
mod tests {
    use sharing::guest::WhyStays;

    use super::*;

    /// Sabotage: the sentence for a file without what 0.28 was seen to do.
    #[test]
    fn nobody_is_told_to_destroy_a_user_without_what_that_does_on_an_old_server() {
        for in_file in [false, true] {
            let said = user_stays(WhyStays::Version, "dora", in_file);
            assert!(
                said.contains("users destroy") && said.contains("0.28") && said.contains("keys"),
                "{said}"
            );
        }
    }
}
