//! Who is blocked or removed: out at once, with everything that they hold; what their friends have goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::access::table::{Access, Role, Row, TABLE};
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
use simulator::{Moment, Operation};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::access::{Scene, is_about_nobody};
use crate::harness::Who::{Ana, Ben, Chiara, Dario};
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::{TestApp, World};

mod beforehand;
mod command_line;
mod credentials;
mod link;
mod meanwhile;
mod worked_off;

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
        // An address that wants no more mails; no token.
        "unwritten_addresses.address_hash",
    ];
    assert_eq!(found, known);
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
        let ana = all.connect(Ana).await;
        let (ben, _, _) = (all.connect(Ben).await, all.connect(Chiara).await, all.connect(Dario).await);
        // Ana owns the instance of the demo, and is not the last who does.
        people::act_on(all.app_state(), all.people[Chiara].id, Deed::MakeOwner, Actor::CommandLine)
            .await
            .unwrap();
        let (maple, jukebox) = (all.node(ana, "maple").await, all.node(ben, "jukebox").await);
        let given = all.accepted_until(Ana, maple, "tcp:25565", Dario, ("weekend", "")).await;
        let received = all.accepted(Ben, jukebox, "tcp:8096", Ana).await;
        for (owner, share) in [(Ana, given), (Ben, received)] {
            all.approved(owner, share).await;
            all.drain().await;
            assert!(
                matches!(all.state(share).await, ShareState::Active { .. }),
                "{:?}",
                all.state(share).await
            );
        }
        let waiting = all.accepted(Ana, maple, "tcp:8080", Chiara).await;
        let mut offers = Vec::new();
        for (owner, node, friend) in [(Ana, maple, Dario), (Ben, jukebox, Ana)] {
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
        people::act_on(self.all.app_state(), self.all.people[Ana].id, deed, Actor::CommandLine)
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

    let trail = db.list_entries(all.people[Dario].id, street.given.uuid()).await.unwrap();
    assert!(trail.iter().any(|entry| entry.what.contains("goes on until its end")), "{trail:?}");
    let items = all.ask(Dario).inbox.home().await.unwrap().items;
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
    let (db, ana) = (&all.app_state().db, all.people[Ana].id);
    street.shut_out(Deed::Remove).await;
    assert!(!db.list_identities(ana).await.unwrap().is_empty(), "first it ends");
    street.settle().await;
    for name in ["ana", "ben"] {
        assert!(!all.policy(name).contains("acequia:share="), "{name}");
        assert_eq!(all.invites(name), 0, "{name}");
    }
    assert_eq!(standing_of(&all.app, ana).await, Standing::Removed);
    assert_eq!(db.list_identities(ana).await.unwrap(), [], "the login is gone");
    assert_eq!(db.list_tailnets_of(ana).await.unwrap().whole().unwrap().len(), 0, "and the credentials");
    assert_eq!(db.find_person(ana).await.unwrap().unwrap().name, all.people[Ana].name);
    assert_eq!(ended(&all.state(street.received).await), Some(EndReason::ShutOut));
    let trail = db.list_entries(all.people[Ben].id, street.received.uuid()).await.unwrap();
    assert!(trail.iter().any(|entry| entry.actor == all.people[Ana].name), "their name stays in the trail");
    let again = people::act_on(all.app_state(), ana, Deed::Unblock, Actor::CommandLine).await;
    assert!(matches!(again, Err(Fault::Conflict(_))), "{again:?}");
}

/// While the policy is about to be written, one of the two is blocked.
#[tokio::test]
async fn who_is_blocked_while_a_share_is_applied_is_left_with_nothing_of_it() {
    for blocked in [Ana, Dario] {
        for operation in [Operation::SetPolicy, Operation::CreateInvites] {
            let all = Neighbours::demo().await;
            let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
            people::act_on(all.app_state(), all.people[Chiara].id, Deed::MakeOwner, Actor::CommandLine)
                .await
                .unwrap();
            let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
            all.approved(Ana, share).await;
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
                matches!(&refused, Err(Fault::Conflict(why)) if why.what.contains("last owner")),
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
