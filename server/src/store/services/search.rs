//! The directory: services that somebody may know of.

use model::{PersonId, ServiceId, ServiceKind};

use super::Placed;
use crate::store::Db;
use crate::store::decode::Listed;

/// What the directory is asked for.
#[derive(Clone, Debug)]
pub struct Search {
    pub viewer: PersonId,
    /// Lower case, with `%` around it and its own wildcards escaped; absent: everything.
    pub like: Option<String>,
    pub kind: Option<ServiceKind>,
    pub mine: bool,
    /// Only what is up.
    pub up: bool,
    /// The last row of the page before: its sort key (offline, name, id).
    pub after: Option<(i64, String, ServiceId)>,
    pub limit: i64,
}

/// 0 for a service that is up, 1 for one that is not: it did not answer, or, where it is not asked, its machine is away.
macro_rules! down {
    () => {
        "(CASE WHEN b.answered IS NULL THEN (CASE WHEN n.online AND n.gone IS NULL THEN 0 ELSE 1 END)
            WHEN b.answered THEN 0 ELSE 1 END)"
    };
}

/// One page: the values are the viewer, the words, the kind, whether it has to be theirs, the key of the row before,
/// how many, and whether it has to be up.
const SEARCH: &str = placed!(concat!(
    "(",
    visible!(),
    ")
        AND ($2 = '' OR lower(s.name || ' ' || s.about || ' ' || n.name || ' ' || p.name) LIKE $2 ESCAPE '!')
        AND ($3 = '' OR s.kind = $3)
        AND ($4 = 0 OR EXISTS (SELECT 1 FROM shares h WHERE h.service_id = s.id AND h.friend_id = $1
            AND h.state = 'active') OR t.owner_id = $1)
        AND ($9 = 0 OR ",
    down!(),
    " = 0)
        AND (",
    down!(),
    " > $5 OR (",
    down!(),
    " = $5 AND (lower(s.name) > $6 OR (lower(s.name) = $6 AND s.id > $7))))
     ORDER BY ",
    down!(),
    ", lower(s.name), s.id LIMIT $8"
));

impl Search {
    /// Everything that somebody may know of.
    pub fn everything(viewer: PersonId, limit: i64) -> Self {
        Self { viewer, like: None, kind: None, mine: false, up: false, after: None, limit }
    }
}

impl Db {
    /// One page of the directory, online first, in a stable order.
    pub async fn search_services(&self, search: &Search) -> sqlx::Result<Vec<Placed>> {
        let Search { viewer, like, kind, mine, up, after, limit } = search;
        let first = (-1, String::new(), ServiceId::new(uuid::Uuid::nil()));
        let (offline, name, id) = after.as_ref().unwrap_or(&first);
        let (like, kind) = (like.as_deref().unwrap_or_default(), kind.map_or("", ServiceKind::as_str));
        let values = (viewer, like, kind, i64::from(*mine), offline, name, id, limit, i64::from(*up));
        self.query(SEARCH, values).fetch_listed().await.map(Listed::readable)
    }

    /// Whether a service is shown to somebody: theirs, listed to them, offered to them, or shared with them.
    pub async fn may_see_service(&self, id: ServiceId, person: PersonId) -> sqlx::Result<bool> {
        let sql = concat!(
            "SELECT COUNT(*) FROM services s JOIN nodes n ON n.id = s.node_id
             JOIN tailnets t ON t.id = n.tailnet_id WHERE s.removed IS NULL AND s.id = $2 AND (",
            visible!(),
            ")"
        );
        Ok(self.query(sql, (person, id)).count().await? > 0)
    }
}
