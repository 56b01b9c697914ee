//! Somebody leaves a circle: what ends with that is said first, and then done.

use app::fault::Fault;
use app::ports::accounts::PersonOption;
use app::ports::circles::{Leaver, LeavingView};
use app::ports::paging::PAGE;
use app::ports::shares::Shares as _;
use model::{CircleId, PersonId, ShareId, ShareState};

use super::super::Asker;
use crate::failure::OrInternal as _;
use crate::store::circles::{Circle, Leaves};
use crate::store::offers::Offer;
use crate::store::shares::Share;
use crate::trail;
use crate::words;

/// What hangs on the circle for whoever leaves it.
struct Hangs {
    offers: Vec<Offer>,
    /// Approved through it and not open yet.
    ending: Vec<Share>,
    /// Open, by an offer to the circle, because it was shown to it, or approved through it.
    open: Vec<Share>,
}

const fn leaves(leaver: Leaver) -> Leaves {
    match leaver {
        Leaver::One(person) => Leaves::One(person),
        Leaver::All => Leaves::All,
    }
}

impl Asker {
    pub(super) async fn leaving_of(&self, id: CircleId, leaver: Leaver) -> Result<LeavingView, Fault> {
        let circle = self.own_circle(id).await?;
        let person = self.leaver(id, leaver).await?;
        let db = &self.state.db;
        let services = match &person {
            Some(person) => db.list_seen_only_through(id, person.id).await,
            None => db.list_services_of_circle(id).await,
        };
        let services = services.or_internal("list what is shown to it")?;
        let Hangs { mut offers, mut ending, mut open } = self.hangs_on(&circle, leaver).await?;
        let more = |count: usize| u32::try_from(count.saturating_sub(PAGE)).unwrap_or(u32::MAX);
        let (more_offers, more_ending, more_open) =
            (more(offers.len()), more(ending.len()), more(open.len()));
        offers.truncate(PAGE);
        ending.truncate(PAGE);
        open.truncate(PAGE);
        let gates = self.gates_of_shares(&open).await?;
        Ok(LeavingView {
            id,
            name: circle.name,
            person,
            services: services.into_iter().map(|(_, name)| name).collect(),
            offers: self.gates_of_offers(&offers).await?,
            more_offers,
            ending: self.gates_of_shares(&ending).await?,
            more_ending,
            open: gates.into_iter().filter_map(|gate| Some((gate.share?, gate))).collect(),
            more_open,
        })
    }

    pub(super) async fn leave_of(
        &self,
        id: CircleId,
        leaver: Leaver,
        end: Vec<ShareId>,
    ) -> Result<String, Fault> {
        let (circle, me) = (self.own_circle(id).await?, self.person().await?);
        let person = self.leaver(id, leaver).await?;
        let people = match leaver {
            Leaver::One(person) => vec![person],
            Leaver::All => {
                let all = self.state.db.list_circle_people(id).await.or_internal("list who is in it")?;
                all.into_iter().map(|(person, _)| person).collect()
            }
        };
        let Hangs { ending, open, .. } = self.hangs_on(&circle, leaver).await?;
        // First, so that whoever is interrupted finds them on the same page again.
        let ticked = open.iter().filter(|share| end.contains(&share.id));
        let mut ended = 0;
        for share in ending.iter().chain(ticked) {
            ended += self.end_with_it(share.id).await?;
        }
        let what = match &person {
            Some(person) => words::circle::took_out(&person.name, &circle.name),
            None => words::circle::ended(&circle.name),
        };
        let entry = trail::by_themselves(&me).says(what).at(&self.state);
        let new_id = || self.state.new_id();
        let left = self.state.db.leave_circle(id, leaves(leaver), &entry, &new_id).await;
        let taken_back = left.or_internal("leave the circle")?.ok_or(Fault::NotFound)?;
        // What a job said yes to in between, before they had left.
        for friend in people {
            ended += self.end_what_was_approved(&circle, friend).await?;
        }
        Ok(match person {
            Some(person) => words::circle::has_left(&person.name, taken_back, ended),
            None => words::circle::is_gone(&circle.name, taken_back, ended),
        })
    }

    /// Ends what was approved through the circle for somebody who left it, and is not open. Gives how many shares that were.
    async fn end_what_was_approved(&self, circle: &Circle, friend: PersonId) -> Result<usize, Fault> {
        let shares = self.state.db.list_shares_of(friend).await.or_internal("list the shares")?.readable();
        let mut ended = 0;
        for share in shares.into_iter().filter(|share| share.friend == friend && is_coming(share, circle)) {
            ended += self.end_with_it(share.id).await?;
        }
        Ok(ended)
    }

    async fn end_with_it(&self, share: ShareId) -> Result<usize, Fault> {
        match self.end(share).await {
            Ok(()) => Ok(1),
            // Somebody else ended it a moment ago.
            Err(Fault::Conflict(_)) => Ok(0),
            Err(fault) => Err(fault),
        }
    }

    /// Who leaves, if they are in it.
    async fn leaver(&self, id: CircleId, leaver: Leaver) -> Result<Option<PersonOption>, Fault> {
        let Leaver::One(person) = leaver else { return Ok(None) };
        let people = self.state.db.list_circle_people(id).await.or_internal("list who is in the circle")?;
        let one = people.into_iter().find(|(id, _): &(PersonId, String)| *id == person);
        let (id, name) = one.ok_or(Fault::NotFound)?;
        Ok(Some(PersonOption { id, name: self.called(id, name).await? }))
    }

    async fn hangs_on(&self, circle: &Circle, leaver: Leaver) -> Result<Hangs, Fault> {
        let db = &self.state.db;
        let (who, now) = (leaves(leaver), self.state.now());
        let offers = db.list_offers_through(circle.id, who, now).await.or_internal("list the offers")?;
        let shares = db.list_shares_given_to(circle.id, circle.owner, who).await;
        let shares = shares.or_internal("list the shares")?.readable();
        let offered = db.list_shares_offered_through(circle.id).await.or_internal("list the shares")?;
        let shown = db.list_services_of_circle(circle.id).await.or_internal("list what is shown to it")?;
        let approved = |share: &Share| was_approved(share, circle);
        let through = |share: &Share| {
            approved(share)
                || offered.contains(&share.id)
                || shown.iter().any(|(service, _)| *service == share.service)
        };
        let shares: Vec<Share> =
            shares.into_iter().filter(|share| through(share) && !is_ending(share)).collect();
        let (open, coming): (Vec<Share>, Vec<Share>) = shares.into_iter().partition(is_open);
        // What was accepted and waits for the owner's yes goes on waiting: nobody said yes for it.
        Ok(Hangs { offers, ending: coming.into_iter().filter(approved).collect(), open })
    }
}

/// By what its maker approved beforehand for the circle.
fn was_approved(share: &Share, circle: &Circle) -> bool {
    share.deeds.approved.as_ref().is_some_and(|yes| yes.beforehand == Some(circle.id))
}

const fn is_open(share: &Share) -> bool {
    share.seen_in_force.is_some()
}

const fn is_ending(share: &Share) -> bool {
    matches!(share.state, ShareState::Ending { .. })
}

fn is_coming(share: &Share, circle: &Circle) -> bool {
    was_approved(share, circle) && !is_open(share) && !is_ending(share)
}
