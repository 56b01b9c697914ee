//! What was last read of a tailnet whole: its policy, its network, and what could not be read.

use std::collections::BTreeSet;

use model::{TailnetId, Timestamp};

use policy::Dialect;
use policy::syntax::DialectError;

use super::decode::Damaged;
use super::{Db, Tx, policies_seen};
use crate::on;
use crate::secrets::hash_token;

/// A snapshot without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub revision: String,
    pub read: Timestamp,
    /// Since then the policy and the invites of some machines were read once more.
    pub renewed: Option<Timestamp>,
    /// Why the policy may not be read, in words.
    pub policy_missing: Option<String>,
    /// Why it is not known with whom machines are shared, in words.
    pub sharing_missing: Option<String>,
    /// Since then it could not be read again, and why.
    pub trouble: Option<(Timestamp, String)>,
}

impl Head {
    /// When any of it was read last.
    pub fn latest(&self) -> Timestamp {
        self.renewed.map_or(self.read, |renewed| renewed.max(self.read))
    }
}

/// What was read once more, because a share or an edit changed it. All else stays as it was when it was read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The text with its mark.
    pub policy: (String, Option<String>),
    /// A machine by its name, and with whom it is shared.
    pub shared: Option<(String, BTreeSet<String>)>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub head: Head,
    pub policy: Option<String>,
    pub etag: Option<String>,
    /// A network file.
    pub network: String,
    /// In whose language the policy is.
    pub dialect: Result<Dialect, Damaged>,
}

/// What a reading gave.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The text with its mark, or why it may not be read.
    pub policy: Result<(String, Option<String>), String>,
    pub network: String,
    pub sharing_missing: Option<String>,
    pub dialect: Dialect,
}

impl Reading {
    /// A hash of all of it.
    pub fn revision(&self) -> String {
        let policy = match &self.policy {
            Ok((text, _)) => format!("+{text}"),
            Err(why) => format!("-{why}"),
        };
        let sharing = self.sharing_missing.as_deref().unwrap_or_default();
        // Tailscale's is not named: what was read before there were others is what it was.
        let dialect = if self.dialect.is_headscale() { self.dialect.name() } else { "" };
        hash_token(&format!("{}\n{policy}\n{}\n{sharing}{dialect}", policy.len(), self.network))
    }
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    revision: String,
    read: Timestamp,
    renewed: Option<Timestamp>,
    policy_missing: Option<String>,
    sharing_missing: Option<String>,
    trouble_at: Option<Timestamp>,
    trouble: Option<String>,
}

impl From<HeadRow> for Head {
    fn from(row: HeadRow) -> Self {
        Self {
            revision: row.revision,
            read: row.read,
            renewed: row.renewed,
            policy_missing: row.policy_missing,
            sharing_missing: row.sharing_missing,
            trouble: row.trouble_at.zip(row.trouble),
        }
    }
}

/// Brings what was read again into the snapshot of a tailnet, in the transaction that stores why. Nothing where the
/// tailnet was never read whole, or where the snapshot says so already.
pub(super) async fn renew(tx: &mut Tx, id: TailnetId, again: &Again, now: Timestamp) -> sqlx::Result<()> {
    // Locked first: of two who do this at once the later one goes by what the other stored.
    tx.query("UPDATE snapshots SET tailnet_id = tailnet_id WHERE tailnet_id = $1", (id,)).execute().await?;
    let stored = "SELECT network, sharing_missing, revision, dialect FROM snapshots WHERE tailnet_id = $1";
    let stored: Vec<(String, Option<String>, String, String)> = tx.query(stored, (id,)).fetch_all().await?;
    let Some((network, sharing_missing, revision, dialect)) = stored.into_iter().next() else {
        return Ok(());
    };
    // One that cannot be read is mended by the next look.
    let Ok(dialect) = dialect.parse::<Dialect>() else { return Ok(()) };
    let network = again.shared.as_ref().and_then(|shared| with_sharing(&network, shared)).unwrap_or(network);
    let reading = Reading { policy: Ok(again.policy.clone()), network, sharing_missing, dialect };
    let (text, etag) = &again.policy;
    policies_seen::account_written(tx, id, &hash_token(text)).await?;
    let renew =
        "UPDATE snapshots SET policy = $2, etag = $3, policy_missing = NULL, network = $4, revision = $5,
         renewed = $6 WHERE tailnet_id = $1";
    let renewed = reading.revision();
    if renewed != revision {
        tracing::debug!(tailnet = %id, "what is known of its reach is renewed");
    }
    tx.query(renew, (id, text, etag, &reading.network, renewed, now)).execute().await.map(drop)
}

/// A network file in which a machine is shared with these; nothing if it has no such machine.
fn with_sharing(network: &str, (machine, logins): &(String, BTreeSet<String>)) -> Option<String> {
    let mut network: serde_json::Value = serde_json::from_str(network).ok()?;
    let node = network.get_mut("nodes")?.get_mut(machine)?.as_object_mut()?;
    node.insert("shared_to".to_owned(), serde_json::json!(logins));
    Some(network.to_string())
}

impl Db {
    /// When it was read, and its revision.
    pub async fn find_snapshot(&self, tailnet: TailnetId) -> sqlx::Result<Option<Head>> {
        on!(self, pool => sqlx::query_as::<_, HeadRow>(
            "SELECT revision, read, renewed, policy_missing, sharing_missing, trouble_at, trouble FROM snapshots
             WHERE tailnet_id = $1").bind(tailnet).fetch_optional(pool).await)
        .map(|row| row.map(Head::from))
    }

    /// With its texts.
    pub async fn get_snapshot(&self, tailnet: TailnetId) -> sqlx::Result<Option<Snapshot>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            head: HeadRow,
            policy: Option<String>,
            etag: Option<String>,
            network: String,
            dialect: String,
        }
        let row = on!(self, pool => sqlx::query_as::<_, Row>("SELECT * FROM snapshots WHERE tailnet_id = $1")
            .bind(tailnet).fetch_optional(pool).await)?;
        Ok(row.map(|row| Snapshot {
            head: row.head.into(),
            policy: row.policy,
            etag: row.etag,
            network: row.network,
            dialect: row.dialect.parse().map_err(|error: DialectError| Damaged {
                table: "snapshots",
                column: "dialect".into(),
                row: tailnet.to_string(),
                why: error.to_string(),
            }),
        }))
    }

    /// Replaces what was read before.
    pub async fn put_snapshot(
        &self,
        tailnet: TailnetId,
        reading: &Reading,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let (text, etag, missing) = match &reading.policy {
            Ok((text, etag)) => (Some(text), etag.as_ref(), None),
            Err(why) => (None, None, Some(why)),
        };
        on!(self, pool => sqlx::query(
            "INSERT INTO snapshots (tailnet_id, policy, etag, policy_missing, network, sharing_missing, revision, read,
                dialect)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (tailnet_id) DO UPDATE SET policy = excluded.policy, etag = excluded.etag,
                policy_missing = excluded.policy_missing, network = excluded.network,
                sharing_missing = excluded.sharing_missing, revision = excluded.revision, read = excluded.read,
                dialect = excluded.dialect, renewed = NULL, trouble_at = NULL, trouble = NULL")
            .bind(tailnet).bind(text).bind(etag).bind(missing).bind(&reading.network)
            .bind(&reading.sharing_missing).bind(reading.revision()).bind(now)
            .bind(reading.dialect.name())
            .execute(pool).await.map(drop))
    }

    /// It could not be read again: what is there stays, with the word that it is old.
    pub async fn mark_snapshot_old(&self, tailnet: TailnetId, why: &str, now: Timestamp) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE snapshots SET trouble_at = $2, trouble = $3 WHERE tailnet_id = $1")
            .bind(tailnet).bind(now).bind(why).execute(pool).await.map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_is_shared_anew_leaves_every_other_byte_of_the_network() {
        let network = r#"{"nodes":{"mc":{"hostname":"mc","shared_to":["a@b"],"tags":[]},"x":{"hostname":"x","shared_to":[],"tags":[]}},"users":[]}"#;
        let logins = |all: &[&str]| all.iter().map(|login| (*login).to_owned()).collect::<BTreeSet<_>>();
        let shared = |machine: &str, all: &[&str]| with_sharing(network, &(machine.to_owned(), logins(all)));
        assert_eq!(shared("mc", &["a@b"]).as_deref(), Some(network));
        let both = shared("mc", &["c@d", "a@b"]).unwrap();
        assert_eq!(both, network.replacen(r#"["a@b"]"#, r#"["a@b","c@d"]"#, 1));
        assert_eq!(shared("gone", &["a@b"]), None);
    }
}
