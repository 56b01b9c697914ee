//! The SQLite file of a backup while it is written, and when it is read.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::store::copy::{self, Counts};
use crate::store::schema::Schema;
use crate::store::{Db, Tx, pool};

/// Says in the head of an SQLite file that it is a backup of ours: "Aceq" in ASCII
/// (<https://sqlite.org/pragma.html#pragma_application_id>).
const BACKUP: i64 = 0x4163_6571;
/// Says that it is not whole yet.
const DRAFT: i64 = BACKUP + 1;
/// Any database.
const DATABASE: i64 = 0;

/// A file that nobody takes for a whole one: it gets its name when everything stands in it.
pub struct Draft {
    file: PathBuf,
    part: PathBuf,
    db: Db,
    /// What is said in its head when it is whole.
    becomes: i64,
    /// Held so that two do not write the same draft.
    lock: File,
}

impl Draft {
    /// Of a backup, which may take the place of an older one.
    ///
    /// # Errors
    /// When another process writes to the same place, or something else than a backup stands there.
    pub async fn backup(file: &Path) -> anyhow::Result<Self> {
        let replaces = file.try_exists()?;
        let ours = !replaces || id_of(file).await.is_ok_and(|id| id == BACKUP);
        ensure!(ours, "`{}` is there already and is no backup; it stays as it is", file.display());
        Self::begin(file, BACKUP).await
    }

    /// Of a database of an instance.
    ///
    /// # Errors
    /// When there is such a database, or another process writes it.
    pub async fn database(file: &Path) -> anyhow::Result<Self> {
        for name in with_companions(file) {
            let there = name.try_exists()?;
            ensure!(!there, "there is a database already: `{}`; restore into an empty place", name.display());
        }
        Self::begin(file, DATABASE).await
    }

    async fn begin(file: &Path, becomes: i64) -> anyhow::Result<Self> {
        let part = with_end(file, ".part");
        let lock = File::options().create(true).truncate(false).write(true).mode(0o600).open(&part);
        let lock = lock.with_context(|| format!("cannot write `{}`", part.display()))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => anyhow::bail!("another process is writing `{}`", part.display()),
            other => other?,
        }
        // Whoever finished between the two had this very file, under its other name by now.
        let same = fs::metadata(&part)
            .is_ok_and(|there| lock.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
        ensure!(same, "another process has just written `{}`", file.display());
        // What a killed one left.
        lock.set_len(0)?;
        let options = SqliteConnectOptions::new()
            .filename(&part)
            // All or nothing is the new name, and it reaches the disk before that.
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false);
        let pool = pool::options().max_connections(1).connect_with(options).await?;
        let db = Db::Sqlite(pool);
        put_id(&db, DRAFT).await?;
        Ok(Self { file: file.to_owned(), part, db, becomes, lock })
    }

    /// All rows of a database of this schema.
    ///
    /// # Errors
    /// When one cannot be read or written.
    pub async fn fill(&self, from: &mut Tx, schema: &Schema) -> anyhow::Result<Counts> {
        let tables = copy::tables(schema).await?;
        if let Db::Sqlite(pool) = &self.db {
            schema.migrator().run(pool).await?;
        }
        let mut to = self.db.begin().await?;
        let counts = copy::pour(from, &mut to, &tables).await?;
        to.commit().await?;
        Ok(counts)
    }

    /// Reads it back, and gives it its name.
    ///
    /// # Errors
    /// When something else stands in it than was written, or the disk does not take it.
    pub async fn finish(self, counts: &[(String, i64)]) -> anyhow::Result<()> {
        put_id(&self.db, self.becomes).await?;
        self.db.close().await;
        let db = open(&self.part).await?;
        let read_back = async {
            is_whole(&db).await?;
            copy::count(&mut db.begin_reading().await?, counts).await
        };
        read_back
            .await
            .with_context(|| format!("`{}` was not written as it should be", self.part.display()))?;
        db.close().await;
        self.lock.sync_all()?;
        fs::rename(&self.part, &self.file)?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

/// Opens a file for reading only.
///
/// # Errors
/// When there is none, or it is no database.
pub async fn open(file: &Path) -> anyhow::Result<Db> {
    let told = || format!("cannot read `{}`", file.display());
    // SQLite says of a missing file only that it cannot be opened.
    File::open(file).with_context(told)?;
    let options = SqliteConnectOptions::new().filename(file).read_only(true).foreign_keys(false);
    Ok(Db::Sqlite(pool::options().max_connections(1).connect_with(options).await.with_context(told)?))
}

/// # Errors
/// When pages are damaged, or rows refer to others that are not there.
pub async fn is_whole(db: &Db) -> anyhow::Result<()> {
    let found: Vec<String> = db.query("PRAGMA integrity_check(1)", ()).fetch_column().await?;
    ensure!(found == ["ok"], "{}", found.join(", "));
    let strays = db.query("SELECT count(*) FROM pragma_foreign_key_check", ()).count().await?;
    ensure!(strays == 0, "{strays} rows refer to rows that are not there");
    Ok(())
}

/// What SQLite keeps of a database: the file, and what is beside it (<https://www.sqlite.org/tempfiles.html>).
pub fn with_companions(file: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm", "-journal"].into_iter().map(|end| with_end(file, end)).collect()
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

async fn put_id(db: &Db, id: i64) -> sqlx::Result<()> {
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA application_id = {id}"));
    db.query(sql, ()).execute().await.map(drop)
}

async fn id_of(file: &Path) -> anyhow::Result<i64> {
    Ok(open(file).await?.query("PRAGMA application_id", ()).count().await?)
}

/// # Errors
/// For the rest of a backup that was not finished.
pub async fn is_finished(db: &Db) -> anyhow::Result<()> {
    let id = db.query("PRAGMA application_id", ()).count().await?;
    ensure!(id != DRAFT, "it was not finished");
    Ok(())
}
