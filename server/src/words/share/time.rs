//! Another end.

use model::{Revision, Timestamp, Zone};
pub use sharing::trail::until;

pub const IS_OVER: &str = "It is over, or being ended: its end is what it is.";
pub const ASKED_FOR_NOTHING: &str = "Nobody asked for another end.";
pub const LONGER_ONLY: &str = "this is no later than its end; to have it end sooner, give it back";
pub const HAS_NO_END: &str = "it has no end already";

/// Where the old end stands in a text that somebody put in place by hand.
pub fn in_the_text(node: &str, revision: Revision, ends: Timestamp, zone: &Zone) -> String {
    format!(
        "Revision {revision} of the firewall text of {node} has the old end in it, {}. A new revision is made at once; {node} does \
         not fetch it by itself, so put it in place before the old end, or the machine itself shuts then.",
        zone.to_minutes(ends)
    )
}

pub const FETCHED: &str =
    "The machine fetches its firewall text by itself, with the new end in it, within minutes.";
