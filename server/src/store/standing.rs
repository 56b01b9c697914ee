//! Who may come in, and everything that changes at once when somebody may not any more.

use model::ids::AuditId;
use model::standing::StandingChangeError;
use model::{PersonId, ShareSide, ShareState, Standing, TailnetId, Timestamp};
use uuid::Uuid;

use super::audit::{self, Actor, NewEntry, Object};
use super::decode::Row;
use super::{Db, jobs, joinings};
use crate::{in_transaction, on};

/// How somebody stands to this instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    pub standing: Standing,
    pub since: Option<Timestamp>,
    pub instance_owner: bool,
}

/// Why a person stays as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such person")]
    Unknown,
    #[error("this is the last owner of this Acequia who may come in; make somebody else an owner first")]
    LastOwner,
    #[error(transparent)]
    Standing(#[from] StandingChangeError),
}

/// From one standing to the next, as [`Standing::block`].
pub type Change = fn(Standing) -> Result<Standing, StandingChangeError>;

/// With what a deed is done and written down.
#[derive(Clone, Debug)]
pub struct Deed {
    pub person: PersonId,
    pub now: Timestamp,
    pub entry: NewEntry,
}

/// Offers `o` from and to the person `$1` that can still be answered at `$2`.
const OPEN_OFFERS: &str =
    "SELECT o.id, s.name, t.id, t.owner_id FROM offers o JOIN services s ON s.id = o.service_id
    JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id
    WHERE o.withdrawn IS NULL AND o.uses_left > 0 AND o.lapses > $2
        AND (o.made_by = $1 OR t.owner_id = $1 OR o.to_person = $1 OR lower(o.to_email) IN (
            SELECT lower(i.email) FROM identities i WHERE i.person_id = $1 AND i.email IS NOT NULL))";

const GIVEN: &str = "SELECT h.id, h.tailnet_id, h.friend_id, h.login, h.state_data, h.seen_in_force
    FROM shares h WHERE h.owner_id = $1 AND h.state <> 'ended'";

type Given = (Uuid, Uuid, Uuid, String, String, Option<i64>);

fn decoded(person: PersonId, standing: &str) -> sqlx::Result<Standing> {
    Ok(Row::of("people", person).parse("standing", standing)?)
}

/// Whether the change may be: pure, from what was read under the lock.
fn judge(
    person: PersonId,
    row: Option<(String, bool)>,
    other_owners: i64,
    change: Change,
) -> sqlx::Result<Result<Standing, Refusal>> {
    let Some((standing, instance_owner)) = row else { return Ok(Err(Refusal::Unknown)) };
    let next = match change(decoded(person, &standing)?) {
        Ok(next) => next,
        Err(error) => return Ok(Err(error.into())),
    };
    Ok(if instance_owner && !next.is_here() && other_owners == 0 {
        Err(Refusal::LastOwner)
    } else {
        Ok(next)
    })
}

/// Reads and decides under a lock that all deeds about people take: of two owners who shut each other out at once,
/// one is left.
macro_rules! decide {
    ($tx:ident, $person:expr, $change:expr) => {{
        sqlx::query(
            "INSERT INTO settings (name, value) VALUES ('people_lock', '')
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .execute(&mut *$tx)
        .await?;
        let row: Option<(String, bool)> =
            sqlx::query_as("SELECT standing, instance_owner FROM people WHERE id = $1")
                .bind($person)
                .fetch_optional(&mut *$tx)
                .await?;
        let (owners,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM people WHERE instance_owner = $2 AND standing = 'here' AND id <> $1",
        )
        .bind($person)
        .bind(true)
        .fetch_one(&mut *$tx)
        .await?;
        judge(*$person, row, owners, $change)?
    }};
}

macro_rules! put_standing {
    ($tx:ident, $person:expr, $standing:expr, $now:expr) => {
        sqlx::query("UPDATE people SET standing = $2, standing_since = $3 WHERE id = $1")
            .bind($person)
            .bind($standing.as_str())
            .bind($now)
            .execute(&mut *$tx)
            .await?
    };
}

/// Of the person `$1`, whichever table it is in.
macro_rules! delete {
    ($tx:ident, $person:expr, $($sql:literal),+) => {
        for sql in [$($sql),+] {
            sqlx::query(sql).bind($person).execute(&mut *$tx).await?;
        }
    };
}

/// How somebody stands, if there is such a person.
///
/// # Errors
/// When the store fails, or holds no standing.
pub async fn find(db: &Db, person: PersonId) -> sqlx::Result<Option<Stands>> {
    let sql = "SELECT standing, standing_since, instance_owner FROM people WHERE id = $1";
    let row: Option<(String, Option<i64>, bool)> =
        on!(db, pool => sqlx::query_as(sql).bind(person).fetch_optional(pool).await)?;
    row.map(|(standing, since, instance_owner)| {
        let standing = decoded(person, &standing)?;
        Ok(Stands { standing, since: since.map(Timestamp::from_micros), instance_owner })
    })
    .transpose()
}

/// Whether there is such a person, who may come in.
///
/// # Errors
/// As [`find`].
pub async fn is_here(db: &Db, person: PersonId) -> sqlx::Result<bool> {
    Ok(find(db, person).await?.is_some_and(|stands| stands.standing.is_here()))
}

/// An open share whose owner may no longer come in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LeftAlone {
    pub share: Uuid,
    pub owner_id: Uuid,
    pub owner: String,
    pub service: String,
    pub ends: Option<i64>,
    pub since: i64,
}

/// Shares that somebody receives from people who were shut out since then, the newest first, at most twenty.
///
/// # Errors
/// When the store fails.
pub async fn list_left_alone(db: &Db, friend: PersonId, since: Timestamp) -> sqlx::Result<Vec<LeftAlone>> {
    let sql = "SELECT h.id AS share, h.owner_id, p.name AS owner, s.name AS service, h.ends, p.standing_since AS since \
               FROM shares h JOIN people p ON p.id = h.owner_id AND p.standing <> 'here' \
               JOIN services s ON s.id = h.service_id \
               WHERE h.friend_id = $1 AND h.state IN ('active', 'needs_attention') AND p.standing_since > $2 \
               ORDER BY h.id DESC LIMIT 20";
    on!(db, pool => sqlx::query_as(sql).bind(friend).bind(since).fetch_all(pool).await)
}

/// A machine of somebody else, with its name, its tailnet and the owner of that.
type Token = (Uuid, String, TailnetId, PersonId);

/// Tokens that `$1` made for machines of others.
const TOKENS: &str = "SELECT n.id, n.name, n.tailnet_id, t.owner_id FROM hosts h \
                      JOIN nodes n ON n.id = h.node_id JOIN tailnets t ON t.id = n.tailnet_id \
                      WHERE h.token_by = $1 AND h.token_hash IS NOT NULL AND t.owner_id <> $1 ORDER BY n.name, n.id";

/// Shuts somebody out, for good or not: their sessions and links end, open offers from and to them are withdrawn,
/// their friends are told what goes on. The job ends what has to end; it is queued with all this, so that a process
/// that is killed loses nothing of it.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn shut_out(
    db: &Db,
    deed: &Deed,
    change: Change,
    job: &jobs::NewJob,
    new_id: &(dyn Fn() -> AuditId + Send + Sync),
) -> sqlx::Result<Result<(), Refusal>> {
    let Deed { person, now, entry } = deed;
    let done = in_transaction!(db, tx => {
        match decide!(tx, person, change) {
            Err(refusal) => Err(refusal),
            Ok(next) => {
                put_standing!(tx, person, next, now);
                delete!(tx, person, "DELETE FROM sessions WHERE person_id = $1",
                    "DELETE FROM person_links WHERE person_id = $1");
                let offers: Vec<(Uuid, String, Uuid, Uuid)> = sqlx::query_as(OPEN_OFFERS)
                    .bind(person).bind(now).fetch_all(&mut *tx).await?;
                for (offer, service, tailnet, owner) in offers {
                    sqlx::query("UPDATE offers SET withdrawn = $2 WHERE id = $1 AND withdrawn IS NULL")
                        .bind(offer).bind(now).execute(&mut *tx).await?;
                    audit::insert!(tx, &NewEntry {
                        id: new_id(),
                        actor: Actor::Acequia,
                        what: format!("withdrew the offer of {service}: one of the two may no longer come in here"),
                        object: Object { kind: "offer", id: offer, name: format!("offer of {service}") },
                        tailnet: Some(model::Id::new(tailnet)),
                        owner: Some(PersonId::new(owner)),
                        ..entry.clone()
                    });
                }
                let given: Vec<Given> =
                    sqlx::query_as(GIVEN).bind(person).fetch_all(&mut *tx).await?;
                for (share, tailnet, friend, login, state, seen) in given {
                    // One that cannot be read keeps nobody from being shut out; whoever mends it reads of it there.
                    let state = serde_json::from_str::<ShareState>(&state);
                    if state.is_ok_and(|state| next.lets_go_on(ShareSide::Gives, &state, seen.is_some())) {
                        audit::insert!(tx, &NewEntry {
                            id: new_id(),
                            actor: Actor::Acequia,
                            what: "goes on until its end; its owner may no longer come in here".into(),
                            object: Object { kind: "share", id: share, name: format!("share with {login}") },
                            tailnet: Some(model::Id::new(tailnet)),
                            owner: Some(*person),
                            friend: Some(PersonId::new(friend)),
                            before: None,
                            after: None,
                            ..entry.clone()
                        });
                    }
                }
                // Whose machines they are reads there that somebody who is out made their tokens.
                let tokens: Vec<Token> = sqlx::query_as(TOKENS).bind(person).fetch_all(&mut *tx).await?;
                for (node, machine, tailnet, owner) in tokens {
                    audit::insert!(tx, &NewEntry {
                        id: new_id(),
                        actor: Actor::Acequia,
                        what: "asks for a new token for this machine: whoever made the one with which it fetches its \
                               firewall text may no longer come in here"
                            .into(),
                        object: Object { kind: "node", id: node, name: machine },
                        tailnet: Some(tailnet),
                        owner: Some(owner),
                        friend: None,
                        before: None,
                        after: None,
                        ..entry.clone()
                    });
                }
                audit::insert!(tx, entry);
                jobs::enqueue!(tx, job);
                Ok(())
            }
        }
    });
    Ok(done)
}

/// Lets somebody in again. Sessions, offers and shares that ended stay so.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn unblock(db: &Db, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
    let Deed { person, now, entry } = deed;
    let done = in_transaction!(db, tx => {
        match decide!(tx, person, Standing::unblock) {
            Err(refusal) => Err(refusal),
            Ok(next) => {
                put_standing!(tx, person, next, now);
                audit::insert!(tx, entry);
                Ok(())
            }
        }
    });
    Ok(done)
}

/// Makes somebody who may come in one more owner of the instance.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn make_owner(db: &Db, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
    let Deed { person, entry, .. } = deed;
    let done = in_transaction!(db, tx => {
        let decided = decide!(tx, person, Standing::stay).map(drop);
        if decided.is_ok() {
            let made = sqlx::query("UPDATE people SET instance_owner = $2 WHERE id = $1 AND instance_owner <> $2")
                .bind(person).bind(true).execute(&mut *tx).await?.rows_affected() == 1;
            if made {
                audit::insert!(tx, entry);
            }
        }
        decided
    });
    Ok(done)
}

/// Ends all sessions of somebody.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn sign_out(db: &Db, deed: &Deed) -> sqlx::Result<Result<(), Refusal>> {
    let Deed { person, entry, .. } = deed;
    let done = in_transaction!(db, tx => {
        let known: Option<(String,)> = sqlx::query_as("SELECT name FROM people WHERE id = $1")
            .bind(person).fetch_optional(&mut *tx).await?;
        if known.is_some() {
            delete!(tx, person, "DELETE FROM sessions WHERE person_id = $1");
            audit::insert!(tx, entry);
            Ok(())
        } else {
            Err(Refusal::Unknown)
        }
    });
    Ok(done)
}

/// The last step of a removal, once nothing of theirs is open any more: tailnets with their credentials, ways to sign
/// in and rights go; the name stays for what was written down. `false`: something is open still.
///
/// # Errors
/// When the store fails; then nothing was done.
pub async fn finish_removal(db: &Db, deed: &Deed) -> sqlx::Result<bool> {
    let Deed { person, now, entry } = deed;
    // A key that was made for a new machine is revoked before the credential goes with which that is done.
    let open = concat!(
        "SELECT (SELECT COUNT(*) FROM shares WHERE state <> 'ended' AND (owner_id = $1 OR friend_id = $1))
        + (SELECT COUNT(*) FROM joinings WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)
            AND ends > $2 AND ",
        joinings::open!(),
        ")"
    );
    let done = in_transaction!(db, tx => {
        let next = decide!(tx, person, Standing::removed);
        let (open,): (i64,) = sqlx::query_as(open)
            .bind(person).bind(now).fetch_one(&mut *tx).await?;
        match next {
            Ok(next) if open == 0 => {
                delete!(tx, person,
                    "DELETE FROM shares WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1)",
                    "DELETE FROM tailnets WHERE owner_id = $1",
                    "DELETE FROM identities WHERE person_id = $1",
                    "DELETE FROM stewards WHERE person_id = $1",
                    "DELETE FROM audience WHERE person_id = $1",
                    "DELETE FROM arrivals WHERE person_id = $1",
                    "DELETE FROM sessions WHERE person_id = $1");
                sqlx::query("UPDATE people SET instance_owner = $2, demo_about = NULL WHERE id = $1")
                    .bind(person).bind(false).execute(&mut *tx).await?;
                put_standing!(tx, person, next, now);
                audit::insert!(tx, entry);
                true
            }
            _ => false,
        }
    });
    Ok(done)
}
