//! Home: what waits for the viewer, and the first steps of somebody new.

use app::fault::Fault;
use app::paths;
use app::ports::inbox::{Counted, Dismiss, HomeView, Inbox, Item, Step};
use app::ports::paging::{PAGE, Paged};
use async_trait::async_trait;
use model::{PersonId, Timestamp};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::state::Viewer;
use crate::store::notices::{COUNTED, Listing, Place};
use crate::words::{first_steps, notice};

const OPEN_GATES: usize = 10;

#[async_trait]
impl Inbox for Asker {
    async fn home_page(&self, after: Option<String>) -> Result<HomeView, Fault> {
        let me = self.me()?;
        let (db, now) = (&self.state.db, self.state.now());
        let place = after.as_deref().and_then(parse);
        let listed = db.list_notices(me, now, place.as_ref(), PAGE + 1).await;
        let listed = listed.or_internal("list what waits")?.readable();
        self.known().await?;
        let listed = listed.into_iter().map(|waiting| self.called_in(waiting)).collect();
        let page = Paged::of(listed, |waiting| written(&waiting.place));
        let item =
            |waiting: &Listing| notice::item(waiting, waiting.friend_is(me), (now, self.session.zone()));
        let live = self.about_the_database().filter(|_| place.is_none());
        let open = db.list_open_gates(me, OPEN_GATES).await.or_internal("list the open gates")?.readable();
        Ok(HomeView {
            count: self.inbox_count(me).await?,
            items: live.into_iter().chain(page.items.iter().map(item)).collect(),
            next: page.next,
            steps: self.steps(me).await?,
            open: self.gates_of_shares(&open).await?,
        })
    }

    async fn dismiss(&self, Dismiss { kind, object, part }: Dismiss) -> Result<(), Fault> {
        let me = self.me()?;
        let object = object.parse().map_err(|_| Fault::NotFound)?;
        if !kind.is_news() {
            return Err(Fault::NotFound);
        }
        // One that is gone by now is as good as put aside.
        let put_aside = self.state.db.dismiss_notice(me, (kind, object, &part), self.state.now()).await;
        put_aside.map(drop).or_internal("put it aside")
    }
}

impl Asker {
    /// How much waits, for the counter in the frame: one statement.
    pub(super) async fn inbox_count(&self, me: PersonId) -> Result<Counted, Fault> {
        let stored = self.state.db.count_notices(me, self.state.now()).await;
        let stored = stored.or_internal("count what waits")?;
        let live = i64::from(self.about_the_database().is_some());
        let count = u32::try_from((stored + live).min(COUNTED)).unwrap_or_default();
        Ok(Counted { count, or_more: stored + live >= COUNTED })
    }

    /// For whoever can do something about it. It is not stored: that is what cannot be done.
    fn about_the_database(&self) -> Option<Item> {
        let state = &self.state;
        let (trouble, overdue) = (state.signals.health.trouble(), state.signals.overdue.count());
        let owner = matches!(self.viewer, Viewer::Person { instance_owner: true, .. });
        let waits = owner && (trouble.is_some() || overdue > 0);
        waits.then(|| notice::database(trouble, overdue, state.now()))
    }

    /// With people called as on every page.
    fn called_in(&self, waiting: Listing) -> Listing {
        let called = |(id, name)| (id, self.known_as(id, name));
        Listing { owner: waiting.owner.map(called), friend: waiting.friend.map(called), ..waiting }
    }

    async fn steps(&self, me: PersonId) -> Result<Vec<Step>, Fault> {
        let done = self.state.db.first_steps(me).await.or_internal("look how far they came")?;
        // Somebody who only receives has nothing to set up.
        if done.tailnet.is_none() && done.has_share {
            return Ok(Vec::new());
        }
        let node_page = done.tailnet.map_or_else(paths::connect_tailnet, paths::what_runs);
        let steps = vec![
            first_steps::connect(done.tailnet.is_some()),
            first_steps::list(node_page, done.service.is_some()),
            first_steps::offer(done.service, done.offered),
        ];
        Ok(if steps.iter().all(|step| step.done) { Vec::new() } else { steps })
    }
}

/// Where a page goes on, for its address: `RANK.SINCE.KIND.OBJECT.PART`.
fn written(Place { rank, since, kind, object, part }: &Place) -> String {
    format!("{rank}.{}.{kind}.{}.{part}", since.micros(), object.simple())
}

fn parse(text: &str) -> Option<Place> {
    let mut parts = text.splitn(5, '.');
    Some(Place {
        rank: parts.next()?.parse().ok()?,
        since: Timestamp::from_micros(parts.next()?.parse().ok()?),
        kind: parts.next()?.parse().ok()?,
        object: parts.next()?.parse().ok()?,
        part: parts.next()?.to_owned(),
    })
}
