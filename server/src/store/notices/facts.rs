//! What is stored of a thing, as far as notices are made of it.

use model::{AskId, OfferId, PersonId, ServiceId, TailnetId, Timestamp};
use notices::{
    AskFacts, CameFacts, Causes, CredentialFacts, HostFacts, Notice, OfferFacts, ProofFacts, ServiceFacts,
    ShareFacts, SharePeople, TailnetFacts, UnmanagedFacts, heard,
};

use super::{Stored, Subject, server};
use crate::store::asks::{self, Ask};
use crate::store::decode::{Damaged, FromRow, Row};
use crate::store::hosts::HostOfNode;
use crate::store::shares::Share;
use crate::store::tailnets::{Credential, causes, kind_parts};
use crate::store::{Tx, exposures, hosts, offers, outbox, proofs, shares, tailnets};

/// What there is to tell of one thing.
#[derive(Default)]
pub(super) struct Due {
    pub notices: Vec<Stored>,
    /// What is told outside of the app alone.
    pub tidings: Vec<(TailnetId, Notice)>,
    /// The friend of its share.
    pub friend: Option<PersonId>,
}

/// What is due of one thing; nothing if there is no such thing.
pub(super) async fn work_out(tx: &mut Tx, subject: Subject, now: Timestamp) -> sqlx::Result<Due> {
    let mut all = Due::default();
    let (tailnet, notices) = match subject {
        Subject::Share(id) => {
            let found = tx.query(shares::WITH_OWNER, (id,)).fetch_optional::<ShareRow>().await?;
            let Some(row) = found else { return Ok(all) };
            let acting = people_of(tx, row.tailnet).await?;
            let mut givers = acting.clone();
            givers.retain(|giver| *giver != row.owner);
            givers.push(row.owner);
            // Whoever lends a machine of theirs on somebody else's server, and does not review it.
            let lends = !acting.contains(&row.owner) && server::owner_reviews(tx, row.tailnet).await?;
            let told = causes::of(tx, row.tailnet).await?;
            let told = told.map(|causes| causes.told()).unwrap_or_default();
            all.friend = Some(row.friend);
            all.tidings = row.tidings(&givers, now);
            let mut notices = row.notices(&givers, told, now);
            if let Some(told) = proofs::of(tx, id).await? {
                let state = row.share.as_ref().ok().map(|share| &share.state);
                notices.extend(ProofFacts { state, told }.notices(&givers));
            }
            let came = server::account_came(tx, row.tailnet, row.friend).await?;
            let state = row.share.as_ref().ok().map(|share| &share.state);
            let people = SharePeople { friend: row.friend, givers: &givers };
            notices.extend(CameFacts { state, came, now }.notices(&people));
            let notices = if lends { notices::without_reviews_of(row.owner, notices) } else { notices };
            (row.tailnet, notices)
        }
        Subject::Offer(id) => {
            let found = tx.query(offers::WAITS, (id,)).fetch_optional::<OfferRow>().await?;
            let Some(row) = found else { return Ok(all) };
            (row.tailnet, row.facts.notices())
        }
        Subject::Tailnet(id) => {
            let Some(causes) = causes::of(tx, id).await? else { return Ok(all) };
            let handed = tailnets::handed_over(tx, id).await?;
            let facts = TailnetFacts { away: causes.away, policy: causes.policy, handed };
            (id, facts.notices(&people_of(tx, id).await?))
        }
        Subject::Credentials(id) => {
            let credentials = tx.query(tailnets::CREDENTIALS, (id,)).fetch_listed::<Credential>().await?;
            let people = people_of(tx, id).await?;
            let notices = credentials.rows.into_iter().flat_map(|one| facts(one).notices(&people));
            (id, notices.collect())
        }
        Subject::Unmanaged(id) => {
            let waiting = "SELECT found FROM strays WHERE tailnet_id = $1 AND kept IS NULL ORDER BY found";
            let found: Vec<Timestamp> = tx.query(waiting, (id,)).fetch_column().await?;
            let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
            let facts = UnmanagedFacts { count, first: found.first().copied().unwrap_or(now) };
            (id, facts.notices(&people_of(tx, id).await?))
        }
        Subject::Server(id) => {
            let facts = server::facts(tx, id).await?;
            (id, facts.notices(&people_of(tx, id).await?))
        }
        Subject::Exposure(id) => {
            let Some((tailnet, facts)) = exposures::facts(tx, id).await? else { return Ok(all) };
            (tailnet, facts.notices(&people_of(tx, tailnet).await?))
        }
        Subject::Ask(id) => {
            // One that cannot be read waits for nobody; it is said where it is looked at.
            let found = tx.query(asks::WITH_SERVICE, (id,)).fetch_listed::<AskRow>().await?;
            let Some(row) = found.readable().pop() else { return Ok(all) };
            all.friend = Some(row.ask.person);
            (row.tailnet, row.facts().notices(&givers_of(tx, id).await?))
        }
        Subject::Untold(_) | Subject::OfferMail(_) => {
            let untold = match subject {
                Subject::Untold(person) => outbox::untold::of_person(tx, person).await?,
                _ => outbox::untold::of_offer(tx, OfferId::new(subject.object())).await?,
            };
            for (tailnet, notice) in untold {
                let kept = without(tx, subject, vec![notice]).await?;
                all.notices.extend(kept.into_iter().map(|notice| Stored::new(notice, tailnet)));
            }
            return Ok(all);
        }
        Subject::Service(id) => {
            let Some((tailnet, ports_changed)) = of_service(tx, id).await? else { return Ok(all) };
            let facts = ServiceFacts { ports_changed, now };
            (tailnet, facts.notices(&people_of(tx, tailnet).await?))
        }
        Subject::Host(id) => {
            // Of one that cannot be read nothing is known; its text is made all the same.
            let found = tx.query(hosts::THERE, (id,)).fetch_listed::<HostOfNode>().await?;
            let Some(host) = found.readable().pop() else { return Ok(all) };
            let facts = HostFacts {
                revision: host.revision,
                made: host.made,
                fetches: host.host.token_made,
                told: host.host.told,
                pasted: host.host.pasted,
                refused: host.host.refused.map(|(since, _)| since),
            };
            (host.tailnet, facts.notices(&people_of(tx, host.tailnet).await?))
        }
    };
    let notices = without(tx, subject, notices).await?;
    all.notices = notices.into_iter().map(|notice| Stored::new(notice, tailnet)).collect();
    Ok(all)
}

/// Without news that was put aside. One that began at another time is another one.
async fn without(tx: &mut Tx, subject: Subject, mut notices: Vec<Notice>) -> sqlx::Result<Vec<Notice>> {
    if !notices.iter().any(|notice| notice.what.kind().is_news()) {
        return Ok(notices);
    }
    let sql = "SELECT person_id, kind, part, since FROM dismissals WHERE object_id = $1";
    let aside: Vec<(PersonId, String, String, Timestamp)> =
        tx.query(sql, (subject.object(),)).fetch_all().await?;
    notices.retain(|notice| {
        let kind = notice.what.kind();
        let is_aside = aside.iter().any(|(person, word, part, since)| {
            (*person, word.as_str(), part.as_str(), *since)
                == (notice.person, kind.as_str(), notice.part, notice.since)
        });
        !(kind.is_news() && is_aside)
    });
    Ok(notices)
}

fn facts(credential: Credential) -> CredentialFacts {
    let Credential { kind, refused, checked, expires, .. } = credential;
    CredentialFacts { parts: kind_parts(kind), refused, checked, expires }
}

/// Who acts for a tailnet.
async fn people_of(tx: &mut Tx, tailnet: TailnetId) -> sqlx::Result<Vec<PersonId>> {
    let people = "SELECT owner_id FROM tailnets WHERE id = $1 UNION SELECT person_id FROM stewards WHERE tailnet_id = $1";
    tx.query(people, (tailnet,)).fetch_column().await
}

/// In which tailnet a service is that is listed, and whether somebody is to look at its ports.
async fn of_service(tx: &mut Tx, id: ServiceId) -> sqlx::Result<Option<(TailnetId, bool)>> {
    let sql = "SELECT n.tailnet_id, s.ports_changed FROM services s JOIN nodes n ON n.id = s.node_id
         WHERE s.id = $1 AND s.removed IS NULL";
    let mut found: Vec<(TailnetId, bool)> = tx.query(sql, (id,)).fetch_all().await?;
    Ok(found.pop())
}

/// Who gives what is asked for.
async fn givers_of(tx: &mut Tx, ask: AskId) -> sqlx::Result<Vec<PersonId>> {
    tx.query(asks::GIVERS, (ask,)).fetch_column().await
}

/// A share, readable or not, and how its owner stands.
struct ShareRow {
    tailnet: TailnetId,
    owner: PersonId,
    friend: PersonId,
    accepted: Timestamp,
    share: Result<Share, Damaged>,
    owner_out: Option<Timestamp>,
}

impl FromRow for ShareRow {
    const TABLE: &'static str = Share::TABLE;
    const KEY: &'static [&'static str] = Share::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        Ok(Self {
            tailnet: row.get("tailnet_id")?,
            owner: row.get("owner_id")?,
            friend: row.get("friend_id")?,
            accepted: row.get("accepted")?,
            share: row.part(),
            owner_out: row.get("owner_out")?,
        })
    }
}

impl ShareRow {
    /// That it opened, is paused, or ended, for both sides.
    fn tidings(&self, givers: &[PersonId], now: Timestamp) -> Vec<(TailnetId, Notice)> {
        let state = self.share.as_ref().ok().map(|share| &share.state);
        let Some((what, since)) = state.and_then(|state| heard::tidings(state, now)) else {
            return Vec::new();
        };
        let tiding = |person: PersonId| {
            let (what, opens) = (what.clone(), Timestamp::from_micros(0));
            (self.tailnet, Notice { person, what, part: "", since, opens, closes: None })
        };
        let givers = givers.iter().copied().filter(|giver| *giver != self.friend);
        givers.chain([self.friend]).map(tiding).collect()
    }

    fn notices(&self, givers: &[PersonId], told: Causes, now: Timestamp) -> Vec<Notice> {
        let share = self.share.as_ref().ok();
        let facts = ShareFacts {
            state: share.map(|share| &share.state),
            asked: share.filter(|share| share.waits_for_other_ports()).and_then(|share| share.asked.as_ref()),
            longer: share.and_then(|share| share.longer.clone()).map(|one| (one.asked, one.until, one.note)),
            accepted: self.accepted,
            unasked: share.is_some_and(|share| share.deeds.unasked),
            ends: share.and_then(|share| share.ends),
            owner_out: self.owner_out,
            told,
            now,
        };
        facts.notices(&SharePeople { friend: self.friend, givers })
    }
}

/// An offer, and whether it still waits for its answer.
struct OfferRow {
    tailnet: TailnetId,
    facts: OfferFacts,
}

impl FromRow for OfferRow {
    const TABLE: &'static str = "offers";
    const KEY: &'static [&'static str] = &["id"];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let is = |column: &'static str| row.get::<i64>(column).map(|is| is == 1);
        let facts = OfferFacts {
            from: row.get("told")?,
            to: row.get("to_person")?,
            stands: is("stands")?,
            gone: is("gone")?,
            accepted: is("accepted")?,
            declined: row.get("declined")?,
            created: row.get("created")?,
            lapses: row.get("lapses")?,
            ends: row.get("ends")?,
        };
        Ok(Self { tailnet: row.get("tailnet_id")?, facts })
    }
}

/// An ask, and whether its service is listed.
struct AskRow {
    tailnet: TailnetId,
    gone: bool,
    ask: Ask,
}

impl FromRow for AskRow {
    const TABLE: &'static str = Ask::TABLE;
    const KEY: &'static [&'static str] = Ask::KEY;

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
        let removed: Option<Timestamp> = row.get("removed")?;
        Ok(Self { tailnet: row.get("tailnet_id")?, gone: removed.is_some(), ask: row.part()? })
    }
}

impl AskRow {
    fn facts(&self) -> AskFacts {
        let ask = self.ask.clone();
        AskFacts {
            service: ask.service,
            gone: self.gone,
            asker: ask.person,
            note: ask.note,
            until: ask.until,
            ends: ask.ends,
            asked: ask.asked,
            lapses: ask.lapses,
            later: ask.later,
            answer: ask.answer.zip(ask.answered),
            word: ask.word,
        }
    }
}
