//! Everything that lasts, on SQLite or PostgreSQL with one SQL text.
//!
//! `$1` placeholders, `BIGINT` microseconds, ids made here, no `now()` and no `ILIKE`: what differs between the
//! two databases is not used (ARCHITECTURE.md).

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};

mod ahead;
pub mod asks;
pub mod audit;
pub mod backup;
mod circle_leaving;
pub mod circles;
mod copy;
pub mod decode;
pub mod edits;
pub mod exposures;
pub mod first_steps;
pub mod gates;
mod given_circles;
pub mod guests;
pub mod heartbeat;
pub mod hosts;
pub mod households;
pub mod identities;
mod invites;
pub mod jobs;
mod join_port;
pub mod joinings;
pub mod lenders;
pub mod looks;
pub mod members;
pub mod metrics;
pub mod nodes;
pub mod notices;
pub mod offers;
mod open_offers;
pub mod outbox;
pub mod people;
pub mod person_links;
pub mod policies_seen;
pub mod pool;
pub mod probes;
pub mod proofs;
pub mod registrations;
pub mod renewals;
pub mod retention;
pub mod revisions;
pub mod schema;
pub mod sealed;
pub mod services;
pub mod sessions;
pub mod settings;
pub mod shares;
pub mod snapshots;
pub mod standing;
mod statement;
pub mod tailnets;
mod taking;
pub mod trouble;
mod tx;
pub mod unmanaged;
mod withdrawing;

pub use statement::{Statement, Values};
pub use tx::Tx;

/// The database, whichever it is.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs one body for both databases: `on!(db, pool => query(..).fetch_all(pool).await)`.
#[macro_export]
macro_rules! on {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::store::Db::Sqlite($pool) => $body,
            $crate::store::Db::Postgres($pool) => $body,
        }
    };
}

impl Db {
    /// Opens the file, or makes it, and brings it up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, a migration fails, or it is of a newer version.
    pub async fn open_sqlite(file: &Path) -> anyhow::Result<Self> {
        let db = Self::connect_sqlite(file).await?;
        db.migrate().await?;
        Ok(db)
    }

    /// Opens the file, or makes an empty one, and leaves it as it is.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn connect_sqlite(file: &Path) -> anyhow::Result<Self> {
        // What SQLite makes beside it takes over its mode. One that is there is left alone: to close a file of its own
        // would end the locks that this process has on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        // It was tried when it came back, and no file hangs up meanwhile.
        let pool = pool::options().max_connections(8).test_before_acquire(false);
        Ok(Self::Sqlite(pool.connect_with(options).await?))
    }

    /// Connects to PostgreSQL and brings it up to date.
    ///
    /// # Errors
    /// When the server cannot be reached, a migration fails, or the database is of a newer version.
    pub async fn open_postgres(url: &str) -> anyhow::Result<Self> {
        let db = Self::connect_postgres(url).await?;
        db.migrate().await?;
        Ok(db)
    }

    /// Connects to PostgreSQL, and leaves what is there as it is.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn connect_postgres(url: &str) -> anyhow::Result<Self> {
        Ok(Self::Postgres(pool::options().max_connections(16).connect(url).await?))
    }

    /// Closes all connections, so that a file can be moved.
    pub async fn close(&self) {
        on!(self, pool => pool.close().await);
    }

    /// Puts into the file what stands in the log beside it, so that a copy of the file alone is not empty.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkpoint(&self) -> sqlx::Result<()> {
        let Self::Sqlite(pool) = self else { return Ok(()) };
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await.map(drop)
    }

    /// Whether this process has let go of it.
    pub fn is_closed(&self) -> bool {
        on!(self, pool => pool.is_closed())
    }
}

/// Lists and enums with data in text columns.
pub(crate) struct Json;

impl Json {
    /// Our own types always have a JSON form: no maps with keys that are no text, no foreign serializers.
    pub fn write<T: serde::Serialize>(value: &T) -> String {
        serde_json::to_string(value).unwrap_or_else(|_| "null".into())
    }
}
