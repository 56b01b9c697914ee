//! What the configuration of a machine lists there, all at once.

use model::{Audience, DeclaredTo, NodeId, ServiceId, Timestamp};

use super::{PUT, Service, ServiceAtNode, forget_probe, has_room, lock_tailnet_of, take_off};
use crate::store::lenders::holder;
use crate::store::notices::Subject;
use crate::store::{Db, Tx, audit, notices};

/// A service that is listed or changed.
#[derive(Debug)]
pub struct Declared {
    pub service: Service,
    pub to: DeclaredTo,
    /// As it was when that was worked out; nothing where it is new.
    pub before: Option<(Service, Option<DeclaredTo>)>,
    pub entry: audit::NewEntry,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// These were to go and have shares that are not over: they stay, and are shown to nobody.
    Stored { kept: Vec<ServiceId> },
    /// Nothing was stored: somebody changed one of them since they were read.
    Meanwhile,
    /// Nothing was stored: the token was taken away, or whoever the machine belongs to may not come in.
    MayNot,
    /// Nothing was stored: the tailnet would have more services than there may be.
    Full,
    /// Nothing was stored: another service of that name was listed meanwhile, or cannot be read.
    Namesake(String),
}

/// Whether the host may list with this token, which stays so until the transaction ends. A token of somebody who may not come in,
/// or that they made, is good for fetching a text as long as a share is open, and not for putting anything before people.
async fn may_list(tx: &mut Tx, node: NodeId, token_hash: &str) -> sqlx::Result<bool> {
    const MAY: &str = "UPDATE hosts SET node_id = node_id WHERE node_id = $1 AND token_hash = $2 AND lists
         AND NOT EXISTS (SELECT 1 FROM people b WHERE b.id = hosts.token_by AND b.standing <> 'here')
         AND EXISTS (SELECT 1 FROM nodes n JOIN tailnets t ON t.id = n.tailnet_id JOIN people p ON p.id = t.owner_id
            WHERE n.id = $1 AND n.gone IS NULL AND p.standing = 'here'
                AND NOT EXISTS (SELECT 1 FROM members m JOIN people l ON l.id = m.person_id
                    WHERE m.tailnet_id = n.tailnet_id AND m.account_id = COALESCE(n.account_id, n.given_to)
                        AND l.standing <> 'here'))";
    Ok(tx.query(MAY, (node, token_hash)).execute().await? == 1)
}

/// Somebody who looks after the tailnet of the machine approved its kind beforehand: that was for the ports that it had.
const APPROVED: &str = concat!(
    "UPDATE services SET ports_changed = TRUE WHERE id = $1 AND EXISTS (SELECT 1 FROM nodes n
         JOIN tailnets t ON t.id = n.tailnet_id JOIN beforehand b ON b.kind = services.kind
         JOIN circles c ON c.id = b.circle_id
         WHERE n.id = services.node_id AND ",
    holder!(),
    " = t.owner_id AND (t.owner_id = c.owner_id
            OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = t.id AND w.person_id = c.owner_id)))"
);

/// Has its people look at what its machine made of it.
async fn ask_for_a_look(tx: &mut Tx, one: &Declared, now: Timestamp) -> sqlx::Result<()> {
    let Declared { service, before, .. } = one;
    let opens_else =
        |(was, _): &(Service, Option<DeclaredTo>)| was.ports != service.ports || was.kind != service.kind;
    if before.as_ref().is_some_and(opens_else) && tx.query(APPROVED, (service.id,)).execute().await? > 0 {
        notices::renew(tx, Subject::Service(service.id), now).await?;
    }
    Ok(())
}

/// Nobody sees it by name or circle any more.
async fn forget_people(tx: &mut Tx, id: ServiceId) -> sqlx::Result<()> {
    tx.query("DELETE FROM audience WHERE service_id = $1", (id,)).execute().await?;
    tx.query("DELETE FROM circle_audience WHERE service_id = $1", (id,)).execute().await.map(drop)
}

/// Lists or changes one, or says why not.
async fn put(tx: &mut Tx, one: &Declared, (most, now): (u32, Timestamp)) -> sqlx::Result<Option<Told>> {
    let Declared { service, to, before, entry } = one;
    let Service { id, node, name, kind, ports, join, about, audience, left_alone } = service;
    // Whoever takes it off at the same moment waits, or is waited for.
    tx.query("UPDATE services SET id = id WHERE id = $1", (id,)).execute().await?;
    let there: Option<ServiceAtNode> = tx.query(placed!("s.id = $1"), (id,)).fetch_optional().await?;
    if there.map(|found| (found.service, found.declared)) != *before {
        return Ok(Some(Told::Meanwhile));
    }
    let namesakes = "SELECT COUNT(*) FROM services WHERE node_id = $1 AND removed IS NULL AND id <> $3
         AND lower(name) = lower($2)";
    if tx.query(namesakes, (node, name, id)).count().await? > 0 {
        return Ok(Some(Told::Namesake(name.clone())));
    }
    if !has_room(tx, service, most).await? {
        return Ok(Some(Told::Full));
    }
    let values = (id, node, name, kind, ports, join, about, audience, now, left_alone);
    tx.query(PUT, values).execute().await?;
    tx.query("UPDATE services SET declared = $2 WHERE id = $1", (id, to)).execute().await?;
    if *audience != Audience::People {
        forget_people(tx, *id).await?;
    }
    ask_for_a_look(tx, one, now).await?;
    forget_probe(tx, *id).await?;
    audit::insert(tx, entry).await?;
    Ok(None)
}

impl Db {
    /// Stores what is new or changed, and takes off the list what is gone.
    ///
    /// # Errors
    /// When the database fails; then nothing is stored either.
    pub async fn put_declared(
        &self,
        (node, token_hash): (NodeId, &str),
        listed: &[Declared],
        gone: &[(ServiceId, audit::NewEntry)],
        (most, now): (u32, Timestamp),
    ) -> sqlx::Result<Told> {
        let mut tx = self.begin().await?;
        lock_tailnet_of(&mut tx, node).await?;
        if !may_list(&mut tx, node, token_hash).await? {
            return Ok(Told::MayNot);
        }
        let mut kept = Vec::new();
        for (id, entry) in gone {
            let (there, open) = take_off(&mut tx, *id, now).await?;
            let mut changed = there;
            if there && open > 0 {
                let hide = "UPDATE services SET audience = $2 WHERE id = $1 AND audience <> $2";
                changed = tx.query(hide, (id, Audience::Nobody)).execute().await? > 0;
                forget_people(&mut tx, *id).await?;
                kept.push(*id);
            }
            if changed {
                audit::insert(&mut tx, entry).await?;
            }
        }
        for one in listed {
            if let Some(why) = put(&mut tx, one, (most, now)).await? {
                return Ok(why);
            }
        }
        tx.commit().await?;
        Ok(Told::Stored { kept })
    }
}
