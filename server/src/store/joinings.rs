//! Those who wait for a new machine to appear.

use model::{JoiningState, NewNode, NodeId, PersonId, TailnetId, Timestamp, ids::JoiningId};

use super::decode::{Damaged, FromRow, Listed, Row};
use super::jobs::NewJob;
use super::{Db, Json, Tx, audit, jobs};

/// Waits that are not over: a key of theirs may be good still.
macro_rules! open {
    () => {
        "state NOT IN ('arrived', 'cancelled', 'lapsed')"
    };
}
pub(super) use open;

/// One wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    pub id: JoiningId,
    pub tailnet: TailnetId,
    pub chosen: NewNode,
    /// The control plane's id of the key; absent if it was made by hand.
    pub key: Option<String>,
    pub description: String,
    /// Control ids of the machines that were there before.
    pub known: Vec<String>,
    pub created: Timestamp,
    pub ends: Timestamp,
    pub state: JoiningState,
    pub observed_at: Option<Timestamp>,
    pub trouble: Option<String>,
    pub arrived: Vec<NodeId>,
}

impl FromRow for Joining {
    const TABLE: &'static str = "joinings";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let chosen: NewNode = row.json("choices")?;
        // Without the tags that were asked for, any machine would be the one that was waited for.
        if chosen.system != row.get::<String>("system")? {
            return Err(row.damaged("choices", "it is for another system than `system`"));
        }
        Ok(Self {
            id: row.get("id")?,
            tailnet: row.get("tailnet_id")?,
            chosen,
            key: row.get("key_id")?,
            description: row.get("description")?,
            known: row.json("known")?,
            created: row.get("created")?,
            ends: row.get("ends")?,
            state: row.get("state")?,
            observed_at: row.get("looked")?,
            trouble: row.get("trouble")?,
            arrived: row.json("arrived")?,
        })
    }
}

/// The machines that a wait ended with.
struct Arrived(Vec<NodeId>);

impl FromRow for Arrived {
    const TABLE: &'static str = "joinings";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        row.json("arrived").map(Self)
    }
}

macro_rules! joinings {
    ($rest:expr) => {
        concat!(
            "SELECT id, tailnet_id, system, choices, key_id, description, known, created, ends, state, looked,
                trouble, arrived FROM joinings WHERE ",
            $rest
        )
    };
}

async fn insert(tx: &mut Tx, joining: &Joining) -> sqlx::Result<()> {
    let Joining { id, tailnet, chosen, key, description, known, created, ends, state, .. } = joining;
    tx.query(
        "INSERT INTO joinings (id, tailnet_id, system, choices, key_id, description, known, created, ends,
            state, arrived) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]')",
        (
            id,
            tailnet,
            &chosen.system,
            Json::write(chosen),
            key,
            description,
            Json::write(known),
            created,
            ends,
            state,
        ),
    )
    .execute()
    .await
    .map(drop)
}

impl Db {
    /// With the job that looks for the machine, or for the key that is only intended yet: then nothing has happened
    /// that an entry could tell. `false`: `most` of its tailnet are open already, and nothing is written.
    pub async fn insert_joining(
        &self,
        joining: &Joining,
        most: u32,
        job: &NewJob,
        entry: Option<&audit::NewEntry>,
    ) -> sqlx::Result<bool> {
        let mut tx = self.begin().await?;
        // Two at once would each count without the other: whoever holds the tailnet's row counts first.
        tx.query("UPDATE tailnets SET name = name WHERE id = $1", (joining.tailnet,)).execute().await?;
        let open = concat!("SELECT COUNT(*) FROM joinings WHERE tailnet_id = $1 AND ", open!());
        let room = tx.query(open, (joining.tailnet,)).count().await? < i64::from(most);
        if room {
            insert(&mut tx, joining).await?;
            jobs::enqueue(&mut tx, job).await?;
            if let Some(entry) = entry {
                audit::insert(&mut tx, entry).await?;
            }
        }
        tx.commit().await?;
        Ok(room)
    }

    /// The intended key is there: its machine is waited for. `false`: it took so long that it is being undone.
    pub async fn put_joining_key(
        &self,
        id: JoiningId,
        (key, ends): (&str, Timestamp),
        job: &NewJob,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let put = "UPDATE joinings SET state = 'waiting', key_id = $2, ends = $3 WHERE id = $1 AND state = 'making'";
        let mut tx = self.begin().await?;
        let done = tx.query(put, (id, key, ends)).execute().await? == 1;
        if done {
            jobs::enqueue(&mut tx, job).await?;
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Nobody knows whether the intended key was made. `false`: somebody does.
    pub async fn undo_joining(&self, id: JoiningId, job: &NewJob) -> sqlx::Result<bool> {
        let undo = "UPDATE joinings SET state = 'undoing' WHERE id = $1 AND state = 'making'";
        let mut tx = self.begin().await?;
        let done = tx.query(undo, (id,)).execute().await? == 1;
        if done {
            jobs::enqueue(&mut tx, job).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    /// The intended key was refused: nothing was ever there.
    pub async fn forget_joining(&self, id: JoiningId) -> sqlx::Result<()> {
        let sql = "DELETE FROM joinings WHERE id = $1 AND state = 'making'";
        self.query(sql, (id,)).execute().await.map(drop)
    }

    pub async fn find_joining(&self, id: JoiningId) -> sqlx::Result<Option<Joining>> {
        self.query(joinings!("id = $1"), (id,)).fetch_optional().await
    }

    /// Those that are not over.
    pub async fn list_joinings(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Joining>> {
        let sql = joinings!(concat!("tailnet_id = $1 AND ", open!(), " ORDER BY id"));
        self.query(sql, (tailnet,)).fetch_listed().await
    }

    /// Waits for a machine in the tailnets that somebody owns, of which a key may be good still.
    pub async fn list_waits_of(&self, person: PersonId) -> sqlx::Result<Vec<JoiningId>> {
        let sql = concat!(
            "SELECT id FROM joinings WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1) AND ",
            open!(),
            " ORDER BY id"
        );
        self.query(sql, (person,)).fetch_column().await
    }

    /// The list was read for it, or could not be.
    pub async fn set_observed(
        &self,
        id: JoiningId,
        now: Timestamp,
        trouble: Option<&str>,
    ) -> sqlx::Result<()> {
        let sql = "UPDATE joinings SET looked = $2, trouble = $3 WHERE id = $1";
        self.query(sql, (id, now, trouble)).execute().await.map(drop)
    }

    /// The machines that waits ended with.
    pub async fn list_arrived(&self, tailnet: TailnetId) -> sqlx::Result<Vec<NodeId>> {
        let sql = "SELECT id, arrived FROM joinings WHERE tailnet_id = $1 AND state = 'arrived'";
        let all: Vec<Arrived> = self.query(sql, (tailnet,)).fetch_all().await?;
        Ok(all.into_iter().flat_map(|Arrived(nodes)| nodes).collect())
    }

    /// The waiting is over. `false`: it was over already, or another wait ended with the same machine, and nothing is
    /// written.
    pub async fn end_joining(
        &self,
        id: JoiningId,
        state: JoiningState,
        arrived: &[NodeId],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let lock = "UPDATE tailnets SET id = id WHERE id = (SELECT tailnet_id FROM joinings WHERE id = $1)";
        let others = "SELECT o.id, o.arrived FROM joinings o JOIN joinings j ON j.tailnet_id = o.tailnet_id
             WHERE j.id = $1 AND o.id <> j.id AND o.state = 'arrived'";
        let end = "UPDATE joinings SET state = $2, arrived = $3, trouble = NULL
             WHERE id = $1 AND state IN ('waiting', 'undoing')";
        let mut tx = self.begin().await?;
        // One at a time: on PostgreSQL two could otherwise both see that nobody has the machine yet.
        tx.query(lock, (id,)).execute().await?;
        let others: Vec<Arrived> = tx.query(others, (id,)).fetch_all().await?;
        let taken = others.iter().any(|Arrived(nodes)| nodes.iter().any(|node| arrived.contains(node)));
        let arrived = Json::write(&arrived);
        let done = !taken && tx.query(end, (id, state, arrived)).execute().await? == 1;
        if done {
            audit::insert(&mut tx, entry).await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}
