//! All rows of a database into another one of the same schema, whichever the two are.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use futures_util::{Stream, TryStreamExt as _};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use super::Tx;
use super::decode::Stored;
use super::schema::Schema;
use super::statement::Statement;

/// A table of ours, as migrations make it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    columns: Vec<(String, Kind)>,
}

/// What stands in a column: the four types that `migrations/README.md` allows.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Id,
    Number,
    Truth,
    Text,
}

/// How many rows each table has.
pub type Counts = Vec<(String, i64)>;

/// The tables of a schema, each after those that it refers to. They are read off a database in memory, so that nothing
/// depends on what else stands in the one that is copied.
pub async fn tables(schema: &Schema) -> anyhow::Result<Vec<Table>> {
    let mut db = SqliteConnectOptions::new().in_memory(true).connect().await?;
    schema.migrator().run(&mut db).await?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
        AND name <> '_sqlx_migrations' ORDER BY name";
    let names: Vec<(String,)> = sqlx::query_as(sql).fetch_all(&mut db).await?;
    let mut waiting = Vec::new();
    for (name,) in names {
        let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)";
        let after: Vec<(String,)> = sqlx::query_as(sql).bind(&name).fetch_all(&mut db).await?;
        waiting.push((table(&mut db, name).await?, after));
    }
    let mut tables: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there =
            |other: &str, own: &str| other == own || tables.iter().any(|table| table.name == other);
        let next = waiting
            .iter()
            .position(|(table, after)| after.iter().all(|(other,)| is_there(other, &table.name)));
        let Some(next) = next else { bail!("tables refer to each other in a circle") };
        tables.push(waiting.remove(next).0);
    }
    Ok(tables)
}

async fn table(db: &mut SqliteConnection, name: String) -> anyhow::Result<Table> {
    let sql = "SELECT name, type FROM pragma_table_info($1) ORDER BY cid";
    let found: Vec<(String, String)> = sqlx::query_as(sql).bind(&name).fetch_all(db).await?;
    let mut columns = Vec::new();
    for (column, kind) in found {
        let kind = match kind.as_str() {
            "UUID" => Kind::Id,
            "BIGINT" => Kind::Number,
            "BOOLEAN" => Kind::Truth,
            "TEXT" => Kind::Text,
            other => bail!("`{column}` of `{name}` is of type {other}, which is not copied"),
        };
        columns.push((column, kind));
    }
    Ok(Table { name, columns })
}

impl Table {
    fn select(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        format!("SELECT {} FROM {}", columns.join(", "), self.name)
    }

    fn insert(&self) -> String {
        let mut sql = format!("INSERT INTO {} (", self.name);
        for (place, (name, _)) in self.columns.iter().enumerate() {
            let _ = write!(sql, "{}{name}", if place == 0 { "" } else { ", " });
        }
        sql.push_str(") VALUES (");
        for place in 1..=self.columns.len() {
            let _ = write!(sql, "{}${place}", if place == 1 { "" } else { ", " });
        }
        sql + ")"
    }
}

/// Copies every row of these tables into ones that are empty afterwards but for them.
///
/// # Errors
/// When a row cannot be read or written; nothing of the target counts then.
pub async fn pour(from: &mut Tx, to: &mut Tx, tables: &[Table]) -> anyhow::Result<Counts> {
    // What migrations put in is in the source too, or was taken out there.
    for table in tables.iter().rev() {
        to.query(AssertSqlSafe(format!("DELETE FROM {}", table.name)), ()).execute().await?;
    }
    let mut counts = Counts::new();
    for table in tables {
        let sql = AssertSqlSafe(table.select());
        let copied = match from {
            Tx::Sqlite(from) => copy(sqlx::query(sql).fetch(&mut **from), to, table).await,
            Tx::Postgres(from) => copy(sqlx::query(sql).fetch(&mut **from), to, table).await,
        };
        let copied = copied.with_context(|| format!("cannot copy the table `{}`", table.name))?;
        counts.push((table.name.clone(), copied));
    }
    Ok(counts)
}

async fn copy<R>(
    mut rows: impl Stream<Item = sqlx::Result<R>> + Unpin,
    to: &mut Tx,
    table: &Table,
) -> sqlx::Result<i64>
where
    Stored: From<R>,
{
    let insert: Arc<str> = table.insert().into();
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        let row = Stored::from(row);
        let mut statement = to.query(AssertSqlSafe(Arc::clone(&insert)), ());
        for (place, (_, kind)) in table.columns.iter().enumerate() {
            statement = bind(statement, &row, place, *kind)?;
        }
        statement.execute().await?;
        count += 1;
    }
    Ok(count)
}

fn bind<'c>(to: Statement<'c>, row: &Stored, place: usize, kind: Kind) -> sqlx::Result<Statement<'c>> {
    Ok(match kind {
        Kind::Id => to.bind(row.get::<Option<Uuid>>(place)?),
        Kind::Number => to.bind(row.get::<Option<i64>>(place)?),
        Kind::Truth => to.bind(row.get::<Option<bool>>(place)?),
        Kind::Text => to.bind(row.get::<Option<String>>(place)?),
    })
}

/// Refuses tables that have other numbers of rows than these.
///
/// # Errors
/// With the first such table.
pub async fn count(of: &mut Tx, expected: &[(String, i64)]) -> anyhow::Result<()> {
    for (table, expected) in expected {
        let found = of.query(AssertSqlSafe(format!("SELECT count(*) FROM {table}")), ()).count().await?;
        ensure!(found == *expected, "`{table}` has {found} rows, and {expected} were copied");
    }
    Ok(())
}
