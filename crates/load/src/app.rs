//! The app as people run it: `acequia demo` as a process with a folder of its own.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Killed and swept away when dropped.
pub struct App {
    pub address: SocketAddr,
    /// The controls of the simulated control plane.
    pub switches: SocketAddr,
    pub folder: TempDir,
    /// Of the process.
    pub id: u32,
    _process: Child,
}

impl App {
    /// In the world of this text.
    ///
    /// # Errors
    /// When it ends before it listens; the error has what it said.
    pub async fn start(binary: &Path, world: &str) -> anyhow::Result<Self> {
        // As private as the app wants its data.
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir()?;
        let file = folder.path().join("world.json");
        std::fs::write(&file, world)?;
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
        let id = process.id().context("it has ended already")?;
        Ok(Self { address, switches, folder, id, _process: process })
    }
}
