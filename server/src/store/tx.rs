//! One transaction of either database.

use sqlx::{Postgres, Sqlite, Transaction};

use super::Db;

/// Statements that all count, or none of them. Dropped without [`Self::commit`] it is rolled back; a connection of which
/// that is not certain is not used again (`pool.rs`).
#[derive(Debug)]
#[must_use = "what is not committed is rolled back"]
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// On SQLite it takes the write lock at once, so that two writers wait for each other instead of failing half-way.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

impl Db {
    /// For reading only: all statements see the database as it is at the first one, and nobody who writes waits for it.
    pub async fn begin_reading(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                Tx::Postgres(pool.begin_with(begin).await?)
            }
        })
    }
}

impl Tx {
    pub async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}
