//! What is said of connected tailnets.

use app::fault::{Fault, Reason};
use model::TailnetRole;

pub const POLICY_ELSEWHERE: &str = "The policy of this tailnet is kept elsewhere (a repository, Terraform, or a file \
                                    that Headscale reads). Shares are planned here; their text has to be put into \
                                    that file.";
pub const SETTINGS_UNREAD: &str = "What was stored of the settings of this tailnet cannot be read. Nothing is \
                                   written to its policy until they are read afresh, which happens by itself.";
pub const CREDENTIAL_UNREAD: &str = "What is stored of a credential of this tailnet cannot be read, so its \
                                     control plane is not asked and nothing is changed there. Put the credential \
                                     in again.";
pub const SHARE_UNREAD: &str = "What is stored of a share of this tailnet cannot be read. It is left out of \
                                these lists and of firewall texts, and its rule and invite stay as they are; \
                                whoever runs this Acequia finds the row in the log.";
pub const CHOOSE_A_CONTROL_PLANE: &str = "choose one of the control planes of this instance";
pub const TOKEN_OF_ANOTHER: &str = "this token belongs to another tailnet than the OAuth client";
pub const CHANGED_ELSEWHERE: &str = "found that the policy was changed elsewhere";
pub const REMOVED_USER_TOKEN: &str = "removed the user token";
pub const PUT_IN_USER_TOKEN: &str = "put in a new user token";
pub const PUT_IN_CLIENT: &str = "put in a new OAuth client";
pub const CANNOT_READ_DEVICES: &str = "this client may not read devices; give it the scope devices:core:read";
pub const SEES_NO_MACHINE_OF_IT: &str =
    "this belongs to another tailnet: it sees none of the machines of this one";
pub const PASTE_THE_SECRET: &str = "paste the secret of the OAuth client";
pub const NO_CLIENT_SECRET: &str = "this is no client secret; copy it again";
pub const PASTE_THE_ID: &str = "paste the id of the OAuth client";
pub const KEY_FILE: &str = "The stored credentials cannot be opened with the key file of this server.";
pub const NOT_STORED: &str = "It could not be stored.";

pub fn gave_role(role: TailnetRole, name: &str) -> String {
    match role {
        TailnetRole::Steward => format!("made {name} a steward"),
        TailnetRole::Auditor => format!("made {name} an auditor"),
    }
}

pub fn took_role(role: TailnetRole, name: &str) -> String {
    match role {
        TailnetRole::Steward => format!("took the stewardship from {name}"),
        TailnetRole::Auditor => format!("took the audit from {name}"),
    }
}

pub fn is_a_steward(name: &str) -> String {
    format!("{name} is a steward, who reads everything anyway. Take the stewardship first")
}

pub fn too_many(most: u32) -> Fault {
    Fault::Conflict(Reason::as_said(format!(
        "You have connected {most} tailnets, and there can be no more than that. Disconnect one first. Nothing \
         was stored."
    )))
}

pub fn connected_already(name: &str) -> String {
    format!("this client is connected already, as {name}; to put in a new secret of it, open that tailnet")
}

pub fn connected(name: &str) -> String {
    format!("connected {name}")
}

pub fn disconnected(name: &str) -> String {
    format!("disconnected {name}")
}

pub fn has_open_shares(open: i64) -> Fault {
    Fault::conflict(format!("{open} of its shares are not over; end them first."))
}

pub fn does_not_answer(reason: &str) -> Fault {
    Fault::Unavailable(Reason::as_said(format!(
        "The control plane does not answer ({reason}). Nothing was stored; try again later."
    )))
}
