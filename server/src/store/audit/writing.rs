//! One entry more.

use model::ShareEvent;

use super::{NewEntry, PolicyChange, parameters};
use crate::store::Tx;

/// Writes an entry in the transaction of the change that it is about, behind the change: which machine, service and share
/// it is about is looked up by its object.
pub(in crate::store) async fn insert(tx: &mut Tx, entry: &NewEntry) -> sqlx::Result<()> {
    let event = entry.what.event.as_ref();
    tx.query(
        "INSERT INTO audit (id, at, actor_id, actor, what, object_kind, object_id, object, before_text,
            after_text, tailnet_id, owner_id, friend_id, policy_change, code, parameters,
            node_id, service_id, share_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
            CASE $6
                WHEN 'node' THEN $7
                WHEN 'service' THEN (SELECT s.node_id FROM services s WHERE s.id = $7)
                WHEN 'offer' THEN (SELECT s.node_id FROM offers o JOIN services s ON s.id = o.service_id WHERE o.id = $7)
                WHEN 'share' THEN (SELECT h.node_id FROM shares h WHERE h.id = $7)
                WHEN 'stray' THEN (SELECT u.node_id FROM strays u WHERE u.id = $7) END,
            CASE $6
                WHEN 'service' THEN $7
                WHEN 'offer' THEN (SELECT o.service_id FROM offers o WHERE o.id = $7)
                WHEN 'share' THEN (SELECT h.service_id FROM shares h WHERE h.id = $7) END,
            CASE $6
                WHEN 'share' THEN $7
                WHEN 'edit' THEN (SELECT e.share_id FROM edits e WHERE e.id = $7) END)",
        (
            entry.id,
            entry.at,
            entry.actor.id(),
            entry.actor.name(),
            &entry.what.sentence,
            entry.object.kind,
            entry.object.id,
            &entry.object.name,
            &entry.before,
            &entry.after,
            entry.tailnet,
            entry.owner,
            entry.friend,
            entry.policy.as_ref().map(PolicyChange::write),
            event.map(ShareEvent::code),
            event.and_then(parameters).map(|told| told.to_string()),
        ),
    )
    .execute()
    .await
    .map(drop)
}
