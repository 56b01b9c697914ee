use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// The app as people run it: a process with a folder of its own; killed and swept away when dropped.
pub struct App {
    pub url: String,
    pub data: TempDir,
    said: Said,
    process: Child,
}

/// In the folder of its data, where `serve` runs.
const CONFIGURATION: &str = "acequia.toml";

/// Lines that a process wrote, as long as it lives.
type Said = Arc<Mutex<Vec<String>>>;

impl App {
    /// `acequia demo` with more arguments if needed.
    ///
    /// # Errors
    /// When it ends before it listens; the error has what it said.
    pub async fn demo<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(more: I) -> anyhow::Result<Self> {
        let data = TempDir::new()?;
        let mut command = Command::new(binary());
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(data.path()).args(more);
        Self::start(command, data).await
    }

    /// `acequia serve` with a configuration file in its folder.
    ///
    /// # Errors
    /// As [`App::demo`].
    pub async fn serve(configuration: &str) -> anyhow::Result<Self> {
        // It holds the configuration already, and a folder with something in it that others may read is refused.
        let data = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir()?;
        std::fs::write(data.path().join(CONFIGURATION), configuration)?;
        let mut command = Command::new(binary());
        command.args(["serve", "--config", CONFIGURATION]).current_dir(data.path());
        Self::start(command, data).await
    }

    /// What `acequia setup-code` prints.
    ///
    /// # Errors
    /// When it fails.
    pub async fn setup_code(&self) -> anyhow::Result<String> {
        let mut command = Command::new(binary());
        command.args(["setup-code", "--config", CONFIGURATION]).current_dir(self.data.path());
        let output = without_settings(&mut command).output().await?;
        if !output.status.success() {
            bail!("`setup-code` failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    async fn start(mut command: Command, data: TempDir) -> anyhow::Result<Self> {
        without_settings(&mut command).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process =
            command.spawn().with_context(|| format!("`{}` does not run", binary().display()))?;
        let said = Said::default();
        let (sender, mut urls) = mpsc::unbounded_channel();
        listen(process.stdout.take().context("stdout is piped")?, said.clone(), sender.clone());
        listen(process.stderr.take().context("stderr is piped")?, said.clone(), sender);
        // Both senders are gone when the process is.
        let Some(url) = urls.recv().await else {
            bail!("the app ended before it listened:\n{}", lines(&said).join("\n"));
        };
        Ok(Self { url, data, said, process })
    }

    /// Memory that is its own and in use now, in KiB; of the binary that `ACEQUIA_TEST_BIN` names.
    pub fn resident_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// What it printed so far.
    pub fn said(&self) -> Vec<String> {
        lines(&self.said)
    }

    /// The rest of the first line that starts so.
    pub fn said_after(&self, start: &str) -> Option<String> {
        self.said().iter().find_map(|line| line.trim().strip_prefix(start).map(|rest| rest.trim().to_owned()))
    }
}

/// `ACEQUIA_TEST_BIN`, or what cargo built beside this test.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("ACEQUIA_TEST_BIN") {
        return path.into();
    }
    let here = std::env::current_exe().unwrap_or_default();
    let folder = here.ancestors().find(|folder| folder.join("acequia").is_file());
    folder.map_or_else(|| "acequia".into(), |folder| folder.join("acequia"))
}

/// What is set for the tests is no setting of the app.
fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ACEQUIA_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).kill_on_drop(true)
}

fn listen(stream: impl AsyncRead + Unpin + Send + 'static, said: Said, urls: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut stream = BufReader::new(stream).lines();
        while let Ok(Some(line)) = stream.next_line().await {
            if let Some((_, url)) = line.split_once("listening on ")
                && let Some(url) = url.split_whitespace().next()
            {
                let _ =
                    urls.send(format!("http://{}", url.trim_start_matches("http://").trim_end_matches('/')));
            }
            said.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}

fn lines(said: &Said) -> Vec<String> {
    said.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
