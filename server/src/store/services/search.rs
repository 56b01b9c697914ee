//! The directory: services that somebody may know of, and how they stand to each.

use std::collections::HashMap;

use model::{NodeId, PersonId, ServiceId, ServiceKind, ShareId, ShareState, Timestamp};

use super::ServiceAtNode;
use crate::store::Db;
use crate::store::decode::{Damaged, FromRow, Listed, Row};
use crate::store::given_circles::givers_circle;
use crate::store::lenders::holder;

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

/// The share of a service that somebody receives: an open one, else the newest that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub share: ShareId,
    pub state: ShareState,
    pub ends: Option<Timestamp>,
}

/// How somebody stands to a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// They own its tailnet, are a steward there, or its machine is theirs.
    pub acts: bool,
    pub held: Option<Held>,
}

/// A page of the directory.
#[derive(Clone, Debug)]
pub struct Found {
    pub services: Vec<(ServiceAtNode, Stands)>,
    /// There would be something without words and filters.
    pub any: bool,
}

impl FromRow for Stands {
    const TABLE: &'static str = "shares";
    const KEY: &'static [&'static str] = &["held"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let share: Option<ShareId> = row.get("held")?;
        let held = |share| Ok(Held { share, state: row.json("held_state")?, ends: row.get("held_until")? });
        // What cannot be read opens nothing, and is said on its own page.
        let read = |share| {
            held(share).inspect_err(|damaged: &Damaged| tracing::error!("left out of a list: {damaged}"))
        };
        Ok(Self { acts: row.get::<i64>("acts")? == 1, held: share.and_then(|share| read(share).ok()) })
    }
}

/// One row of the answer: there is always one, also where there is no service.
struct Line {
    any: bool,
    service: Option<(ServiceAtNode, Stands)>,
}

impl FromRow for Line {
    const TABLE: &'static str = ServiceAtNode::TABLE;
    const KEY: &'static [&'static str] = ServiceAtNode::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let there: Option<ServiceId> = row.get("id")?;
        let service = there.map(|_| Ok((row.part()?, row.part()?))).transpose()?;
        Ok(Self { any: row.get::<i64>("any_one")? == 1, service })
    }
}

/// Whether `$1` gives what is at a machine, by the column of its tailnet's id and whose it is to lend; and what they hold as
/// `g`.
macro_rules! stands {
    ($tailnet:literal, $owner:expr) => {
        concat!(
            "CASE WHEN ",
            $owner,
            " = $1 OR EXISTS (SELECT 1 FROM tailnets o WHERE o.id = ",
            $tailnet,
            " AND o.owner_id = $1) OR EXISTS (SELECT 1 FROM stewards w WHERE w.tailnet_id = ",
            $tailnet,
            " AND w.person_id = $1) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS acts,
            g.id AS held, g.state_data AS held_state, g.ends AS held_until"
        )
    };
}

/// The share `g` of a service that `$1` receives.
macro_rules! held {
    ($service:literal) => {
        concat!(
            " LEFT JOIN shares g ON g.id = (SELECT y.id FROM shares y WHERE y.service_id = ",
            $service,
            " AND y.friend_id = $1 AND y.state <> 'ended'
                ORDER BY (CASE WHEN y.state = 'active' THEN 0 ELSE 1 END), y.id DESC LIMIT 1)"
        )
    };
}

/// One page, and whether there is anything at all: the values are the viewer, the words, the kind, whether it has to be
/// theirs, the key of the row before, how many, and whether it has to be up. How they stand is looked up for what is on
/// the page only.
const SEARCH: &str = concat!(
    "SELECT a.any_one, x.*, ",
    stands!("x.tailnet_id", "x.owner_id"),
    " FROM (SELECT CASE WHEN EXISTS (SELECT 1 FROM services s JOIN nodes n ON n.id = s.node_id
            JOIN tailnets t ON t.id = n.tailnet_id WHERE s.removed IS NULL AND (",
    visible!(),
    ")) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS any_one) a LEFT JOIN (",
    placed!(concat!(
        "(",
        visible!(),
        ")
        AND ($2 = '' OR lower(s.name || ' ' || s.about || ' ' || n.name || ' ' || p.name) LIKE $2 ESCAPE '!')
        AND ($3 = '' OR s.kind = $3)
        AND ($4 = 0 OR EXISTS (SELECT 1 FROM shares h WHERE h.service_id = s.id AND h.friend_id = $1
            AND h.state = 'active') OR t.owner_id = $1 OR p.id = $1)
        AND ($9 = 0 OR ",
        down!(),
        " = 0)
        AND (",
        down!(),
        " > $5 OR (",
        down!(),
        " = $5 AND (lower(s.name) > $6 OR (lower(s.name) = $6 AND s.id > $7))))
     ORDER BY down, lower(s.name), s.id LIMIT $8"
    )),
    ") x ON 1 = 1",
    held!("x.id"),
    " ORDER BY x.down, x.sort_name, x.id"
);

macro_rules! stands_to {
    ($which:literal) => {
        concat!(
            "SELECT s.id, ",
            stands!("t.id", holder!()),
            " FROM services s JOIN nodes n ON n.id = s.node_id JOIN tailnets t ON t.id = n.tailnet_id",
            held!("s.id"),
            " WHERE ",
            $which
        )
    };
}

const STANDS: &str = stands_to!("s.id = $2");
const STANDS_TO_NODE: &str = stands_to!("s.node_id = $2");

struct ToService(ServiceId, Stands);

impl FromRow for ToService {
    const TABLE: &'static str = "services";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self(row.get("id")?, row.part()?))
    }
}

impl Db {
    /// One page of the directory, online first, in a stable order.
    pub async fn search_services(&self, search: &Search) -> sqlx::Result<Found> {
        let Search { viewer, like, kind, mine, up, after, limit } = search;
        let first = (-1, String::new(), ServiceId::new(uuid::Uuid::nil()));
        let (offline, name, id) = after.as_ref().unwrap_or(&first);
        let (like, kind) = (like.as_deref().unwrap_or_default(), kind.map_or("", ServiceKind::as_str));
        let values = (viewer, like, kind, i64::from(*mine), offline, name, id, limit, i64::from(*up));
        let lines: Vec<Line> = self.query(SEARCH, values).fetch_listed().await.map(Listed::readable)?;
        let any = lines.first().is_none_or(|line| line.any);
        Ok(Found { services: lines.into_iter().filter_map(|line| line.service).collect(), any })
    }

    /// How somebody stands to one service.
    pub async fn stands_to_service(&self, id: ServiceId, viewer: PersonId) -> sqlx::Result<Stands> {
        Ok(self.query(STANDS, (viewer, id)).fetch_optional().await?.unwrap_or_default())
    }

    /// The same to each service of a machine.
    pub async fn stands_to_node(
        &self,
        node: NodeId,
        viewer: PersonId,
    ) -> sqlx::Result<HashMap<ServiceId, Stands>> {
        let rows: Vec<ToService> = self.query(STANDS_TO_NODE, (viewer, node)).fetch_all().await?;
        Ok(rows.into_iter().map(|ToService(service, stands)| (service, stands)).collect())
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
