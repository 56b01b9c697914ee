//! What a control plane says of its machines and accounts takes the place of what was known.

use std::collections::{HashMap, HashSet};

use control_plane::{Device, User};
use model::{NodeId, TailnetId, Timestamp};
use uuid::Uuid;

use super::user_kind;
use crate::store::{Db, Json, Tx, notices};

const PUT_NODE: &str = "INSERT INTO nodes (id, tailnet_id, control_id, legacy_id, name, dns_name, os, user_login,
        tags, addresses, advertised_routes, enabled_routes, online, last_seen, external, node_key,
        account_id, firewall_revision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0)
     ON CONFLICT (tailnet_id, control_id) DO UPDATE SET legacy_id = excluded.legacy_id, name = excluded.name,
        dns_name = excluded.dns_name, os = excluded.os, user_login = excluded.user_login, tags = excluded.tags,
        addresses = excluded.addresses, advertised_routes = excluded.advertised_routes,
        enabled_routes = excluded.enabled_routes, online = excluded.online, last_seen = excluded.last_seen,
        external = excluded.external, node_key = excluded.node_key, account_id = excluded.account_id, gone = NULL";

const PUT_USER: &str = "INSERT INTO users (tailnet_id, control_id, login, name, role, kind, devices, own_name, email,
        provider_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tailnet_id, control_id) DO NOTHING";

impl Db {
    /// Makes the list of machines and accounts what the control plane says. A machine that is no longer there is
    /// marked as gone; one that comes back is itself again.
    ///
    /// `external_known` is false where machines shared in are not listed at all: their absence says nothing.
    pub async fn put_inventory(
        &self,
        tailnet: TailnetId,
        devices: &[Device],
        external_known: bool,
        users: &[User],
        now: Timestamp,
        mut new_id: impl FnMut() -> Uuid,
    ) -> sqlx::Result<()> {
        let known: HashSet<&str> = devices.iter().map(|device| device.id.as_str()).collect();
        let mut of_user: HashMap<&str, i64> = HashMap::new();
        for device in devices.iter().filter(|device| !device.external && device.tags.is_empty()) {
            *of_user.entry(&device.user_login).or_default() += 1;
        }
        let fresh: Vec<NodeId> = devices.iter().map(|_| NodeId::new(new_id())).collect();
        let mut tx = self.begin().await?;
        let before = notices::hosts_of_tailnet(&mut tx, tailnet).await?;
        for (device, id) in devices.iter().zip(fresh) {
            put_node(&mut tx, tailnet, id, device, now).await?;
        }
        let there = "SELECT id, control_id FROM nodes WHERE tailnet_id = $1 AND gone IS NULL
            AND (external = $2 OR external = $3)";
        let there = tx.query(there, (tailnet, false, external_known)).fetch_all().await?;
        for (id, control_id) in there as Vec<(NodeId, String)> {
            if !known.contains(control_id.as_str()) {
                let gone = "UPDATE nodes SET gone = $2, online = $3 WHERE id = $1";
                tx.query(gone, (id, now, false)).execute().await?;
            }
        }
        tx.query("DELETE FROM users WHERE tailnet_id = $1", (tailnet,)).execute().await?;
        for user in users {
            let devices = of_user.get(user.login.as_str()).copied().unwrap_or_default();
            put_user(&mut tx, tailnet, user, devices).await?;
        }
        // Machines that came back, or are gone.
        let after = notices::hosts_of_tailnet(&mut tx, tailnet).await?;
        let differ = before.iter().filter(|host| !after.contains(host));
        let differ = differ.chain(after.iter().filter(|host| !before.contains(host)));
        notices::renew_all(&mut tx, differ.copied().collect::<Vec<_>>(), now).await?;
        // A machine may be somebody else's by now, who is asked for what is on it.
        let asks = notices::asks_of_tailnet(&mut tx, tailnet).await?;
        notices::renew_all(&mut tx, asks, now).await?;
        // Somebody who is waited for may be there.
        let waiting = notices::shares_waiting_for_accounts(&mut tx, tailnet).await?;
        notices::renew_all(&mut tx, waiting, now).await?;
        tx.commit().await
    }
}

async fn put_node(
    tx: &mut Tx,
    tailnet: TailnetId,
    id: NodeId,
    device: &Device,
    now: Timestamp,
) -> sqlx::Result<()> {
    let values = (
        id,
        tailnet,
        device.id.as_str(),
        device.legacy_id.as_str(),
        short_name(device),
        &device.name,
        &device.os,
        &device.user_login,
        Json::write(&device.tags),
        Json::write(&device.addresses),
        Json::write(&device.advertised_routes),
        Json::write(&device.enabled_routes),
        device.connected,
        if device.connected { Some(now) } else { device.last_seen },
        device.external,
        &device.node_key,
    );
    let account = device.user_id.as_ref().map(control_plane::UserId::as_str);
    tx.query(PUT_NODE, values).bind(account).execute().await.map(drop)
}

async fn put_user(tx: &mut Tx, tailnet: TailnetId, user: &User, devices: i64) -> sqlx::Result<()> {
    let kind = user_kind(user.kind);
    let User { login, display_name, role, name, email, provider_id, .. } = user;
    let id = user.id.as_str();
    let values = (tailnet, id, login, display_name, role, kind, devices, name, email, provider_id);
    tx.query(PUT_USER, values).execute().await.map(drop)
}

/// The first label of the MagicDNS name: unique within a tailnet, unlike what the machine calls itself.
fn short_name(device: &Device) -> String {
    let label = device.name.split('.').next().unwrap_or_default();
    if label.is_empty() { device.hostname.clone() } else { label.to_owned() }
}
