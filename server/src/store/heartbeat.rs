//! A row that is written again and again, to learn whether the database takes writes.

use std::time::Duration;

use model::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Error};

use super::Db;

/// How long it waits for whoever else writes at the moment.
const PATIENCE: Duration = Duration::from_secs(1);

const BEAT: &str =
    "INSERT INTO heartbeat (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at";

/// Writes on a connection of its own: it waits behind no request and takes none its connection. With SQLite it also
/// keeps the write-ahead log and its index in place, which the first connection makes, for which a full disk has no room.
#[derive(Debug)]
pub struct Heartbeat {
    db: Db,
    kept: Option<Connection>,
}

#[derive(Debug)]
enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Heartbeat {
    pub fn new(db: Db) -> Self {
        Self { db, kept: None }
    }

    /// Writes once.
    ///
    /// # Errors
    /// When the database does not take it. What the connection knows is then not relied on any more.
    pub async fn beat(&mut self, now: Timestamp) -> sqlx::Result<()> {
        // Taken out: cancelled half-way it is not used again.
        let mut connection = match self.kept.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let beaten = match &mut connection {
            Connection::Sqlite(connection) => sqlx::query(BEAT).bind(now).execute(connection).await.map(drop),
            Connection::Postgres(connection) => {
                sqlx::query(BEAT).bind(now).execute(connection).await.map(drop)
            }
        };
        // A single statement leaves no transaction behind. Of SQLite it is kept also when the write failed, for the log.
        let lost =
            matches!(connection, Connection::Postgres(_)) || matches!(beaten, Err(Error::WorkerCrashed));
        if beaten.is_ok() || !lost {
            self.kept = Some(connection);
        }
        beaten
    }

    async fn connect(&self) -> sqlx::Result<Connection> {
        Ok(match &self.db {
            Db::Sqlite(pool) => {
                let options = (*pool.connect_options()).clone().busy_timeout(PATIENCE);
                Connection::Sqlite(options.connect().await?)
            }
            Db::Postgres(pool) => Connection::Postgres(pool.connect_options().connect().await?),
        })
    }
}
