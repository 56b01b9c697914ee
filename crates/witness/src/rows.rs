//! Tables as they lie in the database.

use std::collections::{BTreeMap, BTreeSet};

use invariants::{Edit, Entry, Job, Offer, StoredText, UnmanagedItem};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::Source;

/// Runs one query on whichever database it is.
macro_rules! select {
    ($source:expr, $row:ty, $sql:expr) => {
        match $source {
            $crate::Source::File(pool) | $crate::Source::Sqlite(pool) => {
                sqlx::query_as::<_, $row>($sql).fetch_all(pool).await
            }
            $crate::Source::Postgres(pool) => sqlx::query_as::<_, $row>($sql).fetch_all(pool).await,
        }
    };
}
pub(crate) use select;

/// An id as marks and pages have it.
pub fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// A machine that the app knows.
#[derive(sqlx::FromRow)]
pub struct Node {
    pub id: Uuid,
    pub tailnet_id: Uuid,
    pub control_id: String,
    pub external: bool,
}

pub async fn nodes(source: &Source) -> sqlx::Result<Vec<Node>> {
    select!(source, Node, "SELECT id, tailnet_id, control_id, external FROM nodes")
}

#[derive(sqlx::FromRow)]
struct OfferRow {
    id: Uuid,
    service_id: Uuid,
    circle_id: Option<Uuid>,
    to_person: Option<Uuid>,
    ends: Option<i64>,
    uses: i64,
    uses_left: i64,
    lapses: i64,
    withdrawn: Option<i64>,
}

pub async fn offers(source: &Source) -> sqlx::Result<Vec<Offer>> {
    let mut declined: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for (offer, person) in select!(source, (Uuid, Uuid), "SELECT offer_id, person_id FROM declines")? {
        declined.entry(offer).or_default().insert(hex(person));
    }
    let sql =
        "SELECT id, service_id, circle_id, to_person, ends, uses, uses_left, lapses, withdrawn FROM offers";
    let rows = select!(source, OfferRow, sql)?;
    let offer = |row: OfferRow| Offer {
        id: hex(row.id),
        service: hex(row.service_id),
        circle: row.circle_id.map(hex),
        to_person: row.to_person.map(hex),
        ends: row.ends,
        uses: row.uses,
        uses_left: row.uses_left,
        lapses: row.lapses,
        withdrawn: row.withdrawn,
        declined: declined.remove(&row.id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(offer).collect())
}

pub async fn jobs(source: &Source) -> sqlx::Result<Vec<Job>> {
    type Row = (String, Uuid, Option<Uuid>);
    let rows = select!(source, Row, "SELECT kind, subject, owner_id FROM jobs")?;
    let job = |(kind, subject, owner): Row| Job { kind, subject: hex(subject), owner: owner.map(hex) };
    Ok(rows.into_iter().map(job).collect())
}

pub async fn edits(source: &Source) -> sqlx::Result<Vec<Edit>> {
    type Row = (Uuid, Uuid, String, String, String);
    let rows =
        select!(source, Row, "SELECT id, tailnet_id, before_text, after_text, state FROM edits ORDER BY id")?;
    let edit = |(id, tailnet, before, after, state): Row| Edit {
        id: hex(id),
        tailnet: hex(tailnet),
        before,
        after,
        applied: state == "applied",
    };
    Ok(rows.into_iter().map(edit).collect())
}

pub async fn audit(source: &Source) -> sqlx::Result<Vec<Entry>> {
    let rows = select!(source, (Option<Uuid>, String), "SELECT object_id, what FROM audit")?;
    Ok(rows.into_iter().map(|(object, what)| Entry { object: object.map(hex), what }).collect())
}

pub async fn all_unmanaged(source: &Source) -> sqlx::Result<Vec<UnmanagedItem>> {
    let rows = select!(source, (Uuid, String, String), "SELECT tailnet_id, kind, name FROM strays")?;
    Ok(rows
        .into_iter()
        .map(|(tailnet, kind, name)| UnmanagedItem { tailnet: hex(tailnet), kind, name })
        .collect())
}

/// Every text of every column, whatever tables there are: in one statement, because there are many columns.
pub async fn texts(source: &Source) -> sqlx::Result<Vec<StoredText>> {
    let columns = match source {
        Source::File(_) | Source::Sqlite(_) => {
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND upper(c.type) = 'TEXT' AND m.name NOT LIKE '\\_%' ESCAPE '\\'"
        }
        Source::Postgres(_) => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns
             WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE '\\_%'"
        }
    };
    let columns = select!(source, (String, String), columns)?;
    // Names come from the catalogue, not from anybody outside.
    let column = |(table, column): &(String, String)| {
        format!("SELECT '{table}.{column}', {column} FROM {table} WHERE {column} IS NOT NULL")
    };
    let mut texts = Vec::new();
    // Fewer at once than any database takes.
    for some in columns.chunks(100) {
        let sql = some.iter().map(column).collect::<Vec<_>>().join(" UNION ALL ");
        let rows = select!(source, (String, String), AssertSqlSafe(sql.clone()))?;
        texts.extend(rows.into_iter().map(|(place, text)| StoredText { place, text }));
    }
    Ok(texts)
}

/// Changes with each change that somebody else makes in the file, as its one connection sees it.
pub async fn version(source: &Source) -> sqlx::Result<Option<i64>> {
    let Source::File(_) = source else { return Ok(None) };
    let rows = select!(source, (i64,), "SELECT data_version FROM pragma_data_version")?;
    Ok(rows.first().map(|(version,)| *version))
}
