//! What is said of whose machines are whose on a Headscale.

pub const CHOOSE_ANOTHER: &str = "choose two accounts";
pub const HAS_AN_ACCOUNT: &str =
    "this machine belongs to the account that it came in with; only one with tags is given to somebody";

pub fn live_together(one: &str, other: &str) -> String {
    format!("said that {one} and {other} live together: the guards of their machines let each other pass")
}

pub fn lives_alone(account: &str) -> String {
    format!("said that {account} is a household of its own")
}

pub fn gave(machine: &str, holder: Option<&str>) -> String {
    match holder {
        Some(holder) => format!("said that {machine} belongs to {holder}"),
        None => format!("said that {machine} belongs to nobody"),
    }
}
