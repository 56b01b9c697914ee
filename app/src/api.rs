//! Where forms are posted: one question of a port each. Every answer is a redirect.
//!
//! The endpoints are fixed, so that forms are plain HTML, and typed texts arrive as texts: what is wrong with them
//! is said at their field, by the server's use case.

mod accounts;
mod asks;
mod circles;
mod edits;
mod exposures;
mod firewall;
mod hosts;
mod households;
mod inbox;
mod joining;
mod lenders;
mod members;
mod notifications;
mod offers;
mod people;
mod services;
mod shares;
mod stewards;
mod tailnets;
mod theme;
mod unmanaged;

pub use accounts::*;
pub use asks::*;
pub use circles::*;
pub use edits::*;
pub use exposures::*;
pub use firewall::*;
pub use hosts::*;
pub use households::*;
pub use inbox::*;
pub use joining::*;
pub use lenders::*;
pub use members::*;
pub use notifications::*;
pub use offers::*;
pub use people::*;
pub use services::*;
pub use shares::*;
pub use stewards::*;
pub use tailnets::*;
pub use theme::*;
pub use unmanaged::*;

use std::str::FromStr;

use model::Zone;
use model::zone::Oddity;

use crate::fault::Fault;
use crate::ports::flash::Message;

/// In characters: 256 bits in base64 are 43, an id is 36 at most.
const LONGEST_TOKEN: usize = 64;

/// An id from a hidden field. Anything else was not made by our pages.
fn id<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::NotFound)
}

/// A link's secret or the id of an offer, as our pages post them: nothing else is looked for, or kept.
fn token(text: &str) -> Result<&str, Fault> {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let shaped = (1..=LONGEST_TOKEN).contains(&text.len()) && text.chars().all(fine);
    if shaped { Ok(text) } else { Err(Fault::NotFound) }
}

/// The page to go on to, with what to say there.
fn done(path: String, text: impl Into<String>) -> (String, Message) {
    (path, Message { done: Some(text.into()), ..Message::default() })
}

/// The same with a secret that the next page shows once.
fn done_once(form: &str, path: String, text: impl Into<String>, once: String) -> (String, Message) {
    (path, Message { form: form.into(), done: Some(text.into()), once: Some(once), ..Message::default() })
}

/// What a change of the clocks makes of a day and hour that was typed, said with what was done. Empty: it makes nothing of it.
fn clocks(until: &str, date: &str, zone: &str) -> String {
    let Some(zone) = Some(zone).filter(|_| until == "date").and_then(|zone| zone.parse::<Zone>().ok()) else {
        return String::new();
    };
    let (Some(oddity), Ok(meant)) = (zone.oddity(date), zone.read(date)) else { return String::new() };
    let (name, meant) = (zone.name(), zone.to_minutes(meant));
    match oddity {
        Oddity::Twice => format!(
            " In {name} the clocks go back then, and this hour comes twice: the first of them is meant, {meant}."
        ),
        Oddity::LeftOut => {
            format!(" In {name} the clocks go forward then, and there is no such hour: {meant} is meant.")
        }
    }
}

/// What was typed, by input name.
fn typed<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}
