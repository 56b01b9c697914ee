//! Who is blocked or removed: out at once, with everything that they hold; what their friends have goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::fault::Fault;
use app::ports::offers::OfferForm;
use app::ports::people::Deed;
use app::ports::services::ServiceForm;
use axum::body::Body;
use axum::http::{Request, header};
use control_plane::CredentialKind;
use futures_util::StreamExt as _;
use model::{EndReason, ObjectKind, PersonId, ShareState, Standing};
use server::hosts;
use server::jobs::Runner;
use server::on;
use server::planes;
use server::planes::join_client;
use server::store::audit::Actor;
use server::store::tailnets::Credential;
use server::use_cases::people;
use server::web::access::{Access, Role, Row, TABLE};
use simulator::{Moment, Operation};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::access::{Scene, is_about_nobody};
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::{TestApp, World};

mod beforehand;
mod meanwhile;

const ANA: usize = 0;
const BEN: usize = 1;
const CHIARA: usize = 2;
const DARIO: usize = 3;

async fn act(app: &TestApp, person: PersonId, deed: Deed) -> Result<String, Fault> {
    people::act_on(&app.state, person, deed, Actor::CommandLine).await
}

async fn standing_of(app: &TestApp, person: PersonId) -> Standing {
    app.state.db.find_standing(person).await.unwrap().unwrap().standing
}

/// Whatever a browser still holds, it is as good as a stranger's: on every route, in every role.
#[tokio::test]
async fn who_is_blocked_is_a_stranger_on_every_route() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let roles = [
        (Role::SignedIn, world.other),
        (Role::Audience, world.listed),
        (Role::Friend, world.friend),
        (Role::Steward, world.steward),
        (Role::TailnetOwner, world.owner),
    ];
    // Signed in a moment before, and, which is worse, a moment after: as somebody who was on their way in.
    let mut before = Vec::new();
    for (role, _) in roles {
        before.push(scene.browser(role).await);
    }
    for (_, person) in roles {
        act(&scene.app, person, Deed::Block).await.unwrap();
    }
    let rows = |row: &&Row| row.access(Role::Stranger) == Access::SignInFirst && !is_about_nobody(row);
    let mut looked = 0;
    for row in TABLE.iter().filter(rows) {
        for (at, (role, _)) in roles.into_iter().enumerate() {
            let (found, how) = scene.call(row, role, true).await;
            assert_eq!(found, Access::SignInFirst, "{} {} as {role:?}: {how}", row.method, row.path);
            let mut fields = Vec::new();
            for name in row.fields.iter().filter(|name| **name != "handle") {
                fields.push(((*name).to_owned(), scene.value(name, role).await));
            }
            let answer = scene.send(&mut before[at], row, &fields, true).await;
            let to = answer.location().unwrap_or_default().to_owned();
            assert!(to.starts_with("/sign-in?next="), "{} {} as {role:?}: {answer:?}", row.method, row.path);
            looked += 1;
        }
    }
    assert!(looked > 200, "{looked}");
}

#[tokio::test]
async fn signing_in_shows_one_plain_page_and_signs_nobody_in() {
    let app = TestApp::demo().await;
    let ana = app.demo_person("Ana").await;
    let mut browser = app.signed_in(ana).await;
    assert_eq!(browser.get("/account").await.status, 200);
    act(&app, ana, Deed::Block).await.unwrap();
    let fields = [("person", ana.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = app.browser().post("/sign-in/demo", &fields).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("This account is shut out"), "{answer:?}");
    assert_eq!(browser.get("/account").await.outcome(), "303 to /sign-in?next=/account");
    act(&app, ana, Deed::Unblock).await.unwrap();
    assert_eq!(app.browser().post("/sign-in/demo", &fields).await.outcome(), "303 to /");
    assert_eq!(browser.get("/account").await.status, 303, "the old session does not come back");
}

/// A stream that is open tells nothing more, and ends by itself.
#[tokio::test]
async fn open_event_streams_end_with_the_session_however_it_ends() {
    for deed in [Deed::Block, Deed::Remove, Deed::SignOut] {
        let app = TestApp::demo().await;
        let world = World::seed(&app).await;
        let browser = app.signed_in(world.friend).await;
        let cookie = format!("{}={}", app.cookie_name(), browser.cookie(app.cookie_name()).unwrap());
        let request = Request::get(format!("/shares/{}/events", world.share))
            .header(header::COOKIE, cookie)
            .header(header::HOST, "gate.example.org")
            .body(Body::empty())
            .unwrap();
        let answer = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut stream = answer.into_body().into_data_stream();
        app.state.signals.share_changes.send(world.share).unwrap();
        let first = stream.next().await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&first).contains("changed"));

        act(&app, world.friend, deed).await.unwrap();
        let _ = app.state.signals.share_changes.send(world.share);
        let rest = tokio::time::timeout(Duration::from_secs(10), stream.collect::<Vec<_>>()).await;
        let rest = rest.expect("the stream ends");
        let told = rest.into_iter().map(|part| String::from_utf8_lossy(&part.unwrap()).into_owned());
        assert!(!told.collect::<String>().contains("changed"), "{deed:?}");
    }
}

/// Tables that hold something with which somebody comes in or asks: a new kind needs its place in these tests.
#[tokio::test]
async fn every_kind_of_token_is_known_to_these_tests() {
    let app = TestApp::start().await;
    let sql = "SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND c.name LIKE '%\\_hash' ESCAPE '\\' ORDER BY 1";
    let server::store::Db::Sqlite(pool) = &app.state.db else { panic!("this is SQLite") };
    let found: Vec<(String,)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    let found: Vec<String> = found.into_iter().map(|(name,)| name).collect();
    let known = [
        "arrivals.token_hash",     // remembers which link somebody came with; opens nothing
        "hosts.token_hash",        // `tokens_of_hosts_stay_while_a_share_is_open`
        "offers.token_hash",       // withdrawn with the block
        "person_links.token_hash", // `a_link_to_come_back_…`
        "sessions.id_hash",        // `who_is_blocked_is_a_stranger_on_every_route`
    ];
    assert_eq!(found, known);
}

/// A tailnet whose credentials are there, with a control plane that counts who comes and says nothing.
struct Counted {
    scene: Scene,
    came: Arc<AtomicUsize>,
}

impl Counted {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let services = &scene.app.state;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::new(AtomicUsize::new(0));
        let counter = came.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        let tailnet = scene.world.tailnet;
        for (kind, text) in [
            (CredentialKind::Client, join_client("client", "secret")),
            (CredentialKind::UserToken, "token".to_owned()),
        ] {
            let credential = Credential {
                kind,
                sealed: planes::seal_credential(services, tailnet, kind, &text),
                hint: "…".into(),
                report: None,
                refused: None,
                checked: services.now(),
                expires: None,
            };
            services.db.put_credential(tailnet, &credential).await.unwrap();
        }
        // Its key would be revoked, which is ending: that has its own test.
        for sql in
            ["UPDATE tailnets SET base_url = $1", "UPDATE joinings SET state = 'cancelled' WHERE $1 = $1"]
        {
            on!(&services.db, pool => sqlx::query(sql).bind(&base).execute(pool).await.map(drop)).unwrap();
        }
        Self { scene, came }
    }

    async fn calls(&self, row: &Row) -> usize {
        self.came.store(0, Ordering::SeqCst);
        self.scene.call(row, Role::Steward, true).await;
        let runner = Runner::new(self.scene.app.state.clone());
        for _ in 0..2 {
            runner.round().await.unwrap();
            self.scene.app.clock.advance_seconds(86_400);
        }
        self.came.load(Ordering::SeqCst)
    }
}

/// Every route as a steward, who may still come in, and everything that jobs do afterwards.
#[tokio::test]
async fn nothing_but_ending_uses_the_credentials_of_somebody_blocked() {
    // What takes back something that was given.
    let ending = ["/fn/elsewhere/end"];
    let rows = |row: &&Row| row.may.contains(&Role::Steward) && !is_about_nobody(row);
    let free = Counted::new().await;
    assert!(free.calls(TABLE.iter().find(|row| row.path == "/tailnets/{id}/policy").unwrap()).await > 0);
    let blocked = Counted::new().await;
    act(&blocked.scene.app, blocked.scene.world.owner, Deed::Block).await.unwrap();
    let mut looked = 0;
    for row in TABLE.iter().filter(rows) {
        looked += 1;
        let calls = blocked.calls(row).await;
        let may = ending.contains(&row.path);
        assert!(calls == 0 || may, "{} {} came {calls} times to the control plane", row.method, row.path);
    }
    assert!(looked > 60, "{looked}");
    let probed = blocked.scene.app.state.db.list_probed().await.unwrap();
    assert!(probed.is_empty(), "{} services are probed", probed.len());
    let refused = planes::of(&blocked.scene.app.state, blocked.scene.world.tailnet).await.map(drop);
    assert!(refused.unwrap_err().to_string().contains("may no longer come in"));
}

/// Ana gives to Dario and receives from Ben; Chiara has accepted something of hers; one thing is offered to her, and one
/// by her.
struct Street {
    all: Neighbours,
    given: model::ShareId,
    received: model::ShareId,
    waiting: model::ShareId,
    offers: Vec<model::OfferId>,
}

impl Street {
    async fn new() -> Self {
        let all = Neighbours::demo().await;
        let ana = all.connect(ANA).await;
        let (ben, _, _) = (all.connect(BEN).await, all.connect(CHIARA).await, all.connect(DARIO).await);
        // Ana owns the instance of the demo, and is not the last who does.
        people::act_on(all.app_state(), all.people[CHIARA].id, Deed::MakeOwner, Actor::CommandLine)
            .await
            .unwrap();
        let (maple, jukebox) = (all.node(ana, "maple").await, all.node(ben, "jukebox").await);
        let given = all.accepted_until(ANA, maple, "tcp:25565", DARIO, ("weekend", "")).await;
        let received = all.accepted(BEN, jukebox, "tcp:8096", ANA).await;
        for (owner, share) in [(ANA, given), (BEN, received)] {
            all.approved(owner, share).await;
            all.drain().await;
            assert!(
                matches!(all.state(share).await, ShareState::Active { .. }),
                "{:?}",
                all.state(share).await
            );
        }
        let waiting = all.accepted(ANA, maple, "tcp:8080", CHIARA).await;
        let mut offers = Vec::new();
        for (owner, node, friend) in [(ANA, maple, DARIO), (BEN, jukebox, ANA)] {
            let form = ServiceForm {
                name: "Wiki".into(),
                kind: "http".into(),
                ports: "tcp:81".into(),
                audience: "everybody".into(),
                ..ServiceForm::default()
            };
            let service = all.ask(owner).services.create(node, form).await.unwrap();
            let form = OfferForm {
                service: service.to_string(),
                to: "person".into(),
                person: all.people[friend].id.to_string(),
                until: "ended".into(),
                ..OfferForm::default()
            };
            offers.push(all.ask(owner).offers.create(form).await.unwrap().0);
        }
        Self { all, given, received, waiting, offers }
    }

    async fn shut_out(&self, deed: Deed) {
        people::act_on(self.all.app_state(), self.all.people[ANA].id, deed, Actor::CommandLine)
            .await
            .unwrap();
    }

    async fn settle(&self) {
        for _ in 0..4 {
            self.all.round().await;
            self.all.app.clock.advance_seconds(60);
        }
    }
}

fn ended(state: &ShareState) -> Option<EndReason> {
    match state {
        ShareState::Ended { why, .. } => Some(*why),
        _ => None,
    }
}

#[tokio::test]
async fn a_block_takes_back_what_they_receive_and_leaves_what_they_give_until_its_end() {
    let street = Street::new().await;
    let all = &street.all;
    let (db, now) = (&all.app_state().db, all.app_state().now());
    street.shut_out(Deed::Block).await;
    for offer in &street.offers {
        let offer = db.find_offer(*offer).await.unwrap().unwrap();
        assert_eq!(offer.closed(now), Some(server::store::offers::Closed::Withdrawn), "at once");
    }
    street.settle().await;
    assert_eq!(ended(&all.state(street.received).await), Some(EndReason::ShutOut));
    assert_eq!(ended(&all.state(street.waiting).await), Some(EndReason::ShutOut));
    assert!(matches!(all.state(street.given).await, ShareState::Active { .. }));
    assert!(!all.policy("ben").contains("acequia:share="), "nothing of it is left at Ben's");
    assert_eq!(all.invites("ben"), 0);
    assert!(all.policy("ana").contains("acequia:share="), "Dario still plays");

    let trail = db.list_entries(all.people[DARIO].id, Some(street.given.uuid()), "", None, 50).await.unwrap();
    assert!(trail.iter().any(|entry| entry.what.contains("goes on until its end")), "{trail:?}");
    let items = all.ask(DARIO).inbox.home().await.unwrap().items;
    assert!(items.iter().any(|item| item.title.contains("no longer looks after")), "{items:?}");

    // Its end is done with Ana's credentials, and leaves nothing.
    all.app.clock.advance_seconds(3 * 86_400);
    street.settle().await;
    assert_eq!(ended(&all.state(street.given).await), Some(EndReason::Expired));
    assert!(!all.policy("ana").contains("acequia:share="));
    assert_eq!(all.invites("ana"), 0);
}

#[tokio::test]
async fn a_removal_ends_all_first_and_leaves_a_name() {
    let street = Street::new().await;
    let all = &street.all;
    let (db, ana) = (&all.app_state().db, all.people[ANA].id);
    street.shut_out(Deed::Remove).await;
    assert!(!db.list_identities(ana).await.unwrap().is_empty(), "first it ends");
    street.settle().await;
    for name in ["ana", "ben"] {
        assert!(!all.policy(name).contains("acequia:share="), "{name}");
        assert_eq!(all.invites(name), 0, "{name}");
    }
    assert_eq!(standing_of(&all.app, ana).await, Standing::Removed);
    assert_eq!(db.list_identities(ana).await.unwrap(), [], "the login is gone");
    assert_eq!(db.list_tailnets_of(ana).await.unwrap().len(), 0, "and the credentials");
    assert_eq!(db.find_person(ana).await.unwrap().unwrap().name, all.people[ANA].name);
    assert_eq!(ended(&all.state(street.received).await), Some(EndReason::ShutOut));
    let trail =
        db.list_entries(all.people[BEN].id, Some(street.received.uuid()), "", None, 50).await.unwrap();
    assert!(trail.iter().any(|entry| entry.actor == all.people[ANA].name), "their name stays in the trail");
    let again = people::act_on(all.app_state(), ana, Deed::Unblock, Actor::CommandLine).await;
    assert!(matches!(again, Err(Fault::Conflict(_))), "{again:?}");
}

/// While the policy is about to be written, one of the two is blocked.
#[tokio::test]
async fn who_is_blocked_while_a_share_is_applied_is_left_with_nothing_of_it() {
    for blocked in [ANA, DARIO] {
        for operation in [Operation::SetPolicy, Operation::CreateInvites] {
            let all = Neighbours::demo().await;
            let (ana, _) = (all.connect(ANA).await, all.connect(DARIO).await);
            people::act_on(all.app_state(), all.people[CHIARA].id, Deed::MakeOwner, Actor::CommandLine)
                .await
                .unwrap();
            let share = all.accepted(ANA, all.node(ana, "maple").await, "tcp:25565", DARIO).await;
            all.approved(ANA, share).await;
            let hold = all.demo.simulator.hold(operation, Moment::BeforeEffect);
            let block = async {
                hold.held().await;
                let who = all.people[blocked].id;
                people::act_on(all.app_state(), who, Deed::Block, Actor::CommandLine).await.unwrap();
                hold.release();
            };
            tokio::join!(all.drain(), block);
            for _ in 0..6 {
                all.round().await;
                all.app.clock.advance_seconds(60);
            }
            let state = all.state(share).await;
            assert_eq!(ended(&state), Some(EndReason::ShutOut), "{operation:?}: {state:?}");
            assert!(!all.policy("ana").contains("acequia:share="), "{operation:?}");
            assert_eq!(all.invites("ana"), 0, "{operation:?}");
        }
    }
}

#[tokio::test]
async fn of_a_block_and_an_accept_at_once_no_share_stays_open() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        world.offer_places(&app, 50).await;
        let mut accepted = 0;
        for n in 0..12 {
            let friend = app.person(&format!("Friend {n}")).await;
            let asked = app.ask(friend);
            let accept = asked.offers.accept(world.token.clone(), "x@example.com".into());
            let block = act(&app, friend, Deed::Block);
            // One after the other, either way round, and then both at once.
            let (answer, blocked) = match n {
                0 => (accept.await, block.await),
                1 => {
                    let blocked = block.await;
                    (accept.await, blocked)
                }
                _ => tokio::join!(accept, block),
            };
            blocked.unwrap();
            accepted += usize::from(answer.is_ok());
            Runner::new(app.state.clone()).drain().await.unwrap();
            Runner::new(app.state.clone()).drain().await.unwrap();
            let open = app.state.db.list_shares_of(friend).await.unwrap().whole().unwrap();
            assert!(open.is_empty(), "{open:?}");
        }
        assert!(accepted > 0, "nobody was let in before they were shut out");
    }
}

#[tokio::test]
async fn the_last_owner_stays_also_when_two_shut_each_other_out_at_once() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let (ines, ivo) = (app.instance_owner("Ines").await, app.person("Ivo").await);
        for deed in [Deed::Block, Deed::Remove] {
            let refused = act(&app, ines, deed).await;
            assert!(
                matches!(&refused, Err(Fault::Conflict(why)) if why.contains("last owner")),
                "{refused:?}"
            );
        }
        act(&app, ivo, Deed::MakeOwner).await.unwrap();
        let (one, two) = tokio::join!(act(&app, ines, Deed::Block), act(&app, ivo, Deed::Block));
        assert!(one.is_ok() ^ two.is_ok(), "{one:?} {two:?}");
        let here = [standing_of(&app, ines).await.is_here(), standing_of(&app, ivo).await.is_here()];
        assert_eq!(here.iter().filter(|here| **here).count(), 1);
    }
}

#[tokio::test]
async fn tokens_of_hosts_stay_while_a_share_is_open() {
    let street = Street::new().await;
    let all = &street.all;
    let node = all.app_state().db.find_share(street.given).await.unwrap().unwrap().node;
    all.ask(ANA).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    let token = all.ask(ANA).hosts.make_token(node, false).await.unwrap();
    let fetch = async || hosts::pulled(all.app_state(), node, &token, "nftables", &[]).await.map(drop);
    street.shut_out(Deed::Block).await;
    street.settle().await;
    assert_eq!(fetch().await, Ok(()), "its host has to hear of the end");
    all.app.clock.advance_seconds(3 * 86_400);
    street.settle().await;
    assert_eq!(ended(&all.state(street.given).await), Some(EndReason::Expired));
    assert_eq!(fetch().await, Err(Fault::NotFound));
    street.shut_out(Deed::Unblock).await;
    assert_eq!(fetch().await, Ok(()));
}

#[tokio::test]
async fn a_key_for_a_new_machine_is_revoked_with_the_block() {
    let all = Neighbours::demo().await;
    let ana = all.connect(ANA).await;
    people::act_on(all.app_state(), all.people[CHIARA].id, Deed::MakeOwner, Actor::CommandLine)
        .await
        .unwrap();
    let chosen =
        model::NewNode { system: "debian".into(), routing: "none".into(), ..model::NewNode::default() };
    all.ask(ANA).joining.make_key(ana, chosen).await.unwrap();
    let keys =
        async || planes::to_end(all.app_state(), ana).await.unwrap().list_auth_keys().await.unwrap().len();
    assert_eq!(keys().await, 1);
    people::act_on(all.app_state(), all.people[ANA].id, Deed::Block, Actor::CommandLine).await.unwrap();
    for _ in 0..3 {
        all.round().await;
    }
    assert_eq!(keys().await, 0);
}

/// Jobs may be killed between any two of their deeds: what was begun goes on at the next start, from the database alone.
#[tokio::test]
async fn a_block_whose_process_was_killed_at_once_is_worked_off_by_the_next_one() {
    let street = Street::new().await;
    let all = &street.all;
    street.shut_out(Deed::Block).await;
    // What `serve` does before its first page: locks of the killed one are gone, nothing else is known of it.
    all.app_state().db.unlock_jobs().await.unwrap();
    server::jobs::finish_endings(all.app_state(), Duration::from_secs(5)).await.unwrap();
    street.settle().await;
    assert_eq!(ended(&all.state(street.received).await), Some(EndReason::ShutOut));
}

mod link {
    use server::secrets::hash_token;
    use server::store::identities::Identity;
    use server::store::person_links::Used;

    use super::*;

    fn way(app: &TestApp, person: PersonId, subject: &str) -> Identity {
        Identity {
            id: app.state.new_id(),
            person,
            provider: "forge".into(),
            subject: subject.into(),
            label: subject.into(),
            email: None,
            linked: app.state.now(),
        }
    }

    async fn made(app: &TestApp, person: PersonId) -> String {
        let link = people::make_link(&app.state, person, Actor::CommandLine).await.unwrap();
        link.url.rsplit('/').next().unwrap().to_owned()
    }

    async fn take(app: &TestApp, token: &str, identity: &Identity) -> Used {
        let world_entry = server::store::audit::NewEntry {
            id: app.state.new_id(),
            at: app.state.now(),
            actor: Actor::CommandLine,
            what: "came back".into(),
            object: server::store::audit::Object {
                kind: ObjectKind::Person,
                id: identity.person.uuid(),
                name: "Ana".into(),
            },
            before: None,
            after: None,
            tailnet: None,
            owner: None,
            friend: None,
        };
        let (db, now) = (&app.state.db, app.state.now());
        db.use_person_link(&hash_token(token), identity, now, &world_entry).await.unwrap()
    }

    #[tokio::test]
    async fn a_link_to_come_back_is_good_once_and_for_a_day_and_ends_all_sessions() {
        for database in TestDatabase::each().await {
            let app = TestApp::on(config(), database);
            let (db, ana) = (&app.state.db, app.person("Ana").await);
            let mut browser = app.signed_in(ana).await;
            let token = made(&app, ana).await;
            let (one, two) = (way(&app, ana, "one"), way(&app, ana, "two"));
            let (first, second) = tokio::join!(take(&app, &token, &one), take(&app, &token, &two));
            assert_eq!(
                [first, second].iter().filter(|used| **used == Used::Done).count(),
                1,
                "{first:?} {second:?}"
            );
            assert_eq!(db.list_identities(ana).await.unwrap().len(), 1);
            assert_eq!(
                db.list_sessions(ana, app.state.now(), app.state.config.session_lifetime, None, 100)
                    .await
                    .unwrap(),
                []
            );
            assert_eq!(browser.get("/account").await.status, 303);

            let old = made(&app, ana).await;
            let new = made(&app, ana).await;
            assert_eq!(take(&app, &old, &way(&app, ana, "three")).await, Used::Gone, "the newer one counts");
            app.clock.advance_seconds(86_401);
            assert_eq!(take(&app, &new, &way(&app, ana, "three")).await, Used::Gone, "its day is over");
        }
    }

    #[tokio::test]
    async fn a_link_takes_nobodys_way_to_sign_in_and_brings_nobody_back_who_is_blocked() {
        for database in TestDatabase::each().await {
            let app = TestApp::on(config(), database);
            let (db, ana, bea) = (&app.state.db, app.person("Ana").await, app.person("Bea").await);
            db.insert_identity(&way(&app, bea, "bea")).await.unwrap();
            let token = made(&app, ana).await;
            assert_eq!(take(&app, &token, &way(&app, ana, "bea")).await, Used::OfSomebodyElse);
            assert_eq!(db.find_identity("forge", "bea").await.unwrap().unwrap().person, bea);
            assert_eq!(take(&app, &token, &way(&app, ana, "ana")).await, Used::Done, "it was still good");

            let token = made(&app, ana).await;
            act(&app, ana, Deed::Block).await.unwrap();
            assert_eq!(take(&app, &token, &way(&app, ana, "other")).await, Used::Gone);
            let refused = people::make_link(&app.state, ana, Actor::CommandLine).await;
            assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
            act(&app, ana, Deed::Unblock).await.unwrap();
            assert_eq!(
                take(&app, &token, &way(&app, ana, "other")).await,
                Used::Gone,
                "it ended with the block"
            );
        }
    }

    #[tokio::test]
    async fn the_page_of_a_link_says_whose_it_is_and_uses_nothing_up() {
        let app = TestApp::start().await;
        let ana = app.person("Ana").await;
        let token = made(&app, ana).await;
        let page = format!("/sign-in/again/{token}");
        for _ in 0..2 {
            assert!(app.browser().get(&page).await.text().contains("Come back as Ana"));
        }
        assert!(app.browser().get("/sign-in/again/nothing").await.text().contains("does not work any more"));
        app.clock.advance_seconds(86_401);
        assert!(app.browser().get(&page).await.text().contains("does not work any more"));
    }
}

mod command_line {
    use std::path::Path;
    use std::process::{Command, Output};

    use server::config::Config;

    use super::*;

    fn acequia(folder: &Path, arguments: &[&str]) -> Output {
        let file = folder.join("acequia.toml");
        let text = format!("base_url = 'https://gate.example.org'\ndata = '{}'\n", folder.display());
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_acequia"));
        command.arg("people").args(arguments).arg("--config").arg(&file).env_clear().output().unwrap()
    }

    fn said(output: &Output) -> String {
        format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr))
    }

    /// The commands are another process; what serves here has the database open, and is asked by a browser and a
    /// stream that were there before.
    #[tokio::test]
    async fn commands_work_beside_what_serves_and_are_noticed_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let base = url::Url::parse("https://gate.example.org").unwrap();
        let app = TestApp::on_disk(Config::new(([127, 0, 0, 1], 0).into(), base, folder.path())).await;
        let ines = app.instance_owner("Ines").await;
        let (bea, mut browser) = app.newcomer("Bea").await;
        app.person("Twin").await;
        app.person("Twin").await;
        assert_eq!(browser.get("/account").await.status, 200);

        let listed = acequia(folder.path(), &["list", "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        let names: Vec<&str> =
            listed.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Bea", "Ines", "Twin", "Twin"]);

        let only_said = said(&acequia(folder.path(), &["block", "bea"]));
        assert!(
            only_said.starts_with("Some(1)") && only_said.contains("signed out everywhere"),
            "{only_said}"
        );
        assert!(only_said.contains("--yes"), "{only_said}");
        assert_eq!(browser.get("/account").await.status, 200, "nothing was done");

        let out = acequia(folder.path(), &["sign-out", "Bea"]);
        assert!(said(&out).starts_with("Some(0)"), "{}", said(&out));
        assert_eq!(browser.get("/account").await.status, 303);
        let mut browser = app.signed_in(bea).await;
        let block = acequia(folder.path(), &["block", "Bea", "--yes"]);
        assert!(said(&block).starts_with("Some(0)"), "{}", said(&block));
        assert_eq!(browser.get("/account").await.status, 303);
        assert_eq!(standing_of(&app, bea).await, Standing::Blocked);

        let link = acequia(folder.path(), &["link", "Bea"]);
        assert!(said(&link).starts_with("Some(1)"), "{}", said(&link));
        let back = acequia(folder.path(), &["unblock", "Bea"]);
        assert!(said(&back).starts_with("Some(0)"), "{}", said(&back));
        let link = acequia(folder.path(), &["link", &bea.to_string()]);
        let url = String::from_utf8(link.stdout.clone()).unwrap();
        assert!(url.starts_with("https://gate.example.org/sign-in/again/"), "{url} {}", said(&link));
        let page = url.trim().trim_start_matches("https://gate.example.org").to_owned();
        assert!(app.browser().get(&page).await.text().contains("Come back as Bea"));

        let several = said(&acequia(folder.path(), &["sign-out", "twin"]));
        assert!(several.starts_with("Some(1)") && several.contains("Several people"), "{several}");
        let nobody = said(&acequia(folder.path(), &["sign-out", "Nobody"]));
        assert!(nobody.starts_with("Some(1)") && nobody.contains("Nobody here is"), "{nobody}");
        let last = said(&acequia(folder.path(), &["remove", &ines.to_string(), "--yes"]));
        assert!(last.starts_with("Some(1)") && last.contains("last owner"), "{last}");
        assert!(said(&acequia(folder.path(), &["make-owner", "Bea"])).starts_with("Some(0)"));
        assert!(
            said(&acequia(folder.path(), &["remove", &ines.to_string(), "--yes"])).starts_with("Some(0)")
        );
        assert_eq!(standing_of(&app, ines).await, Standing::Removing);
        Runner::new(app.state.clone()).drain().await.unwrap();
        assert_eq!(standing_of(&app, ines).await, Standing::Removed);
    }
}
