//! What changes at once when somebody may no longer come in.

use model::ids::AuditId;
use model::{
    AskId, NodeId, ObjectKind, PersonId, ServiceId, ShareEvent, ShareId, ShareSide, ShareState, Standing,
    TailnetId, Timestamp,
};

use super::{Change, Deed, Refusal, decide, delete, put};
use crate::store::audit::{self, Actor, NewEntry, Object, What};
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::notices::{self, Subject};
use crate::store::open_offers::{declined, open_offer};
use crate::store::withdrawing::{Why, withdraw};
use crate::store::{Db, Tx, jobs};

/// Offers `o` from and to the person `$2` that can still be answered at `$1`.
const OPEN_OFFERS: &str = concat!(
    "SELECT o.id, s.name, t.id, t.owner_id FROM offers o JOIN services s ON s.id = o.service_id
     JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     WHERE (o.made_by = $2 OR t.owner_id = $2 OR o.to_person = $2 OR lower(o.to_email) IN (
            SELECT lower(i.email) FROM identities i WHERE i.person_id = $2 AND i.email IS NOT NULL)) AND ",
    open_offer!(),
    " ORDER BY o.id"
);

/// What the person `$1` asked for and waits for at `$2`.
const OPEN_ASKS: &str = "SELECT q.id, q.service_id, s.name, n.tailnet_id, t.owner_id FROM service_asks q
     JOIN services s ON s.id = q.service_id JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
     WHERE q.person_id = $1 AND q.answer IS NULL AND q.lapses > $2 ORDER BY q.id";

const GIVEN: &str = "SELECT h.id, h.tailnet_id, h.friend_id, h.login, h.state_data, h.seen_in_force
     FROM shares h WHERE h.owner_id = $1 AND h.state <> 'ended'";

/// Tokens that `$1` made for machines of others.
const TOKENS: &str = "SELECT n.id, n.name, n.tailnet_id, t.owner_id FROM hosts h
     JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id
     WHERE h.token_by = $1 AND h.token_hash IS NOT NULL AND t.owner_id <> $1 ORDER BY n.name, n.id";

/// A share that somebody gives, as far as it has to be known here.
struct Given {
    share: ShareId,
    tailnet: TailnetId,
    friend: PersonId,
    login: String,
    state: ShareState,
    seen_in_force: Option<Timestamp>,
}

impl FromRow for Given {
    const TABLE: &'static str = "shares";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            share: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            friend: row.get("friend_id")?,
            login: row.get("login")?,
            state: row.json("state_data")?,
            seen_in_force: row.get("seen_in_force")?,
        })
    }
}

/// What somebody asked for, as far as it has to be known here.
struct Asked {
    ask: AskId,
    service: ServiceId,
    name: String,
    tailnet: TailnetId,
    owner: PersonId,
}

impl FromRow for Asked {
    const TABLE: &'static str = "service_asks";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            ask: row.get("id")?,
            service: row.get("service_id")?,
            name: row.get("name")?,
            tailnet: row.get("tailnet_id")?,
            owner: row.get("owner_id")?,
        })
    }
}

impl Db {
    /// Shuts somebody out, for good or not: their sessions and links end, open offers from and to them are withdrawn,
    /// their friends are told what goes on. The job ends what has to end; it is queued with all this, so that a process
    /// that is killed loses nothing of it.
    ///
    /// # Errors
    /// When the store fails; then nothing was done.
    pub async fn shut_out(
        &self,
        deed: &Deed,
        change: Change,
        job: &jobs::NewJob,
        new_id: &(dyn Fn() -> AuditId + Send + Sync),
    ) -> sqlx::Result<Result<(), Refusal>> {
        let Deed { person, now, entry } = deed;
        let mut tx = self.begin().await?;
        let next = match decide(&mut tx, *person, change).await? {
            Ok(next) => next,
            Err(refusal) => {
                tx.rollback().await?;
                return Ok(Err(refusal));
            }
        };
        put(&mut tx, *person, next, *now).await?;
        let ways_in =
            ["DELETE FROM sessions WHERE person_id = $1", "DELETE FROM person_links WHERE person_id = $1"];
        delete(&mut tx, *person, &ways_in).await?;
        // What Acequia does with it, by itself.
        let consequence = |object: Object, tailnet: TailnetId, owner: PersonId, what: What| NewEntry {
            id: new_id(),
            actor: Actor::Acequia,
            what,
            object,
            tailnet: Some(tailnet),
            owner: Some(owner),
            ..entry.clone()
        };
        withdraw(&mut tx, (OPEN_OFFERS, (now, person)), Why::ShutOut, entry, new_id).await?;
        withdraw_asks(&mut tx, deed, &consequence).await?;
        tell_friends(&mut tx, *person, next, &consequence).await?;
        tell_of_tokens(&mut tx, *person, &consequence).await?;
        audit::insert(&mut tx, entry).await?;
        jobs::enqueue(&mut tx, job).await?;
        tx.commit().await?;
        Ok(Ok(()))
    }
}

type Consequence<'a> = &'a (dyn Fn(Object, TailnetId, PersonId, What) -> NewEntry + Send + Sync);

/// Nobody is to answer somebody who may not come in.
async fn withdraw_asks(tx: &mut Tx, deed: &Deed, entry: Consequence<'_>) -> sqlx::Result<()> {
    let Deed { person, now, .. } = deed;
    let asks: Vec<Asked> = tx.query(OPEN_ASKS, (person, now)).fetch_all().await?;
    for Asked { ask, service, name, tailnet, owner } in asks {
        let withdraw = "UPDATE service_asks SET answer = 'withdrawn', answered = $2 WHERE id = $1";
        tx.query(withdraw, (ask, now)).execute().await?;
        notices::renew(tx, Subject::Ask(ask), *now).await?;
        let what = format!("took back what was asked for, {name}: whoever asked may no longer come in here");
        let object = Object::new(ObjectKind::Service, service, &name);
        audit::insert(tx, &entry(object, tailnet, owner, what.into())).await?;
    }
    Ok(())
}

/// Those who receive what goes on.
async fn tell_friends(
    tx: &mut Tx,
    owner: PersonId,
    next: Standing,
    entry: Consequence<'_>,
) -> sqlx::Result<()> {
    // One that cannot be read keeps nobody from being shut out; whoever mends it reads of it there.
    let given = tx.query(GIVEN, (owner,)).fetch_listed::<Given>().await?.readable();
    for share in given {
        if next.lets_go_on(ShareSide::Gives, &share.state, share.seen_in_force.is_some()) {
            let object = Object::share(share.share, &share.login);
            let told = NewEntry {
                friend: Some(share.friend),
                before: None,
                after: None,
                ..entry(object, share.tailnet, owner, ShareEvent::OwnerShutOut.into())
            };
            audit::insert(tx, &told).await?;
        }
    }
    Ok(())
}

/// Whose machines they are reads there that somebody who is out made their tokens.
async fn tell_of_tokens(tx: &mut Tx, person: PersonId, entry: Consequence<'_>) -> sqlx::Result<()> {
    let tokens: Vec<(NodeId, String, TailnetId, PersonId)> = tx.query(TOKENS, (person,)).fetch_all().await?;
    for (node, machine, tailnet, owner) in tokens {
        let what = "asks for a new token for this machine: whoever made the one with which it fetches its \
                    firewall text may no longer come in here"
            .into();
        let object = Object::new(ObjectKind::Node, node, machine);
        let told =
            NewEntry { friend: None, before: None, after: None, ..entry(object, tailnet, owner, what) };
        audit::insert(tx, &told).await?;
    }
    Ok(())
}
