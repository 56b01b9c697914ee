//! Offers that are taken back because of something else: nobody withdrew them themselves.

use model::ids::AuditId;
use model::{OfferId, PersonId, TailnetId};

use super::audit::{self, Actor, NewEntry, Object};
use super::notices::{self, Subject};
use super::open_offers::{declined, open_offer};
use super::{Tx, Values};

/// What is found: an offer with its service, its tailnet, and whose that is.
type Found = (OfferId, String, TailnetId, PersonId);

/// Why they are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Who made it, or whom it is for, may no longer come in.
    ShutOut,
    /// Whom it is for owns the tailnet by now.
    Theirs,
    /// Whom it is for is in the circle no longer.
    LeftCircle,
}

impl Why {
    /// Without the name of the circle: whoever looks after the tailnet reads this.
    fn says(self, service: &str) -> String {
        match self {
            Self::ShutOut => {
                format!("withdrew the offer of {service}: one of the two may no longer come in here")
            }
            Self::Theirs => {
                format!("withdrew the offer of {service}: the tailnet is theirs whom it was for")
            }
            Self::LeftCircle => format!("withdrew the offer of {service}"),
        }
    }

    /// Who did it, where somebody did what leads to it.
    fn actor(self, deed: &NewEntry) -> Actor {
        match self {
            Self::ShutOut | Self::Theirs => Actor::Acequia,
            // The page said to whoever takes them out which offers go with it.
            Self::LeftCircle => deed.actor.clone(),
        }
    }
}

/// Takes back what the statement finds, as far as it can be answered still: each with its notices, and with an entry that is
/// made after that of the deed. Gives how many that were.
pub(super) async fn withdraw(
    tx: &mut Tx,
    (sql, values): (&'static str, impl Values<'_>),
    why: Why,
    deed: &NewEntry,
    new_id: &(dyn Fn() -> AuditId + Send + Sync),
) -> sqlx::Result<usize> {
    const STILL: &str = concat!("SELECT COUNT(*) FROM offers o WHERE o.id = $2 AND ", open_offer!());
    let found: Vec<Found> = tx.query(sql, values).fetch_all().await?;
    let mut withdrawn = 0;
    for (offer, service, tailnet, owner) in found {
        // Somebody may be answering it: whoever holds its row is first.
        let subject = Subject::Offer(offer);
        subject.lock(tx).await?;
        if tx.query(STILL, (deed.at, offer)).count().await? == 0 {
            continue;
        }
        let take_back = "UPDATE offers SET withdrawn = $2 WHERE id = $1";
        tx.query(take_back, (offer, deed.at)).execute().await?;
        notices::renew(tx, subject, deed.at).await?;
        let entry = NewEntry {
            id: new_id(),
            actor: why.actor(deed),
            what: why.says(&service).into(),
            object: Object::offer(offer, &service),
            tailnet: Some(tailnet),
            owner: Some(owner),
            ..deed.clone()
        };
        audit::insert(tx, &entry).await?;
        withdrawn += 1;
    }
    Ok(withdrawn)
}
