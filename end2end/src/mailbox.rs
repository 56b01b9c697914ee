use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use regex::Regex;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Until waiting for a mail is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A real mail server (npm `smtp-server`), the same as in the tests of the server.
pub struct Mailbox {
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    /// What came while something else was waited for.
    kept: Vec<Mail>,
    _process: Child,
}

#[derive(Debug)]
struct Mail {
    to: String,
    text: String,
}

impl Mailbox {
    /// # Errors
    /// When it does not start.
    pub async fn start() -> anyhow::Result<Self> {
        let here = env!("CARGO_MANIFEST_DIR");
        let mut command = Command::new("node");
        command
            .arg(format!("{here}/../server/tests/it/harness/mail.mjs"))
            .arg(format!("{here}/node_modules/smtp-server/dist/esm/smtp-server.js"))
            .arg("nowhere");
        command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn()?;
        let stdout = process.stdout.take().context("stdout is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = lines.next_line().await?.context("the mail server did not start")?.parse()?;
        Ok(Self { port, lines, kept: Vec::new(), _process: process })
    }

    /// As the configuration of an app that sends its mails here.
    pub fn config(&self) -> String {
        format!(
            "[mail]\nserver = '127.0.0.1'\nport = {}\nsecurity = 'none'\nfrom = 'Acequia <gate@example.org>'\n",
            self.port
        )
    }

    /// Waits for a mail to somebody with these words in its subject, and gives the first link in it.
    ///
    /// # Errors
    /// When none comes, or it has no link.
    pub async fn link(&mut self, to: &str, subject: &str) -> anyhow::Result<String> {
        let fits = |mail: &Mail| mail.to == to && mail.subject().contains(subject);
        let mail = loop {
            if let Some(at) = self.kept.iter().position(fits) {
                break self.kept.remove(at);
            }
            let next = tokio::time::timeout(PATIENCE, self.next()).await;
            let Ok(next) = next else {
                let kept: Vec<_> = self.kept.iter().map(|mail| (&mail.to, mail.subject())).collect();
                bail!("no mail to {to} with {subject:?}; there are {kept:?}");
            };
            self.kept.push(next?);
        };
        let text = mail.text.replace("=\r\n", "").replace("=3D", "=");
        // But for the one that ends mails of its kind.
        let links = Regex::new(r#"http://127\.0\.0\.1:\d+/[^\s"<>]*"#)?;
        let mut links = links.find_iter(&text).map(|link| link.as_str());
        let link = links.find(|link| !link.contains("/unsubscribe/"));
        Ok(link.with_context(|| format!("no link in: {text}"))?.to_owned())
    }

    async fn next(&mut self) -> anyhow::Result<Mail> {
        loop {
            let line = self.lines.next_line().await?.context("the mail server stopped")?;
            let said: Value = serde_json::from_str(&line)?;
            if let (Some(text), Some(to)) = (said["mail"].as_str(), said["to"][0].as_str()) {
                return Ok(Mail { to: to.to_owned(), text: text.to_owned() });
            }
        }
    }
}

impl Mail {
    fn subject(&self) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let head = head.replace("\r\n ", " ");
        head.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
    }
}
