//! What is said while a new machine is brought in.

use app::fault::{Fault, Reason};
use model::NewNode;

pub const PASTE_THE_MODULE: &str = "paste the text of the module";
pub const MODULE_TOO_LONG: &str = "this is too long; paste only the part about Tailscale";
pub const BEGAN_TO_WAIT: &str = "began to wait for a new machine";
pub const NO_CREDENTIAL_MAKES_KEYS: &str = "No credential here may make keys: it takes a user token of an owner, \
                                            admin or IT admin, or an OAuth client with the scope auth_keys.";
pub const NO_KEY_OF_THE_SERVER: &str = "The API key of this server is over or refused, so no key for a machine can be made \
                                        with it.";
pub const TAGGED_MACHINES_ONLY: &str = "The OAuth client may make keys for tagged machines only: choose one of \
                                        its tags above, or add a user token to the tailnet.";
pub const MADE_A_KEY: &str = "made a key for a new machine";
pub const NO_KEY_WAS_MADE: &str = "No key was made.";
pub const STOPPED_WAITING: &str = "stopped waiting for a machine";
pub const REVOKED_THE_KEY: &str = "revoked the key for a new machine";
pub const KEY_ENDED: &str = "stopped waiting for a machine: the key ended";
pub const FOUND_NO_KEY: &str = "found that no key was made for a new machine";
pub const REVOKED_UNSEEN_KEY: &str = "revoked a key for a new machine that nobody was shown";
pub const STOPPED_LOOKING: &str = "stopped looking for a key for a new machine: it would have ended";
pub const OWNER_IS_SHUT_OUT: &str =
    "stopped waiting for a machine: the owner of the tailnet may no longer come in here";

pub fn too_many_waits(most: u32) -> Fault {
    Fault::conflict(format!(
        "This tailnet waits for {most} new machines, and there can be no more than that at a time. Cancel one, \
         or wait until it is there. No key was made."
    ))
}

pub fn nobody_is_waited_for() -> Fault {
    Fault::Conflict(Reason::as_said("Nobody is waited for with a key made here."))
}

pub fn key_in_the_trail(description: &str, id: &str, until: &str) -> String {
    format!("{description}, key {id}, for one machine, until {until}")
}

pub fn took_too_long() -> Fault {
    Fault::unavailable("Making the key took too long, and it is revoked.")
}

pub fn maybe_made(name: &str) -> String {
    format!("Maybe a key was made, which nobody has seen: “{name}” is looked for and revoked.")
}

pub fn is_over_already() -> Fault {
    Fault::conflict("The waiting is over already.")
}

pub fn key_still_works(why: &str) -> Fault {
    Fault::Unavailable(Reason::as_said(format!(
        "{why} The key still works; try again, or revoke it in the console."
    )))
}

pub fn unknown_tag(short: &str) -> String {
    format!("the policy of this tailnet does not know `{short}`")
}

pub fn came_in(names: &str) -> String {
    format!("saw {names} come in")
}

/// How the key comes onto the host. The path was checked: nothing in it is for a shell.
pub fn place_key(chosen: &NewNode) -> Vec<String> {
    let file = &chosen.key_file;
    match chosen.system.as_str() {
        "nixos" => vec![
            format!("Give it to your deploy tool or secret store as the file {file}, readable by root only."),
            "Deploy the module below; the machine joins by itself.".into(),
        ],
        "windows" => vec![
            format!("In PowerShell as administrator: Set-Content {file} -NoNewline (Read-Host)"),
            format!("Paste the key there, run the commands below, then: Remove-Item {file}"),
        ],
        _ => vec![
            format!("On the machine: sudo install -m 600 /dev/stdin {file}"),
            "Paste the key, press Enter and then Ctrl-D.".into(),
            format!("Run the commands below, then: sudo rm {file}"),
        ],
    }
}
