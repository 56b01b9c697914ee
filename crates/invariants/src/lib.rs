//! What has to be true of an Acequia and its control planes, whatever was done to them: the promises of the product as
//! far as they can be seen from outside.
//!
//! Pure: [`check`] takes what somebody saw in the app's database and at the control planes ([`Observation`]), compares
//! it with how it began ([`Baseline`]), and says in words what is wrong. It knows nothing of how the app works, and
//! decides nothing with the app's own code but with the policy engine, which has truth data of its own.
//!
//! ```
//! use invariants::{Baseline, Moment, Observation, check};
//! let seen = Observation::default();
//! let mut start = Baseline::default();
//! start.learn(&seen);
//! assert_eq!(check(&start, &seen, Moment::Rest), []);
//! ```

mod around;
mod baseline;
mod laws;
mod observation;
mod outside;

use std::fmt;

pub use around::{Around, Ask, Circle, Owned, Service};
pub use baseline::Baseline;
pub use laws::LAWS;
pub use observation::{
    Device, Edit, Entry, Invite, InviteDeed, Job, Observation, Offer, Phase, Recipient, Secret, Share, State,
    StoredText, Tailnet, UnmanagedItem,
};

/// When it was looked: some things may be half-way while work is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Everything that was due has been done.
    Rest,
    /// Between any two steps, as after a kill: what protects people holds, what has to be done may be undone.
    Halted,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The sentence that is broken, one of [`LAWS`].
    pub law: &'static str,
    /// What was seen instead.
    pub seen: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.seen)
    }
}

/// Everything that is wrong; nothing if all is well.
pub fn check(start: &Baseline, seen: &Observation, moment: Moment) -> Vec<Violation> {
    laws::all(start, seen, moment)
}
