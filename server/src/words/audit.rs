//! What is said of the audit trail.

use std::time::Duration;

use model::EntryKind;
use model::retention::Keep;

pub const NOT_UNDERSTOOD: &str = "not understood";
pub const ENDS_BEFORE: &str = "The last day is before the first.";

/// What a filter of this name is called.
fn title(name: &str) -> &'static str {
    match name {
        "person" => "Person",
        "tailnet" => "Tailnet",
        "machine" => "Machine",
        "service" => "Service",
        "share" => "Share",
        "kind" => "Kind",
        "from" => "From",
        "until" => "Until",
        _ => "Words",
    }
}

pub fn filter(name: &str, value: &str) -> String {
    format!("{}: {value}", title(name))
}

pub fn unknown(name: &str, typed: &str) -> String {
    match name {
        "person" => format!("You know nobody here called “{typed}”."),
        "share" => "This is no share that you may see.".into(),
        _ => format!("You may see no {name} called “{typed}”."),
    }
}

pub fn several(name: &str, typed: &str) -> String {
    format!("Several are called “{typed}”: choose the {name} below.")
}

pub fn placed(name: &str, place: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{name} ({place})") }
}

pub fn no_day(typed: &str) -> String {
    format!("“{typed}” is no day. Write it like 2026-12-24.")
}

pub fn no_kind(typed: &str) -> String {
    format!("There is no kind “{typed}”. Choose one of the list.")
}

pub const fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Policy => "changes of a policy",
        EntryKind::Share => "shares",
        EntryKind::Offer => "offers",
        EntryKind::Service => "services",
        EntryKind::Node => "machines",
        EntryKind::Tailnet => "tailnets",
        EntryKind::Edit => "edits of a policy",
        EntryKind::Person => "accounts",
        EntryKind::Unmanaged => "what was made elsewhere",
    }
}

/// How long entries are kept.
pub fn kept(keep: Keep) -> Vec<String> {
    match keep {
        Keep::Forever => vec!["Entries are kept for ever.".into()],
        Keep::For(time) => vec![
            format!("Entries are kept for {}.", days(time)),
            "Never dropped, however old: what happened to a share that is not over, and the last entry about each thing.".into(),
        ],
    }
}

pub fn days(time: Duration) -> String {
    match time.as_secs() / 86_400 {
        0 => "less than a day".into(),
        1 => "1 day".into(),
        days => format!("{days} days"),
    }
}
