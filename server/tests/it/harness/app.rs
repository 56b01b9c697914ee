//! The whole app in this process, on a clock that stands.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ::app::ports::Backend;
use axum::Router;
use model::{PersonId, Timestamp};
use server::clock::{Clock, Settable, System};
use server::config::Config;
use server::random::Random;
use server::secrets::Sealer;
use server::session::BrowserSession;
use server::session::Sessions;
use server::state::{AppState, Viewer};
use server::store::people::Person;
use server::use_cases;
use tower_sessions::Session;

use super::Browser;
use super::database::TestDatabase;
use super::left_over::LeftOver;

/// 2026-12-01 12:00 UTC.
pub const START: Timestamp = Timestamp::from_seconds(1_796_126_400);

pub struct TestApp {
    pub state: AppState,
    pub clock: Settable,
    pub router: Router,
    /// Before the database, which it asks.
    pub left_over: LeftOver,
    _database: TestDatabase,
}

/// What tests start from: as in production, under https, without providers. Tests come from one address and click
/// faster than people do. Calls are made again as often as ever, and what was written is looked at as often; only nothing
/// comes to pass in the pauses between.
pub fn config() -> Config {
    let base_url = url::Url::parse("https://gate.example.org").unwrap();
    let mut config = Config::new(([127, 0, 0, 1], 0).into(), base_url, Path::new("/nowhere"));
    config.limits.requests_per_second = u32::MAX;
    config.timing.call_again = Duration::from_millis(1);
    config.timing.second_look = Duration::from_millis(1);
    config
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    /// In demo mode: with the page to sign in as anybody.
    pub async fn demo() -> Self {
        Self::with(Config { demo: true, ..config() }).await
    }

    pub async fn with(config: Config) -> Self {
        Self::on(config, TestDatabase::sqlite().await)
    }

    /// On the machine's clock: for tests with providers, whose tokens have dates.
    pub async fn on_real_time(config: Config) -> Self {
        Self::build(config, TestDatabase::sqlite().await, Arc::new(System), Settable::at(START))
    }

    /// With its data in the folder of the configuration, on the machine's clock: another process can go on with it.
    pub async fn on_disk(config: Config) -> Self {
        // As the server makes it.
        std::fs::set_permissions(&config.data, std::fs::Permissions::from_mode(0o700)).unwrap();
        let db = server::state::open_database(&config).await.unwrap();
        let sealer = db.key_of(&config.key_file).await.unwrap();
        let database = TestDatabase::opened(db);
        Self::sealed(config, database, Arc::new(System), Settable::at(START), Random::system(), sealer)
    }

    pub fn on(config: Config, database: TestDatabase) -> Self {
        let clock = Settable::at(START);
        Self::build(config, database, Arc::new(clock.clone()), clock)
    }

    fn build(config: Config, database: TestDatabase, clock: Arc<dyn Clock>, settable: Settable) -> Self {
        Self::sealed(config, database, clock, settable, Random::seeded(7), Sealer::ephemeral())
    }

    fn sealed(
        config: Config,
        database: TestDatabase,
        clock: Arc<dyn Clock>,
        settable: Settable,
        random: Random,
        sealer: Sealer,
    ) -> Self {
        let db = database.db.clone();
        let services = AppState::new(config, db, clock, random, sealer);
        let router = server::router::router(services.clone());
        let left_over = LeftOver::new(services.clone(), database.url());
        Self { state: services, clock: settable, router, left_over, _database: database }
    }

    /// Somebody without cookies.
    pub fn browser(&self) -> Browser {
        let mut browser = Browser::new(self.router.clone());
        let url = &self.state.config.base_url;
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        browser.headers.insert(axum::http::header::HOST, host.parse().unwrap());
        browser
    }

    /// A person who did not come in through a provider.
    pub async fn person(&self, name: &str) -> PersonId {
        self.insert(name, false, None).await
    }

    pub async fn instance_owner(&self, name: &str) -> PersonId {
        self.insert(name, true, None).await
    }

    /// One of the people on the sign-in page of the demo.
    pub async fn demo_person(&self, name: &str) -> PersonId {
        self.insert(name, false, Some("for tests")).await
    }

    async fn insert(&self, name: &str, instance_owner: bool, about: Option<&str>) -> PersonId {
        let person = Person {
            id: self.state.new_id(),
            name: name.into(),
            instance_owner,
            demo_about: about.map(Into::into),
            created: self.state.now(),
        };
        self.state.db.insert_person(&person).await.unwrap();
        person.id
    }

    /// The questions as this person asks them.
    pub fn ask(&self, person: PersonId) -> Backend {
        let viewer = Viewer::Person { id: person, instance_owner: false };
        use_cases::backend(&self.state, viewer, BrowserSession::default())
    }

    /// A browser in which this person has signed in.
    pub async fn signed_in(&self, person: PersonId) -> Browser {
        self.browser_with(&[("person", &person.to_string()), ("agent", "Firefox on Linux")]).await
    }

    /// A stranger's browser that remembers an offer.
    pub async fn remembering(&self, token: &str) -> Browser {
        self.browser_with(&[("offer", token)]).await
    }

    async fn browser_with(&self, values: &[(&str, &str)]) -> Browser {
        let session = Session::new(None, Arc::new(Sessions::new(self.state.clone())), None);
        for (key, value) in values {
            session.insert(key, value).await.unwrap();
        }
        session.save().await.unwrap();
        let mut browser = self.browser();
        browser.set_cookie(self.cookie_name(), &session.id().unwrap().to_string());
        browser
    }

    /// A person and their browser at once.
    pub async fn newcomer(&self, name: &str) -> (PersonId, Browser) {
        let person = self.person(name).await;
        (person, self.signed_in(person).await)
    }

    pub fn cookie_name(&self) -> &'static str {
        if self.state.config.base_url.scheme() == "https" { "__Host-acequia" } else { "acequia" }
    }
}
