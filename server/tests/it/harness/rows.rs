//! Every row of a database as text, the same for both kinds.

use std::collections::BTreeMap;

use server::on;
use server::store::Db;
use sqlx::AssertSqlSafe;

/// Tables by name, each with its rows in order.
pub type Rows = BTreeMap<String, Vec<String>>;

/// What is stored, but for which migrations were run when.
pub async fn all(db: &Db) -> Rows {
    let tables = match db {
        Db::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table'",
        Db::Postgres(_) => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
        }
    };
    let tables: Vec<(String,)> = on!(db, pool => sqlx::query_as(tables).fetch_all(pool).await).unwrap();
    let mut all = Rows::new();
    for (table,) in tables.into_iter().filter(|(name,)| name != "_sqlx_migrations") {
        let rows = of(db, &table, &kinds(db, &table).await).await;
        all.insert(table, rows);
    }
    all
}

/// The columns of a table, in order.
pub async fn columns(db: &Db, table: &str) -> Vec<String> {
    kinds(db, table).await.into_iter().map(|(name, _)| name).collect()
}

async fn kinds(db: &Db, table: &str) -> Vec<(String, String)> {
    let columns = match db {
        Db::Sqlite(_) => "SELECT name, '' FROM pragma_table_info($1) ORDER BY name",
        Db::Postgres(_) => {
            "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = $1 ORDER BY column_name COLLATE \"C\""
        }
    };
    on!(db, pool => sqlx::query_as(columns).bind(table).fetch_all(pool).await).unwrap()
}

/// The rows of a table, in some of its columns.
pub async fn some(db: &Db, table: &str, wanted: &[String]) -> Vec<String> {
    let columns = kinds(db, table).await.into_iter().filter(|(name, _)| wanted.contains(name));
    of(db, table, &columns.collect::<Vec<_>>()).await
}

async fn of(db: &Db, table: &str, columns: &[(String, String)]) -> Vec<String> {
    let as_text = |(name, kind): &(String, String)| {
        let value = match (db, kind.as_str()) {
            (Db::Sqlite(_), _) => {
                format!(
                    "CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) ELSE CAST({name} AS TEXT) END"
                )
            }
            (_, "uuid") => format!("replace({name}::text, '-', '')"),
            (_, "boolean") => format!("{name}::int::text"),
            _ => format!("{name}::text"),
        };
        format!("'{name}=' || coalesce({value}, '(nothing)')")
    };
    let columns: Vec<String> = columns.iter().map(as_text).collect();
    let sql = format!("SELECT {} FROM {table}", columns.join(" || ' ' || "));
    let rows: Vec<(String,)> =
        on!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await).unwrap();
    let mut rows: Vec<String> = rows.into_iter().map(|(row,)| row).collect();
    rows.sort();
    rows
}
