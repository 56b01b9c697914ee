use std::net::TcpListener;

use anyhow::Context;
use playwright_rs::{Browser, SelectOption};
use simulator::{Listen, Simulator, World};

use crate::provider::Provider;
use crate::{App, Script, Visitor};

/// Everything that a journey needs besides people: `acequia serve`, the simulated control plane that it is
/// configured for, and a real OpenID provider to sign in with.
pub struct Stage {
    pub app: App,
    pub simulator: Simulator,
    pub world: World,
    _provider: Provider,
}

impl Stage {
    /// # Errors
    /// When a part does not start.
    pub async fn set(world: World) -> anyhow::Result<Self> {
        Self::with(world, "").await
    }

    /// With more in the configuration.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub async fn with(world: World, more: &str) -> anyhow::Result<Self> {
        let simulator = Simulator::start(world.clone(), Listen::default()).await?;
        // The provider has to know where the app will be, and the app where the provider is.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let base_url = format!("http://{address}");
        let provider = Provider::start(&format!("{base_url}/sign-in/callback/village")).await?;
        let app = App::serve(&format!(
            "listen = '{address}'
            base_url = '{base_url}'
            data = '.'
            [providers.village]
            kind = 'oidc'
            label = 'the village'
            issuer = '{}'
            client_id = 'acequia'
            client_secret = 'of the journey'
            [control_planes.simulator]
            label = 'Simulator'
            url = '{}'
            {}
            [timing]
            sync = '1s'
            jobs = '200ms'
            retry = '500ms'
            joining = '500ms'
            {more}",
            provider.issuer,
            simulator.api_url(),
            servers(&simulator),
        ))
        .await?;
        Ok(Self { app, simulator, world, _provider: provider })
    }

    /// The first person, who has the set-up code, at a browser of their own.
    ///
    /// # Errors
    /// When they do not come in.
    pub async fn owner(&self, browser: &Browser, script: Script, email: &str) -> anyhow::Result<Visitor> {
        let owner = Visitor::arrive(browser, &self.app, script).await?;
        self.owns(&owner, email).await?;
        Ok(owner)
    }

    /// The same for somebody who is at a browser already.
    ///
    /// # Errors
    /// When they do not come in.
    pub async fn owns(&self, owner: &Visitor, email: &str) -> anyhow::Result<()> {
        owner.open("/sign-in").await?;
        owner.fill("Set-up code", &self.app.setup_code().await?).await?;
        owner.press("Continue").await?;
        self.sign_in(owner, email).await
    }

    /// From the sign-in page through the provider and back.
    ///
    /// # Errors
    /// When a page on the way is not what it should be.
    pub async fn sign_in(&self, visitor: &Visitor, email: &str) -> anyhow::Result<()> {
        visitor.press("Continue with the village").await?;
        visitor.page.get_by_placeholder("Enter any login", true).fill(email, None).await?;
        visitor.page.get_by_placeholder("and password", true).fill("any", None).await?;
        visitor.press("Sign-in").await?;
        visitor.press("Continue").await.context("consenting at the provider")?;
        visitor.comes_home().await.with_context(|| format!("signing in as `{email}`"))
    }

    /// The tailnet of this name, as the world's file has it.
    ///
    /// # Errors
    /// When there is none.
    pub fn tailnet(&self, name: &str) -> anyhow::Result<&simulator::world::Tailnet> {
        let found = self.world.tailnets.iter().find(|tailnet| tailnet.name == name);
        found.with_context(|| format!("no tailnet `{name}` in this world"))
    }

    /// Connects a tailnet with the credentials that the world has for it, and waits until its machines are there.
    ///
    /// # Errors
    /// When it is not connected.
    pub async fn connect(&self, visitor: &Visitor, name: &str) -> anyhow::Result<()> {
        let tailnet = self.tailnet(name)?;
        let client = tailnet.clients.first().context("the tailnet has no client")?;
        visitor.open("/tailnets/new").await?;
        visitor.fill("Name", &format!("The {name} place")).await?;
        visitor.fill("Client id", &client.id).await?;
        visitor.fill("Client secret", &client.secret).await?;
        visitor.press("Check and connect").await?;
        // Looking comes first; what it takes to open gates is put in on the page of the tailnet.
        visitor.arrives("/tailnets/[^/]+/reach$").await?;
        let page = visitor.path().trim_end_matches("/reach").to_owned();
        visitor.open(&page).await?;
        if let Some(token) = tailnet.tokens.first() {
            visitor.page.get_by_text("Add one", true).first().click(None).await?;
            visitor.fill("User token", &token.secret).await?;
            visitor.press("Check and keep").await?;
            visitor.sees("The user token works").await?;
        }
        let machine = tailnet.devices.first().context("the tailnet has no device")?;
        visitor.watches(&machine.hostname).await
    }

    /// Connects a Headscale with the API key that the world has for it, and waits until its machines are there.
    ///
    /// # Errors
    /// When it is not connected.
    pub async fn connect_server(&self, visitor: &Visitor, name: &str) -> anyhow::Result<()> {
        let found = self.world.headscales.iter().find(|server| server.name == name);
        let server = found.with_context(|| format!("no server `{name}` in this world"))?;
        let key = server.api_keys.first().context("the server has no API key")?;
        let url = self.simulator.headscale_url(name).context("the server is not served")?;
        visitor.open("/tailnets/new").await?;
        visitor.fill("Name", &format!("The {name}")).await?;
        let plane = visitor.field("Control plane");
        plane.first().select_option(SelectOption::Value(url), None).await?;
        visitor.fill("API key", &key.secret).await?;
        visitor.fill("End of its names", &server.base_domain).await?;
        visitor.fill("Where clients log in", &format!("https://{name}.example")).await?;
        visitor.press("Check and connect").await?;
        visitor.arrives("/tailnets/[^/]+/reach$").await?;
        let page = visitor.path().trim_end_matches("/reach").to_owned();
        visitor.open(&page).await?;
        let machine = server.nodes.first().context("the server has no machine")?;
        visitor.watches(&machine.name).await
    }
}

/// The servers of the world, behind the simulator: what comes first is what is proposed.
fn servers(simulator: &Simulator) -> String {
    let names = simulator.headscales().into_iter();
    let parts = names.filter_map(|name| {
        let url = simulator.headscale_url(&name)?;
        Some(format!("[control_planes.the_{name}]\nlabel = 'The {name}'\nurl = '{url}'\n"))
    });
    parts.collect()
}
