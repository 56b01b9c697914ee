//! What somebody could not be told outside of the app: then the app tells them that.

use model::{Channel, PersonId, Timestamp};

use crate::{DAY, Notice, What};

/// So long it is told: by then the thing itself has been seen in the app.
const TOLD: i64 = 14 * DAY;

/// What was given up of one way to reach somebody, since it last worked or was set anew.
#[derive(Clone, Debug)]
pub struct UntoldFacts {
    /// Which way.
    pub channel: Channel,
    /// How many things were given up.
    pub count: u32,
    /// When the last of them was.
    pub at: Timestamp,
    /// What was answered then.
    pub why: String,
    /// The address of an offer whose link it was.
    pub offer_to: Option<String>,
}

impl UntoldFacts {
    /// What waits of it, for whom it should have reached or, of an offer's link, for who made the offer.
    pub fn notice(&self, person: PersonId) -> Notice {
        let Self { channel, count, why, .. } = self.clone();
        let what = match &self.offer_to {
            Some(address) => What::OfferUntold { address: address.clone(), why },
            None => What::Untold { channel, count, why },
        };
        Notice {
            person,
            what,
            part: channel.as_str(),
            since: self.at,
            opens: Timestamp::from_micros(0),
            closes: Some(self.at.plus_seconds(TOLD)),
        }
    }
}
