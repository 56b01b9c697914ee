//! Single values of this instance.

use super::Db;
use crate::on;

pub async fn find(db: &Db, name: &str) -> sqlx::Result<Option<String>> {
    let sql = "SELECT value FROM settings WHERE name = $1";
    let row: Option<(String,)> = on!(db, pool => sqlx::query_as(sql).bind(name).fetch_optional(pool).await)?;
    Ok(row.map(|(value,)| value))
}

pub async fn put(db: &Db, name: &str, value: &str) -> sqlx::Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    on!(db, pool => sqlx::query(sql).bind(name).bind(value).execute(pool).await.map(drop))
}

/// Only if there is none yet. Says whether it is this one now.
pub async fn put_first(db: &Db, name: &str, value: &str) -> sqlx::Result<bool> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    on!(db, pool => sqlx::query(sql).bind(name).bind(value).execute(pool).await
        .map(|done| done.rows_affected() == 1))
}
