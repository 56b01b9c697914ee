//! Home: what waits for the viewer, and the first steps of somebody new.

use app::fault::Fault;
use app::paths;
use app::ports::inbox::{HomeView, Inbox, Item, Kind, Step};
use app::ports::paging::{PAGE, Paged};
use async_trait::async_trait;
use model::{OfferId, PersonId, ShareState, Timestamp};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::inbox::OfferToAnswer;

mod own;

const OPEN_GATES: usize = 10;

/// Where a page of what waits goes on.
enum Cursor {
    /// Among what is about one's own networks and shares.
    Own(Timestamp, String),
    /// Among offers of others.
    Offer(Timestamp, OfferId),
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('.')?;
        let (at, last) = rest.split_once('.')?;
        let at = Timestamp::from_micros(at.parse().ok()?);
        match kind {
            "own" => Some(Self::Own(at, last.to_owned())),
            "offer" => Some(Self::Offer(at, last.parse().ok()?)),
            _ => None,
        }
    }
}

#[async_trait]
impl Inbox for Asker {
    async fn home_page(&self, after: Option<String>) -> Result<HomeView, Fault> {
        let me = self.me()?;
        let (db, now) = (&self.state.db, self.state.now());
        let shares = db.list_shares_of_person(me).await.or_internal("list the shares")?;
        let mut own = self.own(me, &shares).await?;
        let offers = db.count_offers_to_answer(me, now).await.or_internal("count the offers")?;
        let count = counted(own.len(), offers);
        let mut after_offer = None;
        match after.as_deref().and_then(Cursor::parse) {
            None => {}
            Some(Cursor::Own(at, name)) => own.retain(|waiting| (waiting.since, &waiting.name) < (at, &name)),
            Some(Cursor::Offer(at, id)) => {
                own.clear();
                after_offer = Some((at, id));
            }
        }
        own.truncate(PAGE + 1);
        let left = PAGE + 1 - own.len();
        let offers = db.list_offers_to_answer(me, now, after_offer, left).await;
        let offers = offers.or_internal("list the offers")?;
        self.known().await?;
        let own = own.into_iter().map(|it| (format!("own.{}.{}", it.since.micros(), it.name), it.item));
        let offers = offers
            .into_iter()
            .map(|offer| (format!("offer.{}.{}", offer.created.micros(), offer.id), self.to_answer(offer)));
        let page = Paged::of(own.chain(offers).collect(), |(cursor, _)| cursor.clone());
        let mut open = shares.readable();
        open.retain(|share| matches!(share.state, ShareState::Active { .. }));
        open.sort_by_key(|share| (share.ends.is_none(), share.ends, share.id));
        open.truncate(OPEN_GATES);
        Ok(HomeView {
            count,
            items: page.items.into_iter().map(|(_, item)| item).collect(),
            next: page.next,
            steps: self.steps(me).await?,
            open: self.gates_of_shares(&open).await?,
        })
    }
}

impl Asker {
    /// How much waits, for the counter in the frame.
    pub(super) async fn inbox_count(&self, me: PersonId) -> Result<u32, Fault> {
        let offers = self.state.db.count_offers_to_answer(me, self.state.now()).await;
        let offers = offers.or_internal("count the offers")?;
        let shares = self.state.db.list_shares_of_person(me).await.or_internal("list the shares")?;
        Ok(counted(self.own(me, &shares).await?.len(), offers))
    }

    async fn steps(&self, me: PersonId) -> Result<Vec<Step>, Fault> {
        let done = self.state.db.first_steps(me).await.or_internal("look how far they came")?;
        // Somebody who only receives has nothing to set up.
        if done.tailnet.is_none() && done.has_share {
            return Ok(Vec::new());
        }
        let node_page = done.tailnet.map_or_else(paths::connect_tailnet, paths::tailnet);
        let steps = vec![
            step(
                "Connect your tailnet",
                "Reading comes first: you see your machines, and what would be shared, before anything can be written.",
                paths::connect_tailnet(),
                done.tailnet.is_some(),
            ),
            step(
                "List a service",
                "Choose a machine and say what runs on it, such as a Minecraft server.",
                node_page,
                done.service.is_some(),
            ),
            step(
                "Offer it to a friend",
                "A link for one person, for an evening or until you end it.",
                paths::new_offer(done.service),
                done.offered,
            ),
        ];
        Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
    }

    fn to_answer(&self, offer: OfferToAnswer) -> Item {
        let owner = self.known_as(offer.made_by, offer.owner);
        Item {
            kind: Kind::Offer,
            title: format!("{owner} offers you {}", offer.service),
            detail: (!offer.note.is_empty()).then_some(offer.note),
            href: paths::invitation(&offer.id.to_string()),
            action: "Answer".into(),
            at: offer.created,
        }
    }
}

fn counted(own: usize, offers: i64) -> u32 {
    let offers = u32::try_from(offers).unwrap_or(u32::MAX);
    u32::try_from(own).unwrap_or(u32::MAX).saturating_add(offers)
}

fn step(title: &str, detail: &str, href: String, done: bool) -> Step {
    Step { title: title.into(), detail: detail.into(), href, done }
}
