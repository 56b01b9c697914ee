//! Services are asked whether they answer: which, from where, and who is told.

use model::ServiceKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ::app::ports::services::{DirectoryQuery, Probe, ServiceForm};
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
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
    async fn exchange(&self, target: Target, datagram: &[u8]) -> std::io::Result<Vec<u8>> {
        self.asked.lock().unwrap().push(target.socket());
        let door = self.door.ok_or(std::io::ErrorKind::ConnectionRefused)?;
        server::probe::exchange(door, datagram).await
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

fn target_of(address: &str, kind: ServiceKind, port: &str) -> Target {
    Target::new(&[address.to_owned()], kind, port.parse().unwrap()).unwrap()
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

/// A server that sleeps while nobody plays is woken by each question.
#[tokio::test]
async fn a_service_that_is_left_alone_is_not_asked_and_never_said_to_be_silent() {
    for database in TestDatabase::each().await {
        let (app, world, dialer) = scene_on(database, Recorder::default()).await;
        round(&app.state, dialer.as_ref()).await.unwrap();
        assert!(matches!(probe_of(&app, &world).await, Probe::Silent { .. }));
        let services = app.ask(world.owner).services;
        let form = services.edit_form(world.service).await.unwrap().form;
        let form = ServiceForm { audience: "everybody".into(), people: Vec::new(), ..form };
        let alone = ServiceForm { left_alone: "yes".into(), ..form.clone() };
        services.update(world.service, alone).await.unwrap();
        app.clock.advance_seconds(7_200);
        assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 0);
        assert_eq!(dialer.asked.lock().unwrap().len(), 1, "not once more");
        // A question that was under way is answered only now.
        let (asked, now) = ("100.64.0.1:25565".parse().unwrap(), app.state.now());
        app.state.db.put_probe(world.service, asked, None, (now, now.plus_seconds(3_600))).await.unwrap();
        assert_eq!(probe_of(&app, &world).await, Probe::LeftAlone);
        let mut browser = app.signed_in(world.owner).await;
        let page = browser.get(&::app::paths::service(world.service)).await.text();
        assert!(page.contains("not asked: it is left alone"), "{page}");
        for path in [::app::paths::service(world.service), "/directory".into()] {
            let page = browser.get(&path).await.text();
            assert!(!page.contains("no answer") && !page.contains("no, not since"), "{path}: {page}");
        }
        let page = browser.get(&::app::paths::edit_service(world.service)).await.body;
        assert_eq!(markup::Page::parse(&page).value("left_alone").as_deref(), Some("yes"));

        services.update(world.service, form).await.unwrap();
        assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 1, "asked again");
    }
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
    let target = target_of("100.64.0.1", ServiceKind::Minecraft, "tcp:25565");
    let limit = Duration::from_secs(5);
    let old: Vec<u8> =
        [0xff, 0, 5].into_iter().chain("hi§2§9".encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for (bytes, motd, connections) in [
        (status(r#"{"description":"<script>\u001b[2J\u202eevil"}"#), Some("<script>[2Jevil"), 1),
        (status(r#"{"description":7}"#), None, 1),
        // Whoever takes the connection answers, and is asked once more in the old words.
        (vec![0xff; 64], None, 2),
        // A length of two gigabytes, and nothing after it.
        (vec![0xff, 0xff, 0xff, 0xff, 0x07], None, 2),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec(), None, 2),
        (Vec::new(), None, 2),
        // From before 1.7.
        (old, Some("hi"), 2),
    ] {
        let dialer = Recorder { door: Some(saying(bytes.clone()).await), ..Recorder::default() };
        let told = ask(&dialer, target, (ServiceKind::Minecraft, "maple.ts.net"), limit).await;
        let told = told.unwrap_or_else(|| panic!("it took the connection: {bytes:?}"));
        assert_eq!(told.motd.as_deref(), motd, "{bytes:?}");
        assert_eq!(dialer.asked.lock().unwrap().len(), connections, "{bytes:?}");
    }
    let moved = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n".to_vec();
    let dialer = Recorder { door: Some(saying(moved).await), ..Recorder::default() };
    let web = target_of("100.64.0.1", ServiceKind::Http, "tcp:80");
    assert_eq!(ask(&dialer, web, (ServiceKind::Http, ""), limit).await.unwrap().status, Some(301));
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
    let limit = Duration::from_secs(5);
    let game = target_of(&address, ServiceKind::Minecraft, "tcp:25565");
    let told = ask(&*loopback, game, (ServiceKind::Minecraft, ""), limit).await.unwrap();
    assert_eq!(told.players, Some((2, 20)));
    assert_eq!(told.motd.as_deref(), Some("Be kind to the llamas"));
    let web = target_of(&address, ServiceKind::Http, "tcp:81");
    assert_eq!(ask(&*loopback, web, (ServiceKind::Http, ""), limit).await, None);
}

/// Who takes a connection and says nothing, as a server without a status does: people play there.
#[tokio::test]
async fn a_server_that_only_takes_connections_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialer = Recorder { door: Some(listener.local_addr().unwrap()), ..Recorder::default() };
    let target = target_of("100.64.0.1", ServiceKind::Minecraft, "tcp:25565");
    let told = ask(&dialer, target, (ServiceKind::Minecraft, ""), Duration::from_millis(200)).await;
    assert_eq!(told, Some(server::store::probes::ProbeResult::default()));
}

/// From before 1.7. Fails if those words are never tried, or on the connection on which today's were said.
#[tokio::test]
async fn a_server_that_does_not_know_todays_words_is_asked_in_those_of_before() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dialer = Recorder { door: Some(listener.local_addr().unwrap()), ..Recorder::default() };
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let first = stream.read_u8().await.unwrap();
        // It takes that for nonsense, and hangs up.
        drop(stream);
        let (mut stream, _) = listener.accept().await.unwrap();
        let second = stream.read_u16().await.unwrap();
        let words: Vec<u16> = "§1\u{0}61\u{0}1.5.2\u{0}Old and kind\u{0}3\u{0}20".encode_utf16().collect();
        stream.write_u8(0xff).await.unwrap();
        stream.write_u16(u16::try_from(words.len()).unwrap()).await.unwrap();
        for word in words {
            stream.write_u16(word).await.unwrap();
        }
        (first, second)
    });
    let target = target_of("100.64.0.1", ServiceKind::Minecraft, "tcp:25565");
    let told = ask(&dialer, target, (ServiceKind::Minecraft, ""), Duration::from_secs(30)).await.unwrap();
    assert_eq!((told.version.as_deref(), told.players), (Some("1.5.2"), Some((3, 20))));
    assert_eq!(told.motd.as_deref(), Some("Old and kind"));
    let (first, second) = heard.await.unwrap();
    assert!(first != 0xfe && second == 0xfe01, "today's words first: {first:#x}, {second:#x}");
}

/// A router before several servers leads by the name in the handshake, which is the one that friends type.
#[tokio::test]
async fn a_server_is_asked_by_the_name_of_its_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (app, _, dialer) =
        scene(Recorder { door: Some(listener.local_addr().unwrap()), ..Recorder::default() }).await;
    set(&app, "UPDATE nodes SET dns_name = 'maple.tail1234.ts.net' WHERE name = 'maple'").await;
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = [0; 64];
        let length = stream.read(&mut asked).await.unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    });
    round(&app.state, dialer.as_ref()).await.unwrap();
    let heard = heard.await.unwrap();
    assert!(heard.contains("maple.tail1234.ts.net"), "{heard:?}");
}

#[tokio::test]
async fn bedrock_is_asked_by_a_datagram() {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let door = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut asked = [0; 64];
        let (length, from) = socket.recv_from(&mut asked).await.unwrap();
        assert_eq!((length, asked[0]), (33, 1));
        let text = "MCPE;Llamas;390;1.14.60;1;10;7;level;Survival;";
        let mut pong = vec![0x1c];
        pong.extend([0; 16]);
        pong.extend(&asked[9..25]);
        pong.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        pong.extend(text.as_bytes());
        socket.send_to(&pong, from).await.unwrap();
    });
    let (app, world, dialer) = scene(Recorder { door: Some(door), ..Recorder::default() }).await;
    set(&app, "UPDATE services SET ports = 'udp:19132', join_port = 'udp:19132'").await;
    assert_eq!(round(&app.state, dialer.as_ref()).await.unwrap(), 1);
    assert_eq!(*dialer.asked.lock().unwrap(), ["100.64.0.1:19132".parse().unwrap()]);
    let Probe::Answered { motd, .. } = probe_of(&app, &world).await else { panic!("it answered") };
    assert_eq!(motd.as_deref(), Some("Llamas"));
}

/// A server that sleeps while nobody plays is woken by each question.
#[tokio::test]
async fn who_has_been_silent_for_long_is_asked_rarely_and_what_was_found_counts_until_then() {
    let (app, world, dialer) = scene(Recorder::default()).await;
    let mut asked = 0;
    let minutes = 24 * 60;
    for _ in 0..minutes / 2 {
        asked += round(&app.state, dialer.as_ref()).await.unwrap();
        assert!(matches!(probe_of(&app, &world).await, Probe::Silent { .. }), "it stays known");
        app.clock.advance_seconds(120);
    }
    assert!((30..60).contains(&asked), "of 720 rounds in a day it was asked in {asked}");
}
