//! Those who wait for a new machine to appear.

use app::ports::joining::NewNode;
use model::{NodeId, PersonId, TailnetId, Timestamp, ids::JoiningId};

use super::decode::{Damaged, Listed, Row as Stored};
use super::jobs::NewJob;
use super::{Db, Json, audit, jobs};
use crate::{in_transaction, on};

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
    pub state: State,
    pub looked: Option<Timestamp>,
    pub trouble: Option<String>,
    pub arrived: Vec<NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A key is being asked for: written down before, because the answer may never come back.
    Making,
    /// It is not known whether a key was made; if so, it is to be revoked.
    Undoing,
    Waiting,
    Arrived,
    Cancelled,
    Lapsed,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Making, Self::Undoing, Self::Waiting, Self::Arrived, Self::Cancelled, Self::Lapsed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Undoing => "undoing",
            Self::Waiting => "waiting",
            Self::Arrived => "arrived",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: JoiningId,
    tailnet_id: TailnetId,
    system: String,
    choices: String,
    key_id: Option<String>,
    description: String,
    known: String,
    created: Timestamp,
    ends: Timestamp,
    state: String,
    looked: Option<Timestamp>,
    trouble: Option<String>,
    arrived: String,
}

impl TryFrom<Row> for Joining {
    type Error = Damaged;

    fn try_from(row: Row) -> Result<Self, Damaged> {
        let read = Stored::of("joinings", row.id);
        let chosen: NewNode = read.json("choices", &row.choices)?;
        // Without the tags that were asked for, any machine would be the one that was waited for.
        if chosen.system != row.system {
            return Err(read.damaged("choices", "it is for another system than `system`"));
        }
        Ok(Self {
            id: row.id,
            tailnet: row.tailnet_id,
            chosen,
            key: row.key_id,
            description: row.description,
            known: read.json("known", &row.known)?,
            created: row.created,
            ends: row.ends,
            state: read.word("state", &row.state, State::ALL, State::as_str)?,
            looked: row.looked,
            trouble: row.trouble,
            arrived: read_ids(row.id, &row.arrived)?,
        })
    }
}

fn read_ids(joining: JoiningId, text: &str) -> Result<Vec<NodeId>, Damaged> {
    Stored::of("joinings", joining).json("arrived", text)
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
        // Two at once would each count without the other: whoever holds the tailnet's row counts first.
        let lock = "UPDATE tailnets SET name = name WHERE id = $1";
        let open = concat!("SELECT COUNT(*) FROM joinings WHERE tailnet_id = $1 AND ", open!());
        Ok(in_transaction!(self, tx => {
            sqlx::query(lock).bind(joining.tailnet).execute(&mut *tx).await?;
            let (open,): (i64,) =
                sqlx::query_as(open).bind(joining.tailnet).fetch_one(&mut *tx).await?;
            let room = open < i64::from(most);
            if room {
                sqlx::query(
                    "INSERT INTO joinings (id, tailnet_id, system, choices, key_id, description, known, created, ends,
                        state, arrived) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]')")
                    .bind(joining.id).bind(joining.tailnet).bind(&joining.chosen.system)
                    .bind(Json::write(&joining.chosen)).bind(&joining.key).bind(&joining.description)
                    .bind(Json::write(&joining.known)).bind(joining.created).bind(joining.ends)
                    .bind(joining.state.as_str()).execute(&mut *tx).await?;
                jobs::enqueue!(tx, job);
                if let Some(entry) = entry {
                    audit::insert!(tx, entry);
                }
            }
            room
        }))
    }

    /// The intended key is there: its machine is waited for. `false`: it took so long that it is being undone.
    pub async fn put_joining_key(
        &self,
        id: JoiningId,
        (key, ends): (&str, Timestamp),
        job: &NewJob,
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let done = in_transaction!(self, tx => {
            let done = sqlx::query(
                "UPDATE joinings SET state = 'waiting', key_id = $2, ends = $3 WHERE id = $1 AND state = 'making'")
                .bind(id).bind(key).bind(ends)
                .execute(&mut *tx).await?.rows_affected() == 1;
            if done {
                jobs::enqueue!(tx, job);
                audit::insert!(tx, entry);
            }
            done
        });
        Ok(done)
    }

    /// Nobody knows whether the intended key was made. `false`: somebody does.
    pub async fn undo_joining(&self, id: JoiningId, job: &NewJob) -> sqlx::Result<bool> {
        let done = in_transaction!(self, tx => {
            let done = sqlx::query("UPDATE joinings SET state = 'undoing' WHERE id = $1 AND state = 'making'")
                .bind(id).execute(&mut *tx).await?.rows_affected() == 1;
            if done {
                jobs::enqueue!(tx, job);
            }
            done
        });
        Ok(done)
    }

    /// The intended key was refused: nothing was ever there.
    pub async fn forget_joining(&self, id: JoiningId) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("DELETE FROM joinings WHERE id = $1 AND state = 'making'")
            .bind(id).execute(pool).await.map(drop))
    }

    pub async fn find_joining(&self, id: JoiningId) -> sqlx::Result<Option<Joining>> {
        on!(self, pool => sqlx::query_as::<_, Row>("SELECT * FROM joinings WHERE id = $1")
            .bind(id).fetch_optional(pool).await)?
        .map(|row| Joining::try_from(row).map_err(Into::into))
        .transpose()
    }

    /// Those that are not over.
    pub async fn list_joinings(&self, tailnet: TailnetId) -> sqlx::Result<Listed<Joining>> {
        on!(self, pool => sqlx::query_as::<_, Row>(
            concat!("SELECT * FROM joinings WHERE tailnet_id = $1 AND ", open!(), " ORDER BY id"))
            .bind(tailnet).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(Joining::try_from).collect())
    }

    /// Waits for a machine in the tailnets that somebody owns, of which a key may be good still.
    pub async fn list_waits_of(&self, person: PersonId) -> sqlx::Result<Vec<JoiningId>> {
        on!(self, pool => sqlx::query_as::<_, (JoiningId,)>(
            concat!("SELECT id FROM joinings WHERE tailnet_id IN (SELECT id FROM tailnets WHERE owner_id = $1) AND ",
                open!(), " ORDER BY id"))
            .bind(person).fetch_all(pool).await)
        .map(|rows| rows.into_iter().map(|(id,)| id).collect())
    }

    /// The list was read for it, or could not be.
    pub async fn mark_looked(
        &self,
        id: JoiningId,
        now: Timestamp,
        trouble: Option<&str>,
    ) -> sqlx::Result<()> {
        on!(self, pool => sqlx::query("UPDATE joinings SET looked = $2, trouble = $3 WHERE id = $1")
            .bind(id).bind(now).bind(trouble).execute(pool).await.map(drop))
    }

    /// The machines that waits ended with.
    pub async fn list_arrived(&self, tailnet: TailnetId) -> sqlx::Result<Vec<NodeId>> {
        let rows = on!(self, pool => sqlx::query_as::<_, (JoiningId, String)>(
            "SELECT id, arrived FROM joinings WHERE tailnet_id = $1 AND state = 'arrived'")
            .bind(tailnet).fetch_all(pool).await)?;
        let mut all = Vec::new();
        for (id, arrived) in rows {
            all.extend(read_ids(id, &arrived)?);
        }
        Ok(all)
    }

    /// The waiting is over. `false`: it was over already, or another wait ended with the same machine, and nothing is
    /// written.
    pub async fn end_joining(
        &self,
        id: JoiningId,
        state: State,
        arrived: &[NodeId],
        entry: &audit::NewEntry,
    ) -> sqlx::Result<bool> {
        let done = in_transaction!(self, tx => {
            // One at a time: on PostgreSQL two could otherwise both see that nobody has the machine yet.
            sqlx::query("UPDATE tailnets SET id = id WHERE id = (SELECT tailnet_id FROM joinings WHERE id = $1)")
                .bind(id).execute(&mut *tx).await?;
            let others: Vec<(JoiningId, String)> = sqlx::query_as(
                "SELECT o.id, o.arrived FROM joinings o JOIN joinings j ON j.tailnet_id = o.tailnet_id
                 WHERE j.id = $1 AND o.id <> j.id AND o.state = 'arrived'")
                .bind(id).fetch_all(&mut *tx).await?;
            let mut taken = false;
            for (other, ids) in others {
                taken |= read_ids(other, &ids)?.iter().any(|id| arrived.contains(id));
            }
            let done = !taken && sqlx::query(
                "UPDATE joinings SET state = $2, arrived = $3, trouble = NULL
                 WHERE id = $1 AND state IN ('waiting', 'undoing')")
                .bind(id).bind(state.as_str()).bind(Json::write(&arrived))
                .execute(&mut *tx).await?.rows_affected() == 1;
            if done {
                audit::insert!(tx, entry);
            }
            done
        });
        Ok(done)
    }
}
