//! The demo: the app with the built-in simulator and the people of a world. Nothing here exists in `serve`.

use std::path::Path;

use anyhow::Context as _;
use app::ports::tailnets::ConnectForm;
use simulator::world::Headscale;
use simulator::{Kept, Listen, Simulator, World};
use url::Url;
use world::Records;

use crate::config::{ControlPlane, DemoKit};
use crate::state::AppState;
use crate::store::identities::Identity;
use crate::store::people::Person;

mod little_services;
mod records;
mod seed;

pub use little_services::Loopback;
pub use records::store as store_records;
pub use seed::seed;

/// The provider of identities that were seeded, for reading only: nobody can sign in through it.
const PROVIDER: &str = "demo";

/// The simulator of a demo with the world that it serves.
#[derive(Debug)]
pub struct Demo {
    pub simulator: Simulator,
    pub world: World,
    /// It goes on with what was kept.
    pub resumed: bool,
}

/// In the data folder: the simulated control plane as it is.
const KEPT_IN: &str = "simulator.json";

/// Networks, and what the app holds of them where the file says that too.
#[derive(Debug)]
pub struct Given {
    pub networks: World,
    pub records: Option<Records>,
}

/// Reads a world: a world file, a capture of the policy vectors, or a world that was made with what the app holds.
///
/// # Errors
/// When it cannot be read, or is none of these.
pub fn read_world(file: &Path) -> anyhow::Result<Given> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the world `{}`", file.display()))?;
    let is_no_world = || format!("`{}` is no world", file.display());
    let is_json = text.trim_start().starts_with('{');
    if is_json && text.contains("\"records\"") {
        let world: world::World = serde_json::from_str(&text).with_context(is_no_world)?;
        return Ok(Given { networks: world.networks, records: Some(world.records) });
    }
    let capture = is_json && text.contains("\"topology\"");
    let networks = if capture { World::from_capture(&text) } else { World::parse(&text) };
    Ok(Given { networks: networks.with_context(is_no_world)?, records: None })
}

impl Demo {
    /// Starts the simulator.
    ///
    /// # Errors
    /// When the world contradicts itself.
    pub async fn start(world: World, listen: Listen) -> anyhow::Result<Self> {
        let simulator = Simulator::start(world.clone(), listen).await?;
        Ok(Self { simulator, world, resumed: false })
    }

    /// The one that is kept in a data folder, at its own address; a new one with this world if there is none. `asked` says
    /// whether somebody named the world.
    ///
    /// # Errors
    /// When the kept one has another world than the one that was asked for, or its address is taken.
    pub async fn in_folder(folder: &Path, world: World, asked: bool) -> anyhow::Result<Self> {
        let Some(kept) = Kept::read(&folder.join(KEPT_IN))? else {
            return Self::start(world, Listen::default()).await;
        };
        anyhow::ensure!(
            !asked || kept.world == world,
            "the data in `{}` is of another world; leave --world out to go on with it, or name another folder",
            folder.display()
        );
        let (world, port) = (kept.world.clone(), kept.ports.api);
        let simulator = Simulator::resume(kept).await.with_context(|| {
            format!(
                "the simulated control plane of the data in `{}` has to be at 127.0.0.1:{port}, where its tailnets look for \
                 it, and cannot be: stop what is there, such as another demo with the same data, and start again; nothing \
                 was changed",
                folder.display()
            )
        })?;
        Ok(Self { simulator, world, resumed: true })
    }

    /// Keeps the simulator in the data folder, which is ours from now on.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn keep_in(&self, folder: &Path) -> anyhow::Result<()> {
        let kept = self.simulator.keep_in(&folder.join(KEPT_IN), &self.world);
        kept.context("cannot keep the simulated control plane with the data")
    }

    /// What may be connected: the simulator for tailnets, and each of its servers.
    ///
    /// # Errors
    /// Never for addresses that are listened on.
    pub fn control_planes(&self) -> anyhow::Result<Vec<ControlPlane>> {
        let mut planes = vec![ControlPlane::new(Url::parse(&self.simulator.api_url())?, "Simulator")];
        for server in &self.world.headscales {
            let url = self.simulator.headscale_url(&server.name).context("a server of the world")?;
            planes.push(ControlPlane::new(Url::parse(&url)?, &server.name));
        }
        Ok(planes)
    }

    /// The owners of the world's tailnets, as people whom one can sign in as. Those who are there already stay.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub async fn people(&self, state: &AppState) -> anyhow::Result<Vec<Person>> {
        let known = state.db.list_demo_people().await?;
        if !known.is_empty() {
            return Ok(known);
        }
        for (index, tailnet) in self.world.tailnets.iter().enumerate() {
            let owner = tailnet.users.iter().find(|user| user.role == "owner").or(tailnet.users.first());
            let Some(owner) = owner else { continue };
            let now = state.now();
            let nodes: Vec<&str> =
                tailnet.devices.iter().take(3).map(|device| device.hostname.as_str()).collect();
            let person = Person {
                id: state.new_id(),
                name: if owner.name.is_empty() { owner.login.clone() } else { owner.name.clone() },
                instance_owner: index == 0,
                demo_about: Some(format!("{}, with {}", owner.login, nodes.join(", "))),
                created: now,
            };
            state.db.insert_person(&person).await?;
            let identity = Identity {
                id: state.new_id(),
                person: person.id,
                provider: PROVIDER.into(),
                subject: owner.login.clone(),
                label: owner.login.clone(),
                email: Some(owner.login.clone()),
                linked: now,
            };
            state.db.insert_identity(&identity).await?;
        }
        Ok(state.db.list_demo_people().await?)
    }
}

impl Demo {
    /// What the demo's configuration has besides.
    pub fn kit(&self) -> DemoKit {
        DemoKit { control: self.simulator.control_url(), keyring: self.keyring() }
    }

    /// The credentials of each owner, by login; those of servers last.
    pub fn keyring(&self) -> Vec<(String, ConnectForm)> {
        let forms = self.world.tailnets.iter().filter_map(|tailnet| {
            let client = tailnet.clients.first()?;
            let token = tailnet.tokens.iter().find(|token| token.expires_in_days > 0);
            let owner = tailnet.users.iter().find(|user| user.role == "owner").or(tailnet.users.first())?;
            let form = ConnectForm {
                name: tailnet.name.clone(),
                base_url: String::new(),
                client_id: client.id.clone(),
                client_secret: client.secret.clone(),
                user_token: token.map(|token| token.secret.clone()).unwrap_or_default(),
                ..ConnectForm::default()
            };
            Some((owner.login.clone(), form))
        });
        let servers = self.world.headscales.iter().filter_map(|server| {
            let form = ConnectForm {
                name: server.name.clone(),
                base_url: self.simulator.headscale_url(&server.name)?,
                api_key: server.api_keys.first()?.secret.clone(),
                base_domain: server.base_domain.clone(),
                login_server: format!("https://{}.example", server.name),
                ..ConnectForm::default()
            };
            Some((self.looks_after(server)?, form))
        });
        forms.chain(servers).collect()
    }

    /// The login of whoever a server is looked after by: its first account, by the name that they have in their tailnet.
    fn looks_after(&self, server: &Headscale) -> Option<String> {
        let name = &server.users.first()?.display_name;
        let mut users = self.world.tailnets.iter().flat_map(|tailnet| &tailnet.users);
        users.find(|user| user.name == *name).map(|user| user.login.clone())
    }
}
