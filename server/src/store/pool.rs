//! Connections that are used again, and those that are not.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection, Database, Error};

/// How long a request waits for a connection before it is told that there is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pool that throws a connection away when its transaction did not end cleanly.
///
/// `SQLite` rolls back by itself when the disk is full or answers with an error (<https://sqlite.org/lang_transaction.html>,
/// "Response To Errors Within A Transaction"); sqlx 0.9 then counts a transaction that is not there, and refuses every
/// further one on that connection. On PostgreSQL a `BEGIN` whose caller hung up is never rolled back (sqlx #4394).
pub fn options<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new().acquire_timeout(PATIENCE).after_release(|connection, _| {
        Box::pin(async move {
            let clean = is_between_transactions(connection).await?;
            if !clean {
                tracing::info!("a connection whose transaction did not end is thrown away");
            }
            Ok(clean)
        })
    })
}

/// Whether the next statement on this connection stands alone.
///
/// sqlx's own count of open transactions is what goes wrong, so the database is asked: `begin_with` compares what it
/// says of the transaction after the statement, and this statement begins none. It waits in the same queue as a rollback
/// that was left to do.
async fn is_between_transactions<C: Connection>(connection: &mut C) -> sqlx::Result<bool> {
    match connection.begin_with("SELECT 1").await {
        Err(Error::BeginFailed) => Ok(true),
        Ok(_) | Err(Error::InvalidSavePointStatement) => Ok(false),
        Err(error) => Err(error),
    }
}
