//! Everything that lasts, on SQLite or PostgreSQL with one SQL text.
//!
//! `$1` placeholders, `BIGINT` microseconds, ids made here, no `now()` and no `ILIKE`: what differs between the
//! two databases is not used (ARCHITECTURE.md).

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};

pub mod arrivals;
pub mod audit;
pub mod decode;
pub mod edits;
pub mod elsewhere;
pub mod gates;
pub mod heartbeat;
pub mod hosts;
pub mod identities;
pub mod inbox;
pub mod jobs;
pub mod joinings;
pub mod nodes;
pub mod offers;
pub mod people;
pub mod person_links;
pub mod pool;
pub mod probes;
pub mod revisions;
pub mod sealed;
pub mod services;
pub mod sessions;
pub mod settings;
pub mod shares;
pub mod snapshots;
pub mod standing;
mod statement;
pub mod tailnets;
pub mod trouble;
mod tx;

pub use statement::{Statement, Values};
pub use tx::Tx;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

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
    /// When the file cannot be opened, or a migration fails.
    pub async fn open_sqlite(file: &Path) -> anyhow::Result<Self> {
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
        let pool = pool::options().max_connections(8).connect_with(options).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self::Sqlite(pool))
    }

    /// Connects to PostgreSQL and brings it up to date.
    ///
    /// # Errors
    /// When the server cannot be reached, or a migration fails.
    pub async fn open_postgres(url: &str) -> anyhow::Result<Self> {
        let pool = pool::options().max_connections(16).connect(url).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self::Postgres(pool))
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
