//! A neighbourhood in which something is going on: made through the same questions that pages ask, so that the
//! demo holds nothing that the app could not have made.

use anyhow::{Context as _, anyhow};
use app::ports::Backend;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use app::ports::shares::Choice;
use model::{Decision, NodeId, ServiceId, ShareId, ShareState, TailnetId};

use super::Demo;
use crate::jobs::Runner;
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::store::people::Person;
use crate::use_cases;

mod gathered;

/// What is listed: by whom, on which network's node, name, kind, ports, about.
const LISTED: &[[&str; 7]] = &[
    [
        "ana",
        "ana",
        "maple",
        "Minecraft",
        "minecraft",
        "tcp:25565, udp:19132",
        "Java and Bedrock. Survival, no mods, be kind to the llamas.",
    ],
    [
        "ben",
        "ben",
        "jukebox",
        "Jukebox",
        "media",
        "tcp:8096",
        "Films and music of Olmo street. Ask Ben for an account.",
    ],
    [
        "ben",
        "ben",
        "forge",
        "Forge",
        "git",
        "tcp:443, tcp:22",
        "Repositories of the house, and a place for yours.",
    ],
    [
        "chiara",
        "chiara",
        "blog",
        "Drafts",
        "http",
        "tcp:443",
        "The blog before it is public. Comments welcome.",
    ],
    [
        "chiara",
        "chiara",
        "cellar",
        "Backups",
        "other",
        "tcp:8000",
        "A shelf for restic backups, 200 GB each.",
    ],
    [
        "chiara",
        "mill",
        "weir",
        "Voices",
        "other",
        "tcp:64738, udp:64738",
        "Mumble for everybody around the mill.",
    ],
    ["ben", "oven", "bakery", "Recipes", "http", "tcp:443", "What the oven likes, and what it does not."],
];

/// A setting that says that all of it is there.
const SEEDED: &str = "demo_seeded";

/// Seeds the built-in world, once. A seed that was interrupted goes on where it was.
///
/// # Errors
/// When something that the app offers does not work.
pub async fn seed(state: &AppState, demo: &Demo, people: &[Person]) -> anyhow::Result<()> {
    let begun = !state.db.list_tailnets().await?.whole()?.is_empty();
    // Networks that are there without the simulator in which they are were seeded before that was kept.
    if state.db.find_setting(SEEDED).await?.is_some() || begun && !demo.resumed {
        return Ok(());
    }
    // Whoever worked on it before is gone, and the data is nobody else's.
    state.db.unlock_jobs().await?;
    make(state, demo, people).await?;
    state.db.put_setting(SEEDED, "yes").await?;
    Ok(())
}

async fn make(state: &AppState, demo: &Demo, people: &[Person]) -> anyhow::Result<()> {
    let seeding = Seeding { state, people };
    let mut connected: Vec<(String, TailnetId)> = Vec::new();
    for (login, form) in &demo.keyring() {
        // Dario has not connected his: what waits for a new person is seen with him.
        if form.name == "dario" {
            continue;
        }
        let owner = seeding.of(login)?;
        let known = owner.tailnets.list().await?.items.into_iter().find(|card| card.name == form.name);
        let id = match known {
            Some(card) => card.id,
            None => owner.tailnets.connect(form.clone()).await?,
        };
        connected.push((form.name.clone(), id));
    }
    Runner::new(state.clone()).drain().await?;
    let mut services_made: Vec<(&str, ServiceId)> = Vec::new();
    for [by, network, node, name, kind, ports, about] in LISTED {
        let known = connected.iter().find(|(known, _)| known == network);
        let (_, id) = known.context("a network of the seed")?;
        let node = seeding.node(*id, node).await?;
        let form = ServiceForm {
            name: (*name).into(),
            kind: (*kind).into(),
            ports: (*ports).into(),
            about: (*about).into(),
            audience: "everybody".into(),
            people: Vec::new(),
            ..ServiceForm::default()
        };
        let known = state.db.list_services_of_node(node).await?;
        let id = match known.iter().find(|known| known.service.name == *name) {
            Some(known) => known.service.id,
            None => seeding.by_name(by)?.services.create(node, form).await?,
        };
        services_made.push((name, id));
    }
    let service = |name: &str| {
        let found = services_made.iter().find(|(known, _)| *known == name);
        found.map(|(_, id)| *id).with_context(|| format!("the service {name} of the seed"))
    };
    // Ana watches films at Ben's; Chiara waits for Ben's answer; Ben keeps backups at Chiara's, who has no token.
    seeding.share(service("Jukebox")?, "ben", "ana", "month", "Bring popcorn.", true).await?;
    seeding.share(service("Forge")?, "ben", "chiara", "ended", "For the theme of the blog.", false).await?;
    seeding.share(service("Backups")?, "chiara", "ben", "ended", "", true).await?;
    // Around the mill Ben talks along, and of Ana Chiara has yet to say who she is there; the oven's policy is a file, into
    // which Ben has to put the text himself.
    seeding.share(service("Voices")?, "chiara", "ben", "month", "Thursdays at eight.", true).await?;
    seeding.share(service("Voices")?, "chiara", "ana", "ended", "", false).await?;
    seeding.share(service("Recipes")?, "ben", "chiara", "ended", "Yours are missing.", true).await?;
    // Chiara would see films too, and waits for Ben's answer; both guests of his are in a circle.
    seeding.ask("chiara", service("Jukebox")?, "Is there room for one more on Sunday?").await?;
    let (_, ben) = connected.iter().find(|(known, _)| known == "ben").context("a network of the seed")?;
    seeding.circle("ben", ["ana", "chiara"], seeding.node(*ben, "jukebox").await?).await
}

struct Seeding<'a> {
    state: &'a AppState,
    people: &'a [Person],
}

impl Seeding<'_> {
    fn viewer(&self, person: &Person) -> Backend {
        let viewer = Viewer::Person { id: person.id, instance_owner: person.instance_owner };
        use_cases::backend(self.state, viewer, BrowserSession::default())
    }

    fn of(&self, login: &str) -> anyhow::Result<Backend> {
        let about = |person: &&Person| person.demo_about.as_deref().unwrap_or_default().starts_with(login);
        Ok(self.viewer(self.people.iter().find(about).with_context(|| format!("nobody is {login}"))?))
    }

    /// By the first name in small letters, as tailnets are named.
    fn person(&self, name: &str) -> anyhow::Result<&Person> {
        let found = self.people.iter().find(|person| person.name.to_lowercase().starts_with(name));
        found.with_context(|| format!("nobody is called {name}"))
    }

    fn by_name(&self, name: &str) -> anyhow::Result<Backend> {
        Ok(self.viewer(self.person(name)?))
    }

    async fn node(&self, tailnet: TailnetId, name: &str) -> anyhow::Result<NodeId> {
        let nodes = self.state.db.list_nodes(tailnet).await?;
        nodes
            .into_iter()
            .find(|node| node.name == name)
            .map(|node| node.id)
            .ok_or_else(|| anyhow!("no {name}"))
    }

    async fn share(
        &self,
        service: ServiceId,
        owner: &str,
        friend_name: &str,
        until: &str,
        note: &str,
        apply: bool,
    ) -> anyhow::Result<()> {
        let (friend_id, now) = (self.person(friend_name)?.id, self.state.now());
        let (owner, friend) = (self.by_name(owner)?, self.by_name(friend_name)?);
        let db = &self.state.db;
        let known = db.list_shares_of_service_before(service, Some(friend_id), None, 1).await?;
        let share = if let Some(known) = known.first() {
            known.id
        } else {
            let open = db.list_open_offers_of_service(service, now, None, 50).await?;
            let form = OfferForm {
                service: service.to_string(),
                to: "person".into(),
                person: friend_id.to_string(),
                until: until.into(),
                note: note.into(),
                ..OfferForm::default()
            };
            let known = open.iter().find(|offer| offer.to_person == Some(friend_id)).map(|offer| offer.id);
            let offer = if let Some(id) = known { id } else { owner.offers.create(form).await?.0 };
            let invitation = friend.offers.open(offer.to_string()).await?;
            let app::ports::offers::Answer::Possible { logins, .. } = invitation.answer else {
                anyhow::bail!("the seed's offer cannot be answered: {:?}", invitation.answer)
            };
            let login = logins.first().cloned().context("a login of the friend")?;
            friend.offers.accept(offer.to_string(), login).await?
        };
        let state = db.find_share(share).await?.context("a share of the seed")?.state;
        let apply = apply && matches!(state, ShareState::Accepted { .. });
        if apply {
            self.known_there(&owner, share, friend_name).await?;
            let review = owner.shares.review(share).await?;
            // Where it would give more than that, the owner decides.
            if matches!(review.choice, Choice::Exact) {
                owner.shares.apply(share, review.plan, Decision::Apply).await?;
            }
        }
        // Also of one that was interrupted half-way.
        Runner::new(self.state.clone()).drain().await?;
        Ok(())
    }

    /// On a server: the owner says which account the friend is, the one that is likely or has their name.
    async fn known_there(&self, owner: &Backend, share: ShareId, friend: &str) -> anyhow::Result<()> {
        let Some(choice) = owner.members.choice(share, String::new(), false).await? else { return Ok(()) };
        let named = choice.accounts.into_iter().find(|(_, shown)| shown.contains(friend));
        let account = choice.likely.or(named).context("an account of the friend")?.0;
        Ok(owner.members.choose(share, account).await?)
    }
}
