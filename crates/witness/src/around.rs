//! Who gives and gets what, row by row.

use std::collections::{BTreeMap, BTreeSet};

use invariants::{Around, Ask, Circle, Owned, Service};
use uuid::Uuid;

use crate::Source;
use crate::rows::{hex, select};

pub async fn read(source: &Source) -> sqlx::Result<Around> {
    let shut_out = "SELECT id FROM people WHERE standing <> 'here'";
    let shut_out = select!(source, (Uuid,), shut_out)?;
    Ok(Around {
        shut_out: shut_out.into_iter().map(|(person,)| hex(person)).collect(),
        owned: owned(source).await?,
        services: services(source).await?,
        asks: asks(source).await?,
        circles: circles(source).await?,
    })
}

/// Ids in one column by those in another.
async fn pairs(source: &Source, sql: &'static str) -> sqlx::Result<BTreeMap<String, BTreeSet<String>>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (one, other) in select!(source, (Uuid, Uuid), sql)? {
        all.entry(hex(one)).or_default().insert(hex(other));
    }
    Ok(all)
}

async fn owned(source: &Source) -> sqlx::Result<BTreeMap<String, Owned>> {
    let mut stewards = pairs(source, "SELECT tailnet_id, person_id FROM stewards").await?;
    let mut members = pairs(source, "SELECT tailnet_id, person_id FROM members").await?;
    let mut credentials: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (tailnet, kind) in select!(source, (Uuid, String), "SELECT tailnet_id, kind FROM credentials")? {
        credentials.entry(hex(tailnet)).or_default().insert(kind);
    }
    let mut all = BTreeMap::new();
    for (tailnet, owner) in select!(source, (Uuid, Uuid), "SELECT id, owner_id FROM tailnets")? {
        let id = hex(tailnet);
        let owned = Owned {
            owner: hex(owner),
            stewards: stewards.remove(&id).unwrap_or_default(),
            members: members.remove(&id).unwrap_or_default(),
            credentials: credentials.remove(&id).unwrap_or_default(),
        };
        all.insert(id, owned);
    }
    Ok(all)
}

async fn services(source: &Source) -> sqlx::Result<BTreeMap<String, Service>> {
    type Row = (Uuid, Uuid, String, String, Option<i64>);
    let mut people = pairs(source, "SELECT service_id, person_id FROM audience").await?;
    let mut circles = pairs(source, "SELECT service_id, circle_id FROM circle_audience").await?;
    let lenders = "SELECT s.id, m.person_id FROM services s JOIN nodes n ON n.id = s.node_id
         JOIN members m ON m.tailnet_id = n.tailnet_id AND m.account_id = COALESCE(n.account_id, n.given_to)";
    let mut lenders = pairs(source, lenders).await?;
    let sql = "SELECT s.id, n.tailnet_id, s.kind, s.audience, s.removed FROM services s
         JOIN nodes n ON n.id = s.node_id";
    let mut all = BTreeMap::new();
    for (service, tailnet, kind, audience, removed) in select!(source, Row, sql)? {
        let id = hex(service);
        let service = Service {
            tailnet: hex(tailnet),
            kind,
            audience,
            people: people.remove(&id).unwrap_or_default(),
            circles: circles.remove(&id).unwrap_or_default(),
            lenders: lenders.remove(&id).unwrap_or_default(),
            removed: removed.is_some(),
        };
        all.insert(id, service);
    }
    Ok(all)
}

async fn asks(source: &Source) -> sqlx::Result<BTreeMap<String, Ask>> {
    type Row = (Uuid, Uuid, Uuid, Option<String>, Option<i64>, Option<Uuid>);
    let sql = "SELECT id, service_id, person_id, answer, answered, answered_by FROM service_asks";
    let ask = |(id, service, person, answer, answered, by): Row| {
        let (service, person, by) = (hex(service), hex(person), by.map(hex));
        (hex(id), Ask { service, person, answer, answered, by })
    };
    Ok(select!(source, Row, sql)?.into_iter().map(ask).collect())
}

async fn circles(source: &Source) -> sqlx::Result<BTreeMap<String, Circle>> {
    let mut people = pairs(source, "SELECT circle_id, person_id FROM circle_people").await?;
    let mut approved: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let sql = "SELECT circle_id, kind, days FROM beforehand";
    for (circle, kind, days) in select!(source, (Uuid, String, i64), sql)? {
        approved.entry(hex(circle)).or_default().insert(kind, days);
    }
    let mut all = BTreeMap::new();
    for (circle, owner) in select!(source, (Uuid, Uuid), "SELECT id, owner_id FROM circles")? {
        let id = hex(circle);
        let circle = Circle {
            owner: hex(owner),
            people: people.remove(&id).unwrap_or_default(),
            approved: approved.remove(&id).unwrap_or_default(),
        };
        all.insert(id, circle);
    }
    Ok(all)
}
