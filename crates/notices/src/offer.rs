//! Offers: for somebody who is here until they answer; and what became of one, for whoever made it.

use model::{PersonId, Timestamp};

use crate::{DAY, Notice, What};

/// So long it is told what became of an offer: then it is no news any more.
const TOLD: i64 = 14 * DAY;

/// What is stored of an offer.
#[derive(Clone, Copy, Debug)]
pub struct OfferFacts {
    /// Who made it, if they act for its tailnet; else the owner of that.
    pub from: PersonId,
    /// For whom it is; absent: for whoever has the link, or an address.
    pub to: Option<PersonId>,
    /// It was neither withdrawn nor used up nor answered, and its service is still listed.
    pub stands: bool,
    /// It was taken back, or its service is not listed any more: by whoever is told of it.
    pub gone: bool,
    /// Somebody said yes.
    pub accepted: bool,
    /// When somebody said no, the last time.
    pub declined: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it can be answered.
    pub lapses: Timestamp,
    /// The end of the share that it would make.
    pub ends: Option<Timestamp>,
}

impl OfferFacts {
    /// What waits of it.
    pub fn notices(&self) -> Vec<Notice> {
        let always = Timestamp::from_micros(0);
        let until = self.ends.map_or(self.lapses, |ends| ends.min(self.lapses));
        let notice = |person, what, since, opens, closes| Notice {
            person,
            what,
            part: "",
            since,
            opens,
            closes: Some(closes),
        };
        let asked = self.to.filter(|_| self.stands);
        let asked = asked.map(|person| notice(person, What::Offer, self.created, always, until));
        let declined = self.declined.filter(|_| !self.gone);
        let declined =
            declined.map(|at| notice(self.from, What::Declined, at, always, at.plus_seconds(TOLD)));
        // A no of the one whom it was for is told as that.
        let open = !self.gone && !self.accepted && (self.to.is_none() || self.declined.is_none());
        let lapsed = notice(self.from, What::Lapsed, until, until, until.plus_seconds(TOLD));
        asked.into_iter().chain(declined).chain(open.then_some(lapsed)).collect()
    }
}
