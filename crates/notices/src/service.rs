//! A service of which the configuration of its machine changed the ports. For the owner and stewards.

use model::{PersonId, Timestamp};

use crate::{Notice, What};

/// What is stored of a service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceFacts {
    /// Its kind is approved beforehand, and nobody looked at its ports since its machine changed them.
    pub ports_changed: bool,
    /// When this is written.
    pub now: Timestamp,
}

impl ServiceFacts {
    /// What waits of it.
    pub fn notices(&self, people: &[PersonId]) -> Vec<Notice> {
        let people = if self.ports_changed { people } else { &[] };
        Notice::for_all(people, What::PortsChanged, self.now, Timestamp::from_micros(0))
    }
}
