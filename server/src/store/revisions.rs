//! Firewall texts of a machine, one after the other: the last two hundred.

use firewall::Input;
use model::{NodeId, Revision, Timestamp};

use super::Db;
use super::decode::{Damaged, Row as Stored};
use crate::{in_transaction, on};

/// One text, as what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HostText {
    #[sqlx(rename = "node_id")]
    pub node: NodeId,
    pub revision: Revision,
    pub made: Timestamp,
    /// The kind of host; absent until it was chosen.
    pub backend: Option<String>,
    /// [`firewall::Input`] as JSON.
    pub input: String,
}

impl HostText {
    /// What the text is made of.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn input(&self) -> Result<Input, Damaged> {
        let row = Stored::named("revisions", format_args!("{}/{}", self.node, self.revision));
        Input::from_json(&self.input).map_err(|error| row.damaged("input", error))
    }
}

/// How many are kept of a machine. Where machines come and go every hour these are some days.
const KEPT: u32 = 200;

impl Db {
    /// The next text of its node. False, and nothing stored, if another came first.
    pub async fn put_revision(&self, next: &HostText) -> sqlx::Result<bool> {
        Ok(in_transaction!(self, tx => {
            let moved = sqlx::query(
                "UPDATE nodes SET firewall_revision = $2, firewall_made = $3
                 WHERE id = $1 AND firewall_revision = $4")
                .bind(next.node).bind(next.revision).bind(next.made).bind(next.revision.before(1))
                .execute(&mut *tx).await?.rows_affected() == 1;
            if moved {
                sqlx::query(
                    "INSERT INTO revisions (node_id, revision, made, backend, input) VALUES ($1, $2, $3, $4, $5)")
                    .bind(next.node).bind(next.revision).bind(next.made)
                    .bind(&next.backend).bind(&next.input).execute(&mut *tx).await?;
                sqlx::query("DELETE FROM revisions WHERE node_id = $1 AND revision <= $2")
                    .bind(next.node).bind(next.revision.before(KEPT)).execute(&mut *tx).await?;
            }
            moved
        }))
    }

    pub async fn find_revision(&self, node: NodeId, revision: Revision) -> sqlx::Result<Option<HostText>> {
        on!(self, pool => sqlx::query_as::<_, HostText>(
            "SELECT node_id, revision, made, backend, input FROM revisions WHERE node_id = $1 AND revision = $2")
            .bind(node).bind(revision).fetch_optional(pool).await)
    }

    /// Those up to `newest`, newest first, at most `count`.
    pub async fn list_revisions(
        &self,
        node: NodeId,
        newest: Revision,
        count: i64,
    ) -> sqlx::Result<Vec<HostText>> {
        on!(self, pool => sqlx::query_as::<_, HostText>(
            "SELECT node_id, revision, made, backend, input FROM revisions WHERE node_id = $1 AND revision <= $2 ORDER BY revision DESC LIMIT $3")
            .bind(node).bind(newest).bind(count).fetch_all(pool).await)
    }
}
