use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A certified OpenID provider (npm `oidc-provider`) with its own sign-in pages; any name and password will do.
pub struct Provider {
    pub issuer: String,
    _process: Child,
    /// Open as long as it runs: it would die of writing to nobody.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    /// Starts it for one client that comes back to `redirect`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(redirect: &str) -> anyhow::Result<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/provider.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(redirect).kill_on_drop(true);
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = process.stdout.take().context("stdout is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let issuer = lines.next_line().await?.context("the provider did not start")?;
        Ok(Self { issuer, _process: process, _stdout: lines })
    }
}
