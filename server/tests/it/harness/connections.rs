//! What the database itself says of the connections of a pool.

use std::time::Duration;

use server::store::Db;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Pool};

/// Waits until every connection is back, and looks for one that is still in a transaction. Nothing, if all is well.
pub async fn left_in_a_transaction(db: &Db) -> Option<String> {
    match db {
        Db::Sqlite(pool) => {
            at_rest(pool).await;
            // Somebody else can write only if nobody of the pool does. A connection that is thrown away ends what it was
            // doing on a thread of its own, after it has left the pool: it is waited for.
            let options = (*pool.connect_options()).clone().busy_timeout(Duration::from_secs(10));
            let mut other: SqliteConnection = options.connect().await.unwrap();
            let locked = sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut other).await.err();
            other.close().await.unwrap();
            let mut all = Vec::new();
            while let Some(connection) = pool.try_acquire() {
                all.push(connection);
            }
            let counted = all.iter().filter(|connection| connection.is_in_transaction()).count();
            drop(all);
            at_rest(pool).await;
            match (locked, counted) {
                (None, 0) => None,
                (locked, counted) => Some(format!("{counted} think that they are in one; {locked:?}")),
            }
        }
        Db::Postgres(pool) => {
            at_rest(pool).await;
            are_gone(pool).await;
            let found: Vec<(String, String)> = sqlx::query_as(
                "SELECT state, query FROM pg_stat_activity
                 WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
            )
            .fetch_all(pool)
            .await
            .unwrap();
            at_rest(pool).await;
            (!found.is_empty()).then(|| format!("{found:?}"))
        }
    }
}

/// Connections come back in tasks of their own.
async fn at_rest<D: sqlx::Database>(pool: &Pool<D>) {
    let all_idle = async {
        while usize::try_from(pool.size()).unwrap() != pool.num_idle() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all_idle).await.expect("every connection comes back");
}

/// A connection that was thrown away has left the pool before the database has read of its end: until then it is said to
/// be in the transaction for which it was thrown away.
async fn are_gone(pool: &PgPool) {
    let are_known = "SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'";
    let only_ours = async {
        loop {
            let known: i64 = sqlx::query_scalar(are_known).fetch_one(pool).await.unwrap();
            if known <= i64::from(pool.size()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), only_ours).await.expect("what was thrown away ends");
}
