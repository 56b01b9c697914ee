//! The composition root: nothing else builds these parts.

use std::sync::Arc;
use std::time::Duration;

use app::ports::tailnets::ConnectForm;
use model::ids::JoiningId;
use model::{Id, PersonId, ShareId, Timestamp};
use tokio::sync::{Notify, broadcast, watch};

use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::health::{Health, Overdue};
use crate::probe::{Dialer, Direct, Switch};
use crate::random::Random;
use crate::secrets::Sealer;
use crate::store::Db;

/// Everything that answers are made with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Services {
    pub config: Arc<Config>,
    pub db: Db,
    /// Whether the database takes writes.
    pub health: Arc<Health>,
    /// Shares whose end could not be done yet.
    pub overdue: Arc<Overdue>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<Random>,
    pub sealer: Arc<Sealer>,
    /// For identity providers: follows no redirects.
    pub http: reqwest::Client,
    /// A share changed: its page tells the browsers that look at it.
    pub share_changes: broadcast::Sender<ShareId>,
    /// Something is known of a machine that is waited for.
    pub joining_changes: broadcast::Sender<JoiningId>,
    /// In the demo: where the simulator's switches are, so that a machine can join.
    pub demo_control: Option<String>,
    /// In the demo: what each of its people connects their tailnet with.
    pub keyring: Keyring,
    /// Who reaches what, as last read of each tailnet.
    pub reach: Arc<crate::reach::Cache>,
    /// The only way to services that are asked whether they answer.
    pub dialer: Arc<dyn Dialer>,
    /// Whether they are asked from here.
    pub probing: watch::Sender<Switch>,
    /// Wakes the runner of jobs.
    pub poke: Arc<Notify>,
    /// Becomes true when the process is asked to stop: jobs and open streams end.
    pub stop: watch::Sender<bool>,
}

/// What the connect page is filled with in the demo, so that nobody has to look for credentials: by login.
pub type Keyring = Arc<Vec<(String, ConnectForm)>>;

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    #[default]
    Anonymous,
    Person {
        id: PersonId,
        instance_owner: bool,
    },
}

impl Viewer {
    /// The person who is signed in.
    ///
    /// # Errors
    /// [`app::fault::Fault::SignedOut`].
    pub fn person(self) -> Result<PersonId, app::fault::Fault> {
        match self {
            Self::Person { id, .. } => Ok(id),
            Self::Anonymous => Err(app::fault::Fault::SignedOut),
        }
    }
}

impl Services {
    pub fn new(config: Config, db: Db, clock: Arc<dyn Clock>, random: Random, sealer: Sealer) -> Self {
        // Once per process; a second time is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Sign-ins are rare: a connection kept from the last one is more often dead than useful.
            .pool_max_idle_per_host(0)
            .timeout(config.timing.control_plane)
            .user_agent(concat!("acequia/", env!("CARGO_PKG_VERSION")))
            .build()
            .expect("a client without certificates of its own can be made");
        Self {
            config: Arc::new(config),
            health: Arc::new(Health::new(db.clone())),
            overdue: Arc::default(),
            db,
            clock,
            random: Arc::new(random),
            sealer: Arc::new(sealer),
            http,
            share_changes: broadcast::channel(64).0,
            joining_changes: broadcast::channel(64).0,
            demo_control: None,
            keyring: Arc::default(),
            reach: Arc::default(),
            dialer: Arc::new(Direct),
            probing: watch::Sender::new(Switch::Off("not yet".into())),
            poke: Arc::default(),
            stop: watch::Sender::new(false),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// So long from now.
    pub fn after(&self, wait: Duration) -> Timestamp {
        self.now().plus(wait)
    }

    pub fn new_id<T>(&self) -> Id<T> {
        self.random.new_id(self.now())
    }
}

/// Opens the database that the configuration names, and brings it up to date.
///
/// # Errors
/// When it cannot be opened or reached.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    match &config.database {
        Database::Sqlite(file) => Db::open_sqlite(file).await,
        Database::Postgres(url) => Db::open_postgres(url.reveal()).await,
    }
}
