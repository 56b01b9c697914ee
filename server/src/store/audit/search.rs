//! The trail as somebody may read it, filtered.

use model::ids::AuditId;
use model::{EntryKind, NodeId, PersonId, ServiceId, ShareId, TailnetId, Timestamp};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::Entry;
use crate::store::Db;
use crate::store::decode::Listed;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Person(PersonId),
    /// Whoever runs commands on the machine: the database is theirs.
    Operator,
}

/// What is asked of the trail. What is absent filters nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub reader: Reader,
    pub entry: Option<AuditId>,
    /// Whatever it is.
    pub object: Option<Uuid>,
    /// Done by them, to them, or with them on the other side.
    pub person: Option<PersonId>,
    pub tailnet: Option<TailnetId>,
    pub node: Option<NodeId>,
    pub service: Option<ServiceId>,
    pub share: Option<ShareId>,
    pub kind: Option<EntryKind>,
    /// From then, and before then.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Lower case with wildcards; empty for everything.
    pub like: String,
    /// Earlier than this entry.
    pub after: Option<AuditId>,
    pub limit: i64,
}

impl Search {
    /// Everything that somebody may read.
    pub const fn of(reader: Reader, limit: i64) -> Self {
        Self {
            reader,
            entry: None,
            object: None,
            person: None,
            tailnet: None,
            node: None,
            service: None,
            share: None,
            kind: None,
            from: None,
            until: None,
            like: String::new(),
            after: None,
            limit,
        }
    }
}

/// The entries `a` that the person `$1` may read: their own deeds, those in their tailnets, those about their shares, and
/// those in tailnets that they look after or audit. There is no other rule.
const AUDIENCE: &str = "(a.actor_id = $1 OR a.owner_id = $1 OR a.friend_id = $1 OR a.tailnet_id IN (
        SELECT tailnet_id FROM stewards WHERE person_id = $1
        UNION SELECT tailnet_id FROM auditors WHERE person_id = $1))";

/// A value of a placeholder.
enum Bound {
    Id(Uuid),
    Text(String),
    Number(i64),
}

/// Conditions with their values. Only those that are asked for stand in the statement, so that the database finds a machine's
/// entries by their index.
struct Conditions {
    sql: String,
    values: Vec<Bound>,
}

impl Conditions {
    /// One more; `?` in it is the value.
    fn add(&mut self, condition: &'static str, value: Option<Bound>) {
        let Some(value) = value else { return };
        let place = format!("${}", self.values.len() + 1);
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(&condition.replace('?', &place));
        self.values.push(value);
    }
}

impl Db {
    /// What happened to one object, as somebody may read it: the newest fifty.
    pub async fn list_entries(&self, person: PersonId, object: Uuid) -> sqlx::Result<Vec<Entry>> {
        let search = Search { object: Some(object), ..Search::of(Reader::Person(person), 50) };
        self.search_entries(&search).await
    }

    /// Entries that somebody may read, newest first.
    pub async fn search_entries(&self, search: &Search) -> sqlx::Result<Vec<Entry>> {
        let id = |id: Option<Uuid>| id.map(Bound::Id);
        let time = |time: Option<Timestamp>| time.map(|time| Bound::Number(time.micros()));
        let mut all = Conditions { sql: String::new(), values: Vec::new() };
        if let Reader::Person(person) = search.reader {
            all.add(AUDIENCE, Some(Bound::Id(person.uuid())));
        }
        all.add("a.id = ?", id(search.entry.map(AuditId::uuid)));
        all.add("a.object_id = ?", id(search.object));
        all.add(
            "(a.actor_id = ? OR a.friend_id = ? OR a.object_id = ?)",
            id(search.person.map(PersonId::uuid)),
        );
        all.add("a.tailnet_id = ?", id(search.tailnet.map(TailnetId::uuid)));
        all.add("a.node_id = ?", id(search.node.map(NodeId::uuid)));
        all.add("a.service_id = ?", id(search.service.map(ServiceId::uuid)));
        all.add("a.share_id = ?", id(search.share.map(ShareId::uuid)));
        match search.kind.map(EntryKind::object) {
            Some(Some(object)) => all.add("a.object_kind = ?", Some(Bound::Text(object.to_string()))),
            Some(None) => all.add("(a.policy_change IS NOT NULL AND 1 = ?)", Some(Bound::Number(1))),
            None => {}
        }
        all.add("a.at >= ?", time(search.from));
        all.add("a.at < ?", time(search.until));
        let like = (!search.like.is_empty()).then(|| Bound::Text(search.like.clone()));
        all.add("lower(a.actor || ' ' || a.what || ' ' || a.object) LIKE ? ESCAPE '!'", like);
        // Newest first, and uuid v7 sorts by time: one key does both.
        all.add("a.id < ?", id(search.after.map(AuditId::uuid)));
        let limit = format!("${}", all.values.len() + 1);
        let sql = format!(
            "SELECT a.id, a.at, a.actor_id, a.actor, a.what, a.code, a.parameters, a.object_kind, a.object_id, a.object,
                a.before_text, a.after_text, a.policy_change, a.tailnet_id, t.name AS tailnet_name
             FROM audit a LEFT JOIN tailnets t ON t.id = a.tailnet_id{} ORDER BY a.id DESC LIMIT {limit}",
            all.sql
        );
        let mut statement = self.query(AssertSqlSafe(sql), ());
        for value in all.values {
            statement = match value {
                Bound::Id(id) => statement.bind(id),
                Bound::Text(text) => statement.bind(text),
                Bound::Number(number) => statement.bind(number),
            };
        }
        // One that cannot be read hides none of the others.
        statement.bind(search.limit).fetch_listed().await.map(Listed::readable)
    }
}
