//! `acequia serve` as a process with a folder of its own.

use std::fs::Permissions;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::provider::Provider;
use crate::server::Server;

/// Killed and swept away when dropped.
#[derive(Debug)]
pub struct App {
    pub address: SocketAddr,
    binary: PathBuf,
    folder: TempDir,
    _process: Child,
}

const CONFIGURATION: &str = "acequia.toml";

impl App {
    /// # Errors
    /// When it ends before it listens; the error has what it said.
    pub async fn start(binary: &Path, provider: &Provider, server: &impl Server) -> anyhow::Result<Self> {
        // As private as the app wants its data.
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir()?;
        // Its own address stands in its configuration.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        std::fs::write(folder.path().join(CONFIGURATION), configuration(address, provider, server))?;
        let mut command = command(binary, folder.path());
        command.args(["serve", "--config", CONFIGURATION]).env("RUST_LOG", "warn,server=info");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().with_context(|| format!("`{}` does not run", binary.display()))?;
        let mut lines = BufReader::new(process.stderr.take().context("stderr is piped")?).lines();
        let mut said = String::new();
        loop {
            let Some(line) = lines.next_line().await? else {
                bail!("the app ended before it listened:\n{said}");
            };
            if line.contains("listening on ") {
                break;
            }
            said.push_str(&line);
            said.push('\n');
        }
        // What it says from now on is for nobody, but a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address, binary: binary.to_owned(), folder, _process: process })
    }

    /// What whoever is to own the instance types in first.
    ///
    /// # Errors
    /// When the app does not print it.
    pub async fn set_up_code(&self) -> anyhow::Result<String> {
        let mut command = command(&self.binary, self.folder.path());
        let output = command.args(["setup-code", "--config", CONFIGURATION]).output().await?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

/// What is set for tests is no setting of the app.
fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ACEQUIA_")) {
        command.env_remove(name);
    }
    command.current_dir(folder);
    command
}

fn configuration(address: SocketAddr, provider: &Provider, server: &impl Server) -> String {
    let ca_file = server.ca_file().map(|file| format!("ca_file = '{file}'\n")).unwrap_or_default();
    format!(
        "listen = '{address}'
base_url = 'http://{address}'
data = '.'
[providers.village]
kind = 'github'
label = 'the village'
client_id = 'acequia'
client_secret = 'of the play'
base_url = '{provider}'
api_url = '{provider}'
[control_planes.mill]
label = 'The mill'
url = '{url}'
{ca_file}
[probing]
enabled = 'off'
[timing]
sync = '2s'
jobs = '200ms'
retry = '500ms'
",
        provider = provider.url(),
        url = server.url(),
    )
}
