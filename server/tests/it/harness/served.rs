//! The real server, in a process of its own, over real connections.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::header;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Killed when dropped.
pub struct Served {
    child: Child,
    url: String,
    log: Arc<Mutex<String>>,
    client: reqwest::Client,
    /// Sent with every request.
    pub cookie: String,
}

pub struct Told {
    pub status: u16,
    pub location: String,
    pub body: String,
}

impl Served {
    /// Starts it, and waits until it listens. A file that grows too large is an error to it, not its end: what
    /// `RLIMIT_FSIZE` makes fail, fails as a broken disk does.
    pub async fn start(config: &Path) -> Self {
        let mut child = Command::new("sh")
            .args([
                "-c",
                "trap '' XFSZ; exec \"$@\"",
                "sh",
                env!("CARGO_BIN_EXE_acequia"),
                "serve",
                "--config",
            ])
            .arg(config)
            .env_clear()
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let mut url = None;
        while url.is_none() {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .unwrap_or_else(|| panic!("it ended: {}", log.lock().unwrap()));
            url = line.split_once("listening on ").map(|(_, address)| format!("http://{}", address.trim()));
            *log.lock().unwrap() += &(line + "\n");
        }
        let written = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        let client = reqwest::Client::builder()
            .timeout(std::time::Duration::from_mins(1))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { child, url: url.unwrap(), log, client, cookie: String::new() }
    }

    pub fn process(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub async fn get(&self, path: &str) -> Told {
        self.send(self.client.get(format!("{}{path}", self.url))).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        self.send(self.client.post(format!("{}{path}", self.url)).form(fields)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Told {
        let request = request.header(header::COOKIE, &self.cookie).header("sec-fetch-site", "same-origin");
        let answer = request.header(header::ACCEPT, "text/html").send().await.unwrap();
        let location = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        Told {
            status: answer.status().as_u16(),
            location: location.unwrap_or_default(),
            body: answer.text().await.unwrap_or_default(),
        }
    }

    /// Waits until this is so, and gives how long that took.
    pub async fn until(&self, what: &str, patience: Duration, so: impl AsyncFn() -> bool) -> Duration {
        let began = Instant::now();
        while !so().await {
            assert!(began.elapsed() < patience, "not {what} after {patience:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }
}
