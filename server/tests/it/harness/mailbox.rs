//! A real mail server: npm `smtp-server`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Once;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Killed when dropped.
pub struct Mailbox {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub port: u16,
}

/// A mail as it came in.
#[derive(Debug)]
pub struct Mail {
    pub to: Vec<String>,
    pub secure: bool,
    pub text: String,
}

impl Mail {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.text.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let of = |line: &str| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned);
        head.lines().find_map(of)
    }

    /// What it says, without the soft line ends of quoted-printable.
    pub fn body(&self) -> String {
        self.text.replace("=\r\n", "").replace("=3D", "=")
    }
}

/// Where the certificates of tests are.
pub fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/simulator/tests/private-ca").join(name)
}

impl Mailbox {
    /// One that takes everything; nothing when node or the package is missing.
    pub async fn start() -> Option<Self> {
        Self::with("nowhere", &[]).await
    }

    /// One that falls silent the first time that it comes to `hold`.
    pub async fn holding(hold: &str) -> Option<Self> {
        Self::with(hold, &[]).await
    }

    /// One that asks for STARTTLS and a password.
    pub async fn secure(key: &Path, certificate: &Path) -> Option<Self> {
        Self::with("nowhere", &[key, certificate]).await
    }

    async fn with(hold: &str, files: &[&Path]) -> Option<Self> {
        static SAID: Once = Once::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let package = here.join("../end2end/node_modules/smtp-server/dist/esm/smtp-server.js");
        let started = package.exists().then(|| {
            Command::new("node")
                .arg(here.join("tests/it/harness/mail.mjs"))
                .arg(package)
                .arg(hold)
                .args(files)
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
        });
        let Some(Ok(mut process)) = started else {
            SAID.call_once(|| eprintln!("skipping mails: no node, or `npm ci` was not run in end2end"));
            return None;
        };
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("the mail server starts").parse().unwrap();
        Some(Self { _process: process, lines, port })
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_mins(1), self.lines.next_line()).await;
        let line = line.expect("nothing comes to the mail server").unwrap().expect("it goes on");
        serde_json::from_str(&line).unwrap()
    }

    /// Waits for the next mail.
    pub async fn mail(&mut self) -> Mail {
        loop {
            let said = self.next().await;
            if let Some(text) = said["mail"].as_str() {
                let to = said["to"].as_array().unwrap().iter().map(|to| to.as_str().unwrap().to_owned());
                let secure = said["secure"].as_bool().unwrap();
                return Mail { to: to.collect(), secure, text: text.to_owned() };
            }
        }
    }

    /// Waits until it comes to a step.
    pub async fn at(&mut self, step: &str) {
        while self.next().await["at"].as_str() != Some(step) {}
    }
}
