//! A neighbourhood in which something is going on: made through the same questions that pages ask, so that the
//! demo holds nothing that the app could not have made.

use anyhow::{Context as _, anyhow};
use app::ports::Backend;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use model::{Decision, NodeId, ServiceId, TailnetId};

use super::Demo;
use crate::jobs::Runner;
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::store::people::Person;
use crate::use_cases;

/// What is listed: owner's tailnet, node, name, kind, ports, about.
const LISTED: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "ana",
        "maple",
        "Minecraft",
        "minecraft",
        "tcp:25565, udp:19132",
        "Java and Bedrock. Survival, no mods, be kind to the llamas.",
    ),
    (
        "ben",
        "jukebox",
        "Jukebox",
        "media",
        "tcp:8096",
        "Films and music of Olmo street. Ask Ben for an account.",
    ),
    ("ben", "forge", "Forge", "git", "tcp:443, tcp:22", "Repositories of the house, and a place for yours."),
    ("chiara", "blog", "Drafts", "http", "tcp:443", "The blog before it is public. Comments welcome."),
    ("chiara", "cellar", "Backups", "other", "tcp:8000", "A shelf for restic backups, 200 GB each."),
];

/// Seeds the built-in world, once.
///
/// # Errors
/// When something that the app offers does not work.
pub async fn seed(state: &AppState, demo: &Demo, people: &[Person]) -> anyhow::Result<()> {
    let seeding = Seeding { state, people };
    if !state.db.list_tailnets().await?.is_empty() {
        return Ok(());
    }
    let mut connected: Vec<(String, TailnetId)> = Vec::new();
    for (login, form) in &demo.keyring() {
        // Dario has not connected his: what waits for a new person is seen with him.
        if form.name == "dario" {
            continue;
        }
        let name = form.name.clone();
        let id = seeding.of(login)?.tailnets.connect(form.clone()).await?;
        connected.push((name, id));
    }
    Runner::new(state.clone()).drain().await?;
    let mut services_made: Vec<(&str, ServiceId)> = Vec::new();
    for (tailnet, node, name, kind, ports, about) in LISTED {
        let (_, id) =
            connected.iter().find(|(known, _)| known == tailnet).context("a tailnet of the seed")?;
        let node = seeding.node(*id, node).await?;
        let form = ServiceForm {
            name: (*name).into(),
            kind: (*kind).into(),
            ports: (*ports).into(),
            about: (*about).into(),
            audience: "everybody".into(),
            people: Vec::new(),
        };
        let id = seeding.by_name(tailnet)?.services.create(node, form).await?;
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
    Ok(())
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
        friend: &str,
        until: &str,
        note: &str,
        apply: bool,
    ) -> anyhow::Result<()> {
        let form = OfferForm {
            service: service.to_string(),
            to: "person".into(),
            person: self.person(friend)?.id.to_string(),
            until: until.into(),
            note: note.into(),
            ..OfferForm::default()
        };
        let (owner, friend) = (self.by_name(owner)?, self.by_name(friend)?);
        let (_, token) = owner.offers.create(form).await?;
        let invitation = friend.offers.open(token.clone()).await?;
        let app::ports::offers::Answer::Possible { logins, .. } = invitation.answer else {
            anyhow::bail!("the seed's offer cannot be answered: {:?}", invitation.answer)
        };
        let login = logins.first().cloned().context("a login of the friend")?;
        let share = friend.offers.accept(token, login).await?;
        if apply {
            let review = owner.shares.review(share).await?;
            owner.shares.apply(share, review.plan, Decision::Apply).await?;
            Runner::new(self.state.clone()).drain().await?;
        }
        Ok(())
    }
}
