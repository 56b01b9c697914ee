//! What is set, and what runs, for whoever owns the instance.

use std::time::Duration;

use model::retention::Keep;

pub const YES: &str = "yes";
pub const NOTHING: &str = "nothing";
pub const WRITES: &str = "The database takes writes";
pub const OVERDUE: &str = "Shares that should have ended and could not yet";
pub const PROBING: &str = "Listed services are asked whether they answer";
pub const PLACE: &str = "This Acequia";
pub const TELLING: &str = "Mail and notifications";
pub const LIMITS: &str = "Limits";
pub const TIMES: &str = "Times, and how long things are kept";

pub fn no(why: &str) -> String {
    format!("no: {why}")
}

pub fn named(label: &str, name: &str) -> String {
    format!("{label} ({name})")
}

pub fn mail(server: &str, port: u16, from: &str) -> String {
    format!("{server}:{port}, from {from}")
}

/// As it is written in the configuration.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    match units.into_iter().find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{unit}", seconds / size),
        None if time.subsec_millis() == 0 => format!("{seconds}s"),
        None => format!("{}ms", time.as_millis()),
    }
}

pub fn kept(keep: Keep) -> String {
    match keep {
        Keep::Forever => "forever".into(),
        Keep::For(how_long) => time(how_long),
    }
}
