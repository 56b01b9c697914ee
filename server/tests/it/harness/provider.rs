//! A real OpenID provider: npm `oidc-provider`, with its own login and consent pages.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Once;

use axum::http::header;
use reqwest::redirect::Policy;
use url::Url;

pub const CLIENT: &str = "acequia";

/// Ends when dropped.
pub struct OpenIdProvider {
    process: Child,
    /// Held open: it dies when it cannot write.
    _words: BufReader<ChildStdout>,
    pub issuer: String,
}

impl OpenIdProvider {
    /// One that sends people back to `callback`; nothing when node or the package is missing.
    pub fn start(callback: &str) -> Option<Self> {
        Self::start_on(0, callback)
    }

    /// On a port that is known already: the same issuer with new keys.
    pub fn start_on(port: u16, callback: &str) -> Option<Self> {
        static SAID: Once = Once::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let package = here.join("../end2end/node_modules/oidc-provider/lib/index.js");
        let started = package.exists().then(|| {
            Command::new("node")
                .arg(here.join("tests/it/harness/provider.mjs"))
                .args([package.as_os_str(), port.to_string().as_ref(), callback.as_ref(), CLIENT.as_ref()])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
        });
        let Some(Ok(mut process)) = started else {
            SAID.call_once(|| eprintln!("skipping sign-in: no node, or `npm ci` was not run in end2end"));
            return None;
        };
        let mut line = String::new();
        let mut words = BufReader::new(process.stdout.take().unwrap());
        words.read_line(&mut line).unwrap();
        assert!(line.starts_with("http://"), "the provider did not start");
        Some(Self { process, _words: words, issuer: line.trim().to_owned() })
    }

    pub fn port(&self) -> u16 {
        Url::parse(&self.issuer).unwrap().port().unwrap()
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A person's browser at the provider.
pub struct AtProvider {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl AtProvider {
    pub fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new() }
    }

    /// Logs in and consents as asked, until the provider sends the browser away: to which path and query.
    pub async fn log_in(&mut self, start: &str, login: &str) -> String {
        self.visit(start, login, true).await
    }

    /// Logs in and does not consent.
    pub async fn refuse(&mut self, start: &str, login: &str) -> String {
        self.visit(start, login, false).await
    }

    async fn visit(&mut self, start: &str, login: &str, consent: bool) -> String {
        let home = Url::parse(start).unwrap().origin();
        let mut at = Url::parse(start).unwrap();
        let mut form: Option<Vec<(&str, &str)>> = None;
        // Far more than the steps of any real sign-in.
        for _ in 0..30 {
            if at.origin() != home {
                let query = at.query().map(|query| format!("?{query}")).unwrap_or_default();
                return format!("{}{query}", at.path());
            }
            let answer = self.ask(&at, form.take()).await;
            if let Some(location) = answer.headers().get(header::LOCATION) {
                at = at.join(location.to_str().unwrap()).unwrap();
                continue;
            }
            assert!(answer.status().is_success(), "the provider answers {}", answer.status());
            let page = answer.text().await.unwrap();
            let login_page = page.contains("value=\"login\"");
            if !login_page && !consent {
                let abort = at.path().to_owned() + "/abort";
                at = at.join(&abort).unwrap();
                continue;
            }
            let action = page.split_once("action=\"").expect("a form").1.split_once('"').unwrap().0;
            at = at.join(action).unwrap();
            form = Some(if login_page {
                vec![("prompt", "login"), ("login", login), ("password", "any")]
            } else {
                vec![("prompt", "consent")]
            });
        }
        panic!("the provider does not come to an end");
    }

    async fn ask(&mut self, at: &Url, form: Option<Vec<(&str, &str)>>) -> reqwest::Response {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = match form {
            Some(form) => self.client.post(at.clone()).form(&form),
            None => self.client.get(at.clone()),
        };
        let answer = request.header(header::COOKIE, pairs.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
