//! The composition root: nothing else builds these parts.

use std::sync::Arc;
use std::time::Duration;

use model::{Id, PersonId, Timestamp};
use tailscale_client::Tokens;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{Config, Database, Provider};
use crate::random::Random;
use crate::reach;
use crate::secrets::Sealer;
use crate::signals::Signals;
use crate::store::Db;

/// The parts that answers are made with: each knows of no other one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    /// The ways to sign in; those of the configuration until it is read again.
    pub providers: Arc<watch::Sender<Arc<Vec<Provider>>>>,
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<Random>,
    pub sealer: Arc<Sealer>,
    /// For identity providers: follows no redirects.
    pub http: reqwest::Client,
    /// One access token for each OAuth client, until it ends.
    pub tokens: Tokens,
    /// Open connections to control planes.
    pub connections: calls::Connections,
    /// Who reaches what, as last read of each tailnet.
    pub reach: Arc<reach::Cache>,
    /// What parts of this process tell each other.
    pub signals: Signals,
}

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

impl AppState {
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
            providers: Arc::new(watch::Sender::new(Arc::new(config.providers.clone()))),
            config: Arc::new(config),
            signals: Signals::new(db.clone()),
            db,
            clock,
            random: Arc::new(random),
            sealer: Arc::new(sealer),
            http,
            tokens: Tokens::default(),
            connections: calls::Connections::default(),
            reach: Arc::default(),
        }
    }

    /// The ways to sign in.
    pub fn providers(&self) -> Arc<Vec<Provider>> {
        Arc::clone(&self.providers.borrow())
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
/// When it cannot be opened or reached, or was made by a newer version.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    let db = connect_database(config).await?;
    db.migrate().await?;
    Ok(db)
}

/// Opens the database that the configuration names, as it is.
///
/// # Errors
/// When it cannot be opened or reached.
pub async fn connect_database(config: &Config) -> anyhow::Result<Db> {
    match &config.database {
        Database::Sqlite(file) => Db::connect_sqlite(file).await,
        Database::Postgres(url) => Db::connect_postgres(url.reveal()).await,
    }
}
