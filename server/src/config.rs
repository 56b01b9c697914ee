//! Typed settings: a TOML file, environment variables over it, secrets from files. Every problem is reported at once.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::ports::tailnets::ConnectForm;
use calls::PlainHttp;
use url::Url;

mod limits;
mod log;
mod network;
mod read;
mod reader;
mod retention;
mod sources;
pub mod table;
mod telling;

pub use limits::Limits;
pub use log::{Format as LogFormat, Log};
pub use network::Network;
pub use read::{Problems, read};
pub use retention::Retention;
pub use sources::{Source, Sources};
pub use telling::{Mail, MailSecurity, Notifications};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who set what.
    pub sources: Sources,
    pub listen: SocketAddr,
    /// Scheme, host and sub-path under which people reach this instance, without a slash at the end.
    pub base_url: Url,
    /// Other addresses of the same instance, such as the one in the LAN. Links that are sent to others have `base_url`.
    pub also_at: Vec<Url>,
    /// The folder of the key file and the SQLite database.
    pub data: PathBuf,
    pub key_file: PathBuf,
    pub database: Database,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// How long somebody stays signed in who does not come.
    pub session_lifetime: Duration,
    /// How long somebody stays signed in who comes every day.
    pub session_greatest_age: Duration,
    /// How long somebody who is not signed in is remembered after their last request.
    pub visitor_lifetime: Duration,
    pub limits: Limits,
    pub log: Log,
    pub metrics: Metrics,
    pub providers: Vec<Provider>,
    /// Control planes that may be connected, the default first.
    pub control_planes: Vec<ControlPlane>,
    pub timing: Timing,
    pub retention: Retention,
    pub probing: Probe,
    /// The server that takes mails, if there is one.
    pub mail: Option<Mail>,
    pub notifications: Notifications,
    /// The seeded demo with its page to sign in as anybody.
    pub demo: bool,
    /// What only the demo has; empty elsewhere.
    pub demo_kit: Arc<DemoKit>,
}

/// What the demo gives those who play with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoKit {
    /// Where the simulator's switches are, so that a machine can join.
    pub control: Option<String>,
    /// What each of its people connects their tailnet with, by login: nobody there has credentials to look for.
    pub keyring: Vec<(String, ConnectForm)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(Secret),
}

/// `GET /metrics`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metrics {
    Off,
    Open,
    /// Only with `Authorization: Bearer`.
    Token(Secret),
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// As in the URL `/sign-in/with/{id}`, and stored with every identity: do not change it later.
    pub id: String,
    pub label: String,
    pub client_id: String,
    /// Absent for a public client.
    pub client_secret: Option<Secret>,
    pub kind: ProviderKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    Oidc {
        /// Exactly as the provider calls itself: compared letter by letter.
        issuer: String,
    },
    /// GitHub, or a GitHub Enterprise server.
    GitHub { base_url: Url, api_url: Url },
}

/// A control plane that may be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPlane {
    pub base_url: Url,
    pub label: String,
    /// Whether a Headscale may be asked in the clear there, at a private address of the network that this machine is in.
    pub plain_http: PlainHttp,
    /// Authorities whose certificates are believed there besides the public ones, as PEM.
    pub private_ca: Option<Vec<u8>>,
}

/// Intervals, leases and limits of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Between two syncs of a tailnet.
    pub sync: Duration,
    /// Between two looks for a machine that is waited for; longer the longer it lets wait.
    pub joining: Duration,
    /// Between two looks for due jobs when nothing pokes.
    pub jobs: Duration,
    /// How long a job or a lease is held without a sign of life.
    pub lease: Duration,
    /// Wait after the first failure of a job; doubled with each further one.
    pub retry: Duration,
    /// One request to a control plane.
    pub control_plane: Duration,
    /// Before a call to a control plane is made again; doubled before each further one. As the next one it cannot be set:
    /// it is shorter in tests.
    pub call_again: Duration,
    /// From a write that nothing guarded to the last look at what became of it.
    pub second_look: Duration,
    /// One request to an identity provider.
    pub provider: Duration,
    /// One request of a browser, from its last byte to our first.
    pub request: Duration,
    /// How long a client may keep us waiting: for the whole head of a request, for more of its body, and for taking more
    /// of an answer.
    pub slow: Duration,
    /// How long a connection stays open between two requests.
    pub idle: Duration,
    /// From the start of a sign-in to its end.
    pub sign_in: Duration,
    /// How long stopping waits for open requests and jobs.
    pub shutdown: Duration,
    /// Between two tries to take a lease for a person who waits. No setting either.
    pub lease_again: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        let calls = calls::Limits::default();
        Self {
            sync: Duration::from_mins(5),
            joining: Duration::from_secs(5),
            jobs: Duration::from_secs(5),
            lease: Duration::from_mins(2),
            retry: Duration::from_secs(10),
            control_plane: Duration::from_secs(30),
            call_again: calls.backoff,
            second_look: calls.second_look,
            provider: Duration::from_secs(10),
            request: Duration::from_mins(1),
            slow: Duration::from_secs(15),
            idle: Duration::from_mins(1),
            sign_in: Duration::from_mins(15),
            shutdown: Duration::from_secs(20),
            lease_again: Duration::from_millis(100),
        }
    }
}

/// Asking listed services from this host whether they answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Absent: where this host has an address in a tailnet.
    pub enabled: Option<bool>,
    /// Between two rounds.
    pub interval: Duration,
    /// Up to this much more, so that many instances do not ask in step.
    pub jitter: Duration,
    /// For one service, from the first packet to the last.
    pub timeout: Duration,
    /// How many are asked at the same time.
    pub at_once: usize,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            enabled: None,
            interval: Duration::from_mins(3),
            jitter: Duration::from_secs(20),
            timeout: Duration::from_secs(5),
            at_once: 4,
        }
    }
}

/// A setting that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Config {
    /// The longest that any browser is remembered without a visit.
    pub fn longest_session(&self) -> Duration {
        self.session_lifetime.max(self.visitor_lifetime)
    }

    /// What holds when nothing is set, with all data in `data`.
    pub fn new(listen: SocketAddr, base_url: Url, data: &Path) -> Self {
        Self {
            sources: Sources::default(),
            listen,
            base_url,
            also_at: Vec::new(),
            data: data.to_owned(),
            key_file: data.join("key"),
            database: Database::Sqlite(data.join("acequia.db")),
            trusted_proxies: Vec::new(),
            session_lifetime: Duration::from_hours(30 * 24),
            session_greatest_age: Duration::from_hours(90 * 24),
            visitor_lifetime: Duration::from_hours(1),
            limits: Limits::default(),
            log: Log::default(),
            metrics: Metrics::Off,
            providers: Vec::new(),
            control_planes: vec![ControlPlane::tailscale()],
            timing: Timing::default(),
            retention: Retention::default(),
            probing: Probe::default(),
            mail: None,
            notifications: Notifications::default(),
            demo: false,
            demo_kit: Arc::default(),
        }
    }

    /// Where people come to this instance.
    pub fn addresses(&self) -> impl Iterator<Item = &Url> {
        std::iter::once(&self.base_url).chain(&self.also_at)
    }

    /// The sub-path, as in `/gate`; empty at the root.
    pub fn base_path(&self) -> &str {
        self.base_url.path().trim_end_matches('/')
    }

    /// The base URL as text, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }
}

/// Whether nobody in between can read or change what goes to this address: https, or this machine.
pub fn is_private(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        ("http", Some(url::Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(url::Host::Ipv6(ip))) => ip.is_loopback(),
        _ => false,
    }
}

impl ControlPlane {
    fn tailscale() -> Self {
        let base_url = Url::parse("https://api.tailscale.com").expect("a constant");
        Self::new(base_url, "Tailscale")
    }

    /// One that is reached in the usual way.
    pub fn new(base_url: Url, label: impl Into<String>) -> Self {
        Self { base_url, label: label.into(), plain_http: PlainHttp::ThisMachine, private_ca: None }
    }
}
