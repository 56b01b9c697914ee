//! Firewall texts of a machine, one after the other: the last two hundred.

use firewall::{Backend, Input};
use model::{NodeId, Revision, Timestamp};

use super::Db;
use super::decode::{Damaged, FromRow, Row};
use super::notices::{self, Subject};

/// One text, as what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostText {
    pub node: NodeId,
    pub revision: Revision,
    pub made: Timestamp,
    /// The kind of host; absent until it was chosen.
    pub backend: Result<Option<Backend>, Damaged>,
    /// [`firewall::Input`] as JSON.
    pub input: String,
}

impl FromRow for HostText {
    const TABLE: &'static str = "revisions";
    const KEY: &'static [&'static str] = &["node_id", "revision"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            node: row.get("node_id")?,
            revision: row.get("revision")?,
            made: row.get("made")?,
            backend: row.parse_optional("backend"),
            input: row.get("input")?,
        })
    }
}

impl HostText {
    /// What the text is made of.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn input(&self) -> Result<Input, Damaged> {
        Input::from_json(&self.input).map_err(|error| Damaged {
            table: Self::TABLE,
            column: "input".into(),
            row: format!("{}/{}", self.node, self.revision),
            why: error.to_string(),
        })
    }

    /// Whether it is made of this. What we wrote ourselves is recognised without being read: it names every device of
    /// the tailnet.
    pub fn says(&self, input: &Input) -> bool {
        serde_json::to_string(input).is_ok_and(|text| text == self.input)
            || self.input().is_ok_and(|known| known == *input)
    }
}

/// How many are kept of a machine. Where machines come and go every hour these are some days.
const KEPT: u32 = 200;

impl Db {
    /// The next text of its node. False, and nothing stored, if another came first.
    pub async fn put_revision(&self, next: &HostText) -> sqlx::Result<bool> {
        let HostText { node, revision, made, backend, input } = next;
        let step = "UPDATE nodes SET firewall_revision = $2, firewall_made = $3
             WHERE id = $1 AND firewall_revision = $4";
        let put =
            "INSERT INTO revisions (node_id, revision, made, backend, input) VALUES ($1, $2, $3, $4, $5)";
        let forget = "DELETE FROM revisions WHERE node_id = $1 AND revision <= $2";
        let backend = backend.clone()?.map(Backend::as_str);
        let mut tx = self.begin().await?;
        let first = tx.query(step, (node, revision, made, revision.before(1))).execute().await? == 1;
        if first {
            tx.query(put, (node, revision, made, backend, input)).execute().await?;
            tx.query(forget, (node, revision.before(KEPT))).execute().await?;
            notices::renew(&mut tx, Subject::Host(*node), *made).await?;
        }
        tx.commit().await?;
        Ok(first)
    }

    pub async fn find_revision(&self, node: NodeId, revision: Revision) -> sqlx::Result<Option<HostText>> {
        let sql = "SELECT node_id, revision, made, backend, input FROM revisions
             WHERE node_id = $1 AND revision = $2";
        self.query(sql, (node, revision)).fetch_optional().await
    }

    /// Those up to `newest`, newest first, at most `count`.
    pub async fn list_revisions(
        &self,
        node: NodeId,
        newest: Revision,
        count: i64,
    ) -> sqlx::Result<Vec<HostText>> {
        let sql = "SELECT node_id, revision, made, backend, input FROM revisions
             WHERE node_id = $1 AND revision <= $2 ORDER BY revision DESC LIMIT $3";
        self.query(sql, (node, newest, count)).fetch_all().await
    }
}
