//! Every column that holds a secret, and the key that they are sealed with.

use std::path::Path;

use anyhow::Context as _;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Db, Tx};
use crate::secrets::{OpenError, Sealer};

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

const COLUMNS: [Column; 7] = [
    Column { table: "sessions", name: "data_sealed", row: Row::Text("id_hash") },
    Column { table: "credentials", name: "secret_sealed", row: Row::IdAndText("tailnet_id", "kind") },
    Column { table: "shares", name: "invite_url_sealed", row: Row::Id("id") },
    Column { table: "renewals", name: "old_sealed", row: Row::Id("tailnet_id") },
    Column { table: "renewals", name: "made_sealed", row: Row::Id("tailnet_id") },
    Column { table: "channels", name: "target_sealed", row: Row::IdAndText("person_id", "channel") },
    Column { table: "deliveries", name: "secret_sealed", row: Row::IdAndText("id", "channel") },
];

/// Settings that are sealed; the others are plain.
const SETTINGS: &str = "SELECT name, value FROM settings WHERE name LIKE '%_sealed'";

/// Sealed together with the database's first start: says which key the database belongs to, even when nothing else
/// is sealed. A change of the key seals it anew like every other setting.
const MARK: &str = "key_mark_sealed";

impl Db {
    /// The key of this database: read from its file. The file is made only together with a new database, which is one
    /// with nothing in it. Two who start on a new database at the same time get one key, or one of them is refused.
    ///
    /// # Errors
    /// When the file is missing, is no key file, or has the key of another database.
    pub async fn key_of(&self, file: &Path) -> anyhow::Result<Sealer> {
        let mut tx = self.begin().await?;
        // Whoever comes second waits here for the first, and finds its key.
        let claim = "INSERT INTO settings (name, value) VALUES ($1, '') ON CONFLICT (name) DO NOTHING";
        tx.query(claim, (MARK,)).execute().await?;
        let found = look(file)?;
        let find = "SELECT value FROM settings WHERE name = $1";
        let (mark,): (String,) = tx.query(find, (MARK,)).fetch_one().await?;
        let sealer = if mark.is_empty() {
            first_key(&mut tx, file, found).await?
        } else {
            let sealer = found.ok_or_else(|| missing(file, mark.split('.').next()))?;
            sealer.open("settings", "value", MARK, &mark).with_context(|| foreign(file))?;
            sealer
        };
        tx.commit().await?;
        Ok(sealer)
    }

    /// Seals everything again with the sealer's first key. Says how many texts that were.
    ///
    /// # Errors
    /// When one cannot be opened; those before it are sealed anew, the others can still be opened: run it again.
    pub async fn reseal(&self, sealer: &Sealer) -> anyhow::Result<usize> {
        let mut count = 0;
        for Column { table, name: column, row } in &COLUMNS {
            for (name, old) in self.list_sealed(table, column, row).await? {
                let again = again(sealer, table, column, &name, &old)?;
                // Only if nobody has written meanwhile; what was written meanwhile is sealed with the new key.
                let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
                self.query(AssertSqlSafe(sql), (again, old)).execute().await?;
                count += 1;
            }
        }
        let settings: Vec<(String, String)> = self.query(SETTINGS, ()).fetch_all().await?;
        for (name, sealed) in settings {
            self.put_setting(&name, &again(sealer, "settings", "value", &name, &sealed)?).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Rows as they are named when sealed, with what is sealed.
    async fn list_sealed(&self, table: &str, column: &str, row: &Row) -> sqlx::Result<Vec<(String, String)>> {
        let select = |columns: &str| {
            AssertSqlSafe(format!("SELECT {columns}, {column} FROM {table} WHERE {column} IS NOT NULL"))
        };
        match row {
            Row::Text(name) => self.query(select(name), ()).fetch_all().await,
            Row::Id(name) => {
                let rows: Vec<(Uuid, String)> = self.query(select(name), ()).fetch_all().await?;
                Ok(rows.into_iter().map(|(id, sealed)| (id.simple().to_string(), sealed)).collect())
            }
            Row::IdAndText(id, text) => {
                let both = select(&format!("{id}, {text}"));
                let rows: Vec<(Uuid, String, String)> = self.query(both, ()).fetch_all().await?;
                let name =
                    |(id, text, sealed): (Uuid, String, String)| (format!("{}/{text}", id.simple()), sealed);
                Ok(rows.into_iter().map(name).collect())
            }
        }
    }
}

impl Tx {
    /// What says which key this database belongs to; absent where nobody ever started on it.
    pub(super) async fn mark(&mut self) -> sqlx::Result<Option<String>> {
        let find = "SELECT value FROM settings WHERE name = $1 AND value <> ''";
        let found: Option<(String,)> = self.query(find, (MARK,)).fetch_optional().await?;
        Ok(found.map(|(mark,)| mark))
    }

    /// The id of the key that the secrets of this database are sealed with, as far as it can be told.
    pub(super) async fn key_id(&mut self) -> sqlx::Result<Option<String>> {
        if let Some(mark) = self.mark().await? {
            return Ok(mark.split('.').next().map(str::to_owned));
        }
        // From before there was a mark.
        let sql =
            "SELECT substr(value, 1, 8) FROM settings WHERE name LIKE '%_sealed' AND value <> '' LIMIT 1";
        Ok(self.query(sql, ()).fetch_column().await?.into_iter().next())
    }

    /// Whether a database with this mark belongs to this key.
    pub(super) fn is_marked(sealer: &Sealer, mark: &str) -> bool {
        sealer.open("settings", "value", MARK, mark).is_ok()
    }
}

/// The key of a database without a mark, which has it afterwards.
async fn first_key(tx: &mut Tx, file: &Path, found: Option<Sealer>) -> anyhow::Result<Sealer> {
    let anything = "SELECT count(*) FROM (SELECT name FROM people UNION ALL
        SELECT name FROM settings WHERE name <> $1) AS known";
    let anything = tx.query(anything, (MARK,)).count().await? > 0;
    let used: Vec<(String, String)> = tx.query(AssertSqlSafe(keys_used()), (MARK,)).fetch_all().await?;
    let sealer = match found {
        Some(sealer) => fits(file, sealer, &used)?,
        None if anything || !used.is_empty() => {
            return Err(missing(file, used.first().map(|used| &*used.1)));
        }
        None => {
            // Before the commit: a database without its key is lost, a key without a database is nothing.
            let sealer = Sealer::ephemeral();
            sealer.make_file(file)?;
            sealer
        }
    };
    let mark = sealer.seal("settings", "value", MARK, b"acequia");
    tx.query("UPDATE settings SET value = $2 WHERE name = $1", (MARK, mark)).execute().await?;
    Ok(sealer)
}

fn look(file: &Path) -> anyhow::Result<Option<Sealer>> {
    let there = file.try_exists();
    let there = there.with_context(|| format!("cannot look for the key file `{}`", file.display()))?;
    if there { Sealer::read(file).map(Some) } else { Ok(None) }
}

/// Table and key id of everything that is sealed.
fn keys_used() -> String {
    let columns = COLUMNS.iter().map(|Column { table, name, .. }| {
        format!("SELECT '{table}', substr({name}, 1, 8) FROM {table} WHERE {name} IS NOT NULL UNION ")
    });
    let settings =
        "SELECT 'settings', substr(value, 1, 8) FROM settings WHERE name LIKE '%_sealed' AND name <> $1";
    columns.chain([settings.to_owned()]).collect()
}

/// A database from before there was a mark belongs to the key of what is sealed in it. A session that was sealed with
/// another one is no reason to refuse while others can be opened: its person signs in again.
fn fits(file: &Path, sealer: Sealer, used: &[(String, String)]) -> anyhow::Result<Sealer> {
    let knows = |(_, id): &&(String, String)| sealer.has_key(id);
    let (sessions, lasting): (Vec<_>, Vec<_>) = used.iter().partition(|(table, _)| table == "sessions");
    let strange = lasting.iter().find(|used| !knows(used));
    let strange =
        strange.or_else(|| if used.iter().any(|used| knows(&used)) { None } else { sessions.first() });
    match strange {
        Some((_, id)) => Err(OpenError::UnknownKey(id.clone())).with_context(|| foreign(file)),
        None => Ok(sealer),
    }
}

fn foreign(file: &Path) -> String {
    format!("this database and the key file `{}` do not belong together", file.display())
}

fn missing(file: &Path, id: Option<&str>) -> anyhow::Error {
    let file = format!("the key file `{}` is missing", file.display());
    match id {
        Some(id) => anyhow::Error::new(OpenError::UnknownKey(id.to_owned())).context(file),
        None => anyhow::anyhow!("{file}; put the key file back that belongs to this database"),
    }
}

fn again(sealer: &Sealer, table: &str, column: &str, row: &str, old: &str) -> anyhow::Result<String> {
    let plain = sealer
        .open(table, column, row, old)
        .with_context(|| format!("cannot open `{column}` of `{table}` in row `{row}`"))?;
    Ok(sealer.seal(table, column, row, &plain))
}
