//! A backup is one SQLite file with all rows, whichever database they came from: restored into the other kind, it is how
//! one moves.

use std::path::Path;

use anyhow::{Context as _, ensure};
use model::Timestamp;

use super::copy;
use super::schema::Schema;
use super::{Db, Tx};
use crate::secrets::Sealer;

mod file;

use file::Draft;
pub use file::with_companions;

/// When the last one was made, as microseconds.
const LAST: &str = "last_backup";

/// What a backup has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    pub schema: Schema,
    pub tables: usize,
    pub rows: i64,
    /// The id of the key that its secrets were sealed with; absent where nobody ever started on it.
    pub key: Option<String>,
}

impl Backup {
    fn of(schema: Schema, counts: &[(String, i64)], key: Option<String>) -> Self {
        Self { schema, tables: counts.len(), rows: counts.iter().map(|(_, rows)| rows).sum(), key }
    }
}

impl Db {
    /// Writes all of it, as it is at one moment, into a file that is there as a whole or not at all. Others may use the
    /// database meanwhile, and its schema may be an older one.
    ///
    /// # Errors
    /// When something else stands in the file, when it cannot be written, or does not have afterwards what it should.
    pub async fn back_up(&self, to: &Path) -> anyhow::Result<Backup> {
        let draft = Draft::backup(to).await?;
        let mut from = self.begin_reading().await?;
        let schema = from.schema().await?;
        schema.is_known()?;
        ensure!(!schema.is_new(), "there is nothing in this database yet");
        let counts = draft.fill(&mut from, &schema).await?;
        // The source has not changed for this transaction: what was not copied is noticed here.
        copy::count(&mut from, &counts).await?;
        let key = from.key_id().await?;
        from.rollback().await?;
        draft.finish(&counts).await?;
        Ok(Backup::of(schema, &counts, key))
    }

    /// What is in a backup, or in a database of this program that was copied by hand.
    ///
    /// # Errors
    /// When it is neither, is broken, or was made by a newer version.
    pub async fn look_into(backup: &Path) -> anyhow::Result<Source> {
        let db = file::open(backup).await?;
        let whole = async {
            file::is_finished(&db).await?;
            file::is_whole(&db).await
        };
        whole.await.with_context(|| format!("`{}` is broken", backup.display()))?;
        let mut from = db.begin_reading().await?;
        let schema = from.schema().await?;
        ensure!(!schema.is_new(), "`{}` is no backup of an Acequia", backup.display());
        schema.is_known()?;
        let key = from.key_id().await?;
        Ok(Source { from, schema, key })
    }

    /// # Errors
    /// When the database fails.
    pub async fn last_backup(&self, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
        let at = self.find_setting(LAST).await?.and_then(|at| at.parse().ok());
        Ok(at.map(Timestamp::from_micros).and_then(|at| at.happened(now)))
    }

    /// # Errors
    /// When the database fails.
    pub async fn put_last_backup(&self, at: Timestamp) -> sqlx::Result<()> {
        self.put_setting(LAST, &at.micros().to_string()).await
    }
}

/// A backup that can be restored.
#[derive(Debug)]
pub struct Source {
    from: Tx,
    schema: Schema,
    pub key: Option<String>,
}

impl Source {
    /// Whether secrets in it can be opened with these keys.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fits(&mut self, sealer: &Sealer) -> sqlx::Result<bool> {
        Ok(self.from.mark().await?.is_none_or(|mark| Tx::is_marked(sealer, &mark)))
    }

    /// Puts all rows into a new SQLite file, which is there as a whole or not at all.
    ///
    /// # Errors
    /// When there is such a file, or it cannot be written.
    pub async fn into_sqlite(mut self, file: &Path) -> anyhow::Result<Backup> {
        let draft = Draft::database(file).await?;
        let counts = draft.fill(&mut self.from, &self.schema).await?;
        draft.finish(&counts).await?;
        Ok(Backup::of(self.schema, &counts, self.key))
    }

    /// Puts all rows into an empty PostgreSQL database: all of them, or nothing.
    ///
    /// # Errors
    /// When there is something in it, or it cannot be written.
    pub async fn into_postgres(mut self, db: &Db) -> anyhow::Result<Backup> {
        let tables = copy::tables(&self.schema).await?;
        let mut to = db.begin().await?;
        let anything = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm')";
        let anything = to.query(anything, ()).count().await?;
        ensure!(anything == 0, "there are tables in this database already; restore into an empty one");
        if let Tx::Postgres(to) = &mut to {
            self.schema.migrator().run(&mut **to).await?;
        }
        let counts = copy::pour(&mut self.from, &mut to, &tables).await?;
        copy::count(&mut to, &counts).await?;
        to.commit().await?;
        Ok(Backup::of(self.schema, &counts, self.key))
    }
}
