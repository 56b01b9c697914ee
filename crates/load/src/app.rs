//! The app as people run it: `acequia demo` as a process with a folder of its own.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use simulator::TailnetView;
use simulator::World;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::wire::Client;

/// Killed and swept away when dropped.
pub struct App {
    pub address: SocketAddr,
    /// The controls of the simulated control plane.
    pub switches: SocketAddr,
    pub folder: TempDir,
    world: World,
    _process: Child,
}

impl App {
    /// # Errors
    /// When it ends before it listens; the error has what it said.
    pub async fn start(binary: &Path, world: World) -> anyhow::Result<Self> {
        // As private as the app wants its data.
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir()?;
        let file = folder.path().join("world.json");
        std::fs::write(&file, serde_json::to_string(&world)?)?;
        let mut command = Command::new(binary);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ACEQUIA_"))
        {
            command.env_remove(name);
        }
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
        command.arg("--world").arg(&file).env("RUST_LOG", "warn,server=info");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().with_context(|| format!("`{}` does not run", binary.display()))?;
        let mut lines = BufReader::new(process.stderr.take().context("stderr is piped")?).lines();
        let (mut address, mut switches, mut said) = (None, None, String::new());
        while let Some(line) = lines.next_line().await? {
            let after = |words: &str| {
                let (_, rest) = line.split_once(words)?;
                rest.trim_start_matches("http://").trim_end_matches('/').parse::<SocketAddr>().ok()
            };
            switches = switches.or_else(|| after("its switches: "));
            address = address.or_else(|| after("listening on "));
            said.push_str(&line);
            said.push('\n');
            if address.is_some() {
                break;
            }
        }
        let (Some(address), Some(switches)) = (address, switches) else {
            bail!("the app ended before it listened:\n{said}");
        };
        // What it says from now on is for nobody, but a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address, switches, folder, world, _process: process })
    }

    /// What its control planes have now.
    ///
    /// # Errors
    /// When the switches do not answer.
    pub async fn planes(&self) -> anyhow::Result<Vec<TailnetView>> {
        let mut client = Client::new([127, 0, 0, 1].into(), self.switches);
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
