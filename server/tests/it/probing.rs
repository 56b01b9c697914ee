//! Services are asked whether they answer: which, from where, and who is told.

use model::ServiceKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ::app::ports::services::{DirectoryQuery, Probe};
use async_trait::async_trait;
use server::demo::{Demo, Loopback};
use server::jobs::probe_all as round;
use server::on;
use server::probe::{Dialer, Standpoint, Stream, Switch, Target, ask};
use server::session::BrowserSession;
use server::state::{AppState, Viewer};
use server::use_cases;
use simulator::{Listen, World as SimulatedWorld};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

/// Leads everything to one listener of the test, and remembers what was asked for.
#[derive(Debug, Default)]
struct Recorder {
    door: Option<SocketAddr>,
    asked: Mutex<Vec<SocketAddr>>,
    outside: bool,
}

#[async_trait]
impl Dialer for Recorder {
    async fn dial(&self, target: Target) -> std::io::Result<Box<dyn Stream>> {
        self.asked.lock().unwrap().push(target.socket());
        let door = self.door.ok_or(std::io::ErrorKind::ConnectionRefused)?;
        Ok(Box::new(TcpStream::connect(door).await?))
    }
    async fn stands(&self) -> Result<Standpoint, String> {
        if self.outside {
            return Err("this host has no address in a tailnet".into());
        }
        Ok(Standpoint::At(vec!["100.64.0.2".parse().unwrap()]))
    }
}

async fn scene(dialer: Recorder) -> (TestApp, World, Arc<Recorder>) {
    scene_on(TestDatabase::sqlite().await, dialer).await
}

async fn scene_on(database: TestDatabase, dialer: Recorder) -> (TestApp, World, Arc<Recorder>) {
    let app = TestApp::on(config(), database);
    let world = World::seed(&app).await;
    let dialer = Arc::new(dialer);
    // The tailnet is the instance owner's, and the host one of its machines.
    set(&app, "UPDATE people SET instance_owner = TRUE WHERE name = 'Ana'").await;
    set(&app, HOST).await;
    (app, world, dialer)
}

const HOST: &str = "INSERT INTO nodes (id, tailnet_id, control_id, legacy_id, name, dns_name, os, user_login, tags, \
    addresses, advertised_routes, enabled_routes, online, external, firewall_revision) \
    SELECT person_id, tailnet_id, 'host', 'host', 'host', 'host.tail1.ts.net', 'linux', '', '[]', \
    '[\"100.64.0.2\"]', '[]', '[]', TRUE, FALSE, 0 FROM stewards LIMIT 1";

/// A server that says these bytes to everybody and hangs up.
async fn saying(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(&bytes).await;
        }
    });
    address
}

async fn probe_of(app: &TestApp, world: &World) -> Probe {
    app.ask(world.owner).services.get(world.service).await.unwrap().card.probe
}

async fn set(app: &TestApp, sql: &'static str) {
    on!(&app.state.db, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
}

#[tokio::test]
async fn a_listed_service_is_asked_at_its_machines_address_and_its_silence_is_dated() {
    let (app, world, dialer) = scene(Recorder::default()).await;
    assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 1);
    assert_eq!(*dialer.asked.lock().unwrap(), ["100.64.0.1:25565".parse().unwrap()]);
    let first = app.state.now();
    app.clock.advance_seconds(120);
    round(&app.state, dialer.as_ref()).await.unwrap();
    assert_eq!(probe_of(&app, &world).await, Probe::Silent { at: app.state.now(), since: first });
}

#[tokio::test]
async fn what_is_no_device_of_a_tailnet_is_never_asked() {
    let (app, _, dialer) = scene(Recorder::default()).await;
    for sql in [
        "UPDATE nodes SET addresses = '[\"127.0.0.1\"]' WHERE name = 'maple'",
        "UPDATE nodes SET addresses = '[\"169.254.169.254\",\"::1\",\"localhost\"]' WHERE name = 'maple'",
        "UPDATE nodes SET addresses = '[\"100.100.100.100\"]' WHERE name = 'maple'",
        "UPDATE nodes SET addresses = '[]' WHERE name = 'maple'",
        "UPDATE nodes SET addresses = '[\"100.64.0.1\"]', gone = 1 WHERE name = 'maple'",
        "UPDATE nodes SET gone = NULL, external = TRUE WHERE name = 'maple'",
        "UPDATE nodes SET external = FALSE WHERE name = 'maple'",
        "UPDATE services SET removed = 1",
    ] {
        set(&app, sql).await;
        if sql.contains("external = FALSE") {
            continue;
        }
        assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 0, "{sql}");
    }
    assert_eq!(*dialer.asked.lock().unwrap(), [] as [SocketAddr; 0]);
}

/// Addresses are unique inside one tailnet only: what somebody else lists may have that of a machine of ours.
#[tokio::test]
async fn services_of_other_peoples_tailnets_and_of_those_that_the_host_is_not_in_are_not_asked() {
    for sql in [
        "UPDATE people SET instance_owner = FALSE WHERE name = 'Ana'",
        "UPDATE nodes SET addresses = '[\"100.64.0.3\"]' WHERE name = 'host'",
        "UPDATE nodes SET external = TRUE WHERE name = 'host'",
    ] {
        let (app, _, dialer) = scene(Recorder::default()).await;
        set(&app, sql).await;
        assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 0, "{sql}");
        assert_eq!(*dialer.asked.lock().unwrap(), [] as [SocketAddr; 0], "{sql}");
    }
}

#[tokio::test]
async fn from_outside_the_tailnet_nothing_is_asked_and_the_owner_reads_why() {
    let (app, world, dialer) = scene(Recorder { outside: true, ..Recorder::default() }).await;
    round(&app.state, dialer.as_ref()).await.unwrap();
    assert!(dialer.asked.lock().unwrap().is_empty());
    assert_eq!(probe_of(&app, &world).await, Probe::Off("this host has no address in a tailnet".into()));
    let html = app.signed_in(world.owner).await.get(&format!("/services/{}", world.service)).await.text();
    assert!(html.contains("not asked from here"), "{html}");
}

/// Another process on the same database.
fn beside(app: &TestApp) -> AppState {
    let mut state = app.state.clone();
    state.signals.probing = watch::Sender::new(Switch::Off("not yet".into()));
    state
}

#[tokio::test]
async fn a_process_that_asks_nothing_shows_what_another_finds_until_that_is_old() {
    for database in TestDatabase::each().await {
        let (app, world, dialer) = scene_on(database, Recorder::default()).await;
        let (off, nowhere) = (beside(&app), Recorder { outside: true, ..Recorder::default() });
        let viewer = Viewer::Person { id: world.owner, instance_owner: false };
        let seen = async || {
            let backend = use_cases::backend(&off, viewer, BrowserSession::default());
            backend.services.get(world.service).await.unwrap().card.probe
        };
        round(&app.state, dialer.as_ref()).await.unwrap();
        let first = app.state.now();
        round(&off, &nowhere).await.unwrap();
        assert_eq!(seen().await, Probe::Silent { at: first, since: first });
        assert_eq!(probe_of(&app, &world).await, seen().await);

        // Asked again, it counts on.
        app.clock.advance_seconds(200);
        round(&app.state, dialer.as_ref()).await.unwrap();
        app.clock.advance_seconds(300);
        round(&off, &nowhere).await.unwrap();
        assert!(matches!(seen().await, Probe::Silent { .. }), "{:?}", seen().await);
        // Nobody asks any more.
        app.clock.advance_seconds(300);
        round(&off, &nowhere).await.unwrap();
        assert_eq!(seen().await, Probe::Off("this host has no address in a tailnet".into()));
    }
}

#[tokio::test]
async fn hostile_answers_become_plain_words_or_none() {
    let status = |json: &str| {
        let mut packet = vec![0, u8::try_from(json.len()).unwrap()];
        packet.extend(json.as_bytes());
        let mut whole = vec![u8::try_from(packet.len()).unwrap()];
        whole.extend(packet);
        whole
    };
    let target = Target::new(&["100.64.0.1".into()], &"tcp:25565".parse().unwrap()).unwrap();
    let limit = Duration::from_secs(5);
    for (bytes, motd) in [
        (status(r#"{"description":"<script>\u001b[2J\u202eevil"}"#), Some(Some("<script>[2Jevil"))),
        (status(r#"{"description":7}"#), Some(None)),
        (vec![0xff; 64], None),
        // A length of two gigabytes, and nothing after it.
        (vec![0xff, 0xff, 0xff, 0xff, 0x07], None),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec(), None),
        (Vec::new(), None),
    ] {
        let dialer = Recorder { door: Some(saying(bytes.clone()).await), ..Recorder::default() };
        let told = ask(&dialer, target, ServiceKind::Minecraft, limit).await;
        assert_eq!(told.as_ref().map(|told| told.motd.as_deref()), motd, "{bytes:?}");
        assert_eq!(dialer.asked.lock().unwrap().len(), 1, "one connection, whatever it says");
    }
    let moved = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec();
    let dialer = Recorder { door: Some(saying(moved).await), ..Recorder::default() };
    let web = Target::new(&["100.64.0.1".into()], &"tcp:80".parse().unwrap()).unwrap();
    assert_eq!(ask(&dialer, web, ServiceKind::Http, limit).await.unwrap().status, Some(301));
    assert_eq!(dialer.asked.lock().unwrap().len(), 1, "a redirect is not followed");
}

#[tokio::test]
async fn who_may_not_see_the_listing_learns_nothing_and_removal_takes_it_along() {
    let (app, world, dialer) = scene(Recorder::default()).await;
    round(&app.state, dialer.as_ref()).await.unwrap();
    let other = app.ask(world.other);
    assert!(other.services.get(world.service).await.is_err());
    assert!(other.services.directory(DirectoryQuery::default()).await.unwrap().services.is_empty());
    let listed = app.ask(world.listed).services;
    let all = listed.directory(DirectoryQuery::default()).await.unwrap().services;
    assert!(matches!(all[0].probe, Probe::Silent { .. }), "{:?}", all[0].probe);
    let up = listed.directory(DirectoryQuery { up: true, ..DirectoryQuery::default() }).await.unwrap();
    assert!(up.services.is_empty() && up.any, "its machine is online, but it does not answer");
    assert!(app.state.db.find_probe(world.service).await.unwrap().is_some());
    // A service is taken off the list only when its shares are over.
    server::on!(&app.state.db, pool => sqlx::query("UPDATE shares SET state = 'ended'").execute(pool).await.map(drop)).unwrap();
    let open = app.state.db.remove_service(world.service, app.state.now(), &world.entry(&app)).await.unwrap();
    assert_eq!(open, 0);
    assert_eq!(app.state.db.find_probe(world.service).await.unwrap(), None);
}

#[tokio::test]
async fn the_demos_services_answer_over_real_connections() {
    let demo = Demo::start(SimulatedWorld::demo(), Listen::default()).await.unwrap();
    let loopback = Loopback::start(&demo.simulator.control(), &demo.world).await.unwrap();
    let view = demo.simulator.tailnet("ana").unwrap();
    let maple = view.devices.iter().find(|device| device.hostname == "maple").unwrap();
    let address = maple.addresses[0].to_string();
    let target = |ports: &str| Target::new(std::slice::from_ref(&address), &ports.parse().unwrap()).unwrap();
    let told =
        ask(&*loopback, target("tcp:25565"), ServiceKind::Minecraft, Duration::from_secs(5)).await.unwrap();
    assert_eq!(told.players, Some((2, 20)));
    assert_eq!(told.motd.as_deref(), Some("Be kind to the llamas"));
    assert_eq!(ask(&*loopback, target("tcp:81"), ServiceKind::Http, Duration::from_secs(5)).await, None);
}
