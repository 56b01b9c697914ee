//! What is said where a network is a Headscale.

use app::fault::{Fault, Reason};
use policy::UnknownName;

pub const NO_WAY_BACK: &str = "A Headscale takes a policy without a condition. Acequia reads it before each write, \
                               compares, and looks again twice; whoever edits it in the moment between compare and \
                               write loses that edit, and nobody sees it.";
pub const TOO_OLD: &str = "This Headscale is older than 0.28: it is read, and nothing is changed on it. Bring it up to \
                           date to lend something.";
pub const IN_FILE: &str = "The policy of this Headscale is kept in a file on the server, so it is not written from here. \
                           Shares are planned here; their text has to be put into that file, and Headscale told to load \
                           it. What is read is the file, in force or not.";
pub const CONNECTED_TWICE: &str = "The same server is connected here already, by somebody who was first. Its policy is \
                                   one for all, so it is looked after once: ask them to make you a steward, and \
                                   disconnect this one.";
pub const NO_HEADSCALE: &str =
    "no Headscale answers at this address; look whether it is the one that clients use as login server";
pub const IS_A_HEADSCALE: &str =
    "a Headscale answers there: it is connected with an API key (headscale apikeys create)";
pub const KEY_REFUSED: &str =
    "the server does not take this key: it is wrong, expired or was made on another server";
pub const KEY_OF_TAILSCALE: &str = "this is a key of Tailscale, and goes to no Headscale: to connect a tailnet of Tailscale, \
                                    choose it as the control plane and use the fields “Client id” and “Client secret”";
pub const NO_KEY: &str = "this is no API key; copy it again";
pub const NO_BASE_DOMAIN: &str = "write the end of the names only, such as net.example.org";
pub const NO_LOGIN_SERVER: &str =
    "write the address that clients log in to, such as https://headscale.example.org";
pub const NAMES_MISSING: &str = "Say below where clients log in to this server and how its names end: no call tells it, and the \
                                 address at which it is asked from here may be one that friends cannot reach. The steps for \
                                 friends are made of it.";
pub const PUT_IN_KEY: &str = "put in a new API key";
pub const RENEWED_KEY: &str = "replaced the API key by a new one; the old one was ended";
pub const WROTE_NAMES: &str = "wrote down what the server is called by clients";
pub const OUT_OF_THE_FILE: &str = "taken out of the file, not proven: whether the server has loaded that file \
                                   cannot be read from here. Reload Headscale (systemctl reload headscale, or a SIGHUP)";
pub const OPEN_THE_FILE: &str = "Open the policy file where it is kept: the file that policy.path in Headscale's \
                                 configuration names, or the repository that it comes from.";
pub const RELOAD: &str = "Have Headscale load it (systemctl reload headscale, or a SIGHUP). What stands in the file is \
                          noticed by itself; to have it looked at at once, press “Try again now”.";
pub const CHOOSE_AN_ACCOUNT: &str = "choose the account from the list";
pub const CANNOT_BE_TRIED: &str = "Headscale 0.28 cannot try a policy out; it is tried when it is written, and refused \
                                   as a whole if anything in it is wrong.";

pub fn is_none() -> Fault {
    Fault::conflict("This network is no Headscale.")
}

/// The same server as a tailnet of one's own.
pub fn is_yours_already(name: &str) -> String {
    format!("this server is connected already, as “{name}”; to put in a new key of it, open that tailnet")
}

/// A name in the policy that the server takes and makes nothing of.
pub fn unknown_name(unknown: &UnknownName) -> String {
    let lines: Vec<String> = unknown.lines.iter().map(ToString::to_string).collect();
    let place = match lines.as_slice() {
        [] => "Your policy".to_owned(),
        [one] => format!("Line {one} of your policy"),
        many => format!("Lines {} of your policy", many.join(", ")),
    };
    let like = unknown.like.as_ref().map(|like| format!("; perhaps {like} was meant")).unwrap_or_default();
    format!("{place}: {} is no account of this server, so nothing comes of it{like}.", unknown.name)
}

/// A name of the policy that several accounts have, for the inbox.
pub fn clash(name: &str, tailnet: &str) -> String {
    format!("Several accounts of {tailnet} are {name}")
}

pub fn clash_means(accounts: &[String], more: u32) -> String {
    let besides = match more {
        0 => String::new(),
        1 => " One more name of the policy is so.".to_owned(),
        more => format!(" {more} more names of the policy are so."),
    };
    format!(
        "The policy names them, and it may mean {}. Nothing comes of such a rule, no new policy is taken, and from 0.29 on \
         the server does not start again. Rename one of them, or name them in the policy by what the identity provider \
         calls them.{besides}",
        accounts.join(" or ")
    )
}

pub fn no_account(login: &str) -> String {
    format!("{login} is no account of this server")
}

/// How a certificate that nobody vouches for is taken care of, where that is the trouble.
pub fn does_not_answer(reason: &str) -> Fault {
    let why = if reason.contains("certificate") || reason.contains("UnknownIssuer") {
        "If the server has a certificate of your own authority, whoever runs this Acequia names the file of that \
         authority in its configuration (ca_file)."
    } else {
        "Try again later."
    };
    Fault::Unavailable(Reason::as_said(format!(
        "The server does not answer ({reason}). Nothing was stored. {why}"
    )))
}

pub fn choose_first(friend: &str) -> Fault {
    Fault::conflict(format!("Choose first which account of the server {friend} is."))
}

/// How long its key is still good.
pub fn days_left(days: i64) -> String {
    match days {
        ..0 => "The API key is over: nothing is read or changed until you put in a new one.".to_owned(),
        0 => "The API key ends within a day.".to_owned(),
        1 => "The API key is good for 1 day more.".to_owned(),
        many => format!("The API key is good for {many} days more."),
    }
}
