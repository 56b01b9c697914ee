//! The app with control planes of which it is known what they began with.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use load::app::App;
use load::wire::Client;
use simulator::{TailnetView, World};

pub struct Planes {
    pub app: App,
    world: World,
}

impl Planes {
    /// # Errors
    /// When the app does not start.
    pub async fn start(binary: &Path, world: World) -> anyhow::Result<Self> {
        let app = App::start(binary, &serde_json::to_string(&world)?).await?;
        Ok(Self { app, world })
    }

    /// What the control planes have now.
    ///
    /// # Errors
    /// When the switches do not answer.
    pub async fn all(&self) -> anyhow::Result<Vec<TailnetView>> {
        let mut client = Client::new([127, 0, 0, 1].into(), self.app.switches);
        let mut planes = Vec::new();
        for tailnet in &self.world.tailnets {
            let answer = client.get(&format!("/tailnets/{}", tailnet.name)).await?;
            planes.push(serde_json::from_str(&answer.body).context("what the switches say")?);
        }
        Ok(planes)
    }

    /// A friend opens the link of an invite in their browser.
    ///
    /// # Errors
    /// When the control plane refuses.
    pub async fn open_invite(switches: SocketAddr, name: &str, invite: &str) -> anyhow::Result<()> {
        let mut client = Client::new([127, 0, 0, 1].into(), switches);
        let body = serde_json::json!({ "login": crate::world::login(name), "invite": invite });
        let answer = client
            .send("POST", &format!("/tailnets/{name}/accept"), Some(("application/json", &body.to_string())))
            .await?;
        anyhow::ensure!(answer.status == 200, "the invite could not be opened: {}", answer.body);
        Ok(())
    }

    /// The credentials of somebody's tailnet.
    ///
    /// # Errors
    /// When there is no such tailnet.
    pub fn tailnet(&self, name: &str) -> anyhow::Result<&simulator::world::Tailnet> {
        let found = self.world.tailnets.iter().find(|tailnet| tailnet.name == name);
        found.with_context(|| format!("no tailnet `{name}`"))
    }

    /// Everything in the world that opens something.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.world.tailnets.iter().flat_map(|tailnet| {
            let clients = tailnet.clients.iter().map(|client| client.secret.as_str());
            let tokens = tailnet.tokens.iter().map(|token| token.secret.as_str());
            clients.chain(tokens).map(|secret| (tailnet.name.as_str(), secret))
        })
    }
}
