//! Every column that holds a secret, for a change of the key.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Db;
use crate::on;
use crate::secrets::Sealer;

/// A sealed column and how its rows are named when they are sealed.
struct Column {
    table: &'static str,
    name: &'static str,
    row: Row,
}

enum Row {
    /// A column with text.
    Text(&'static str),
    /// A column with a uuid.
    Id(&'static str),
    /// A column with a uuid and one with text, joined by `/`.
    IdAndText(&'static str, &'static str),
}

const COLUMNS: [Column; 3] = [
    Column { table: "sessions", name: "data_sealed", row: Row::Text("id_hash") },
    Column { table: "credentials", name: "secret_sealed", row: Row::IdAndText("tailnet_id", "kind") },
    Column { table: "shares", name: "invite_url_sealed", row: Row::Id("id") },
];

/// Settings that are sealed; the others are plain.
const SETTINGS: &str = "SELECT name, value FROM settings WHERE name LIKE '%_sealed'";

/// Seals everything again with the sealer's first key. Says how many texts that were.
///
/// # Errors
/// When one cannot be opened; those before it are sealed anew, the others can still be opened: run it again.
pub async fn reseal(db: &Db, sealer: &Sealer) -> anyhow::Result<usize> {
    let mut count = 0;
    for Column { table, name: column, row } in &COLUMNS {
        for (name, old) in list(db, table, column, row).await? {
            let again = again(sealer, table, column, &name, &old)?;
            // Only if nobody has written meanwhile; what was written meanwhile is sealed with the new key.
            let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
            on!(db, pool => sqlx::query(AssertSqlSafe(sql)).bind(again).bind(old).execute(pool).await.map(drop))?;
            count += 1;
        }
    }
    let settings: Vec<(String, String)> = on!(db, pool => sqlx::query_as(SETTINGS).fetch_all(pool).await)?;
    for (name, sealed) in settings {
        super::settings::put(db, &name, &again(sealer, "settings", "value", &name, &sealed)?).await?;
        count += 1;
    }
    Ok(count)
}

fn again(sealer: &Sealer, table: &str, column: &str, row: &str, old: &str) -> anyhow::Result<String> {
    use anyhow::Context as _;
    let plain = sealer
        .open(table, column, row, old)
        .with_context(|| format!("cannot open `{column}` of `{table}` in row `{row}`"))?;
    Ok(sealer.seal(table, column, row, &plain))
}

/// Rows as they are named when sealed, with what is sealed.
async fn list(db: &Db, table: &str, column: &str, row: &Row) -> sqlx::Result<Vec<(String, String)>> {
    let select = |columns: &str| {
        AssertSqlSafe(format!("SELECT {columns}, {column} FROM {table} WHERE {column} IS NOT NULL"))
    };
    match row {
        Row::Text(name) => on!(db, pool => sqlx::query_as(select(name)).fetch_all(pool).await),
        Row::Id(name) => {
            let rows: Vec<(Uuid, String)> =
                on!(db, pool => sqlx::query_as(select(name)).fetch_all(pool).await)?;
            Ok(rows.into_iter().map(|(id, sealed)| (id.simple().to_string(), sealed)).collect())
        }
        Row::IdAndText(id, text) => {
            let both = format!("{id}, {text}");
            let rows: Vec<(Uuid, String, String)> =
                on!(db, pool => sqlx::query_as(select(&both)).fetch_all(pool).await)?;
            let name =
                |(id, text, sealed): (Uuid, String, String)| (format!("{}/{text}", id.simple()), sealed);
            Ok(rows.into_iter().map(name).collect())
        }
    }
}
