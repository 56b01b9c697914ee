//! A machine is brought in: the key, the wait, and who may do it, with the real client and the simulated API.

use ::app::fault::Fault as Refusal;
use ::app::ports::joining::{Came, Stopped};
use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use model::{JoiningState, NewNode, TailnetId};
use server::on;
use server::planes;
use simulator::{Fault, FaultRule, Moment, Operation};
use tower::ServiceExt as _;

use crate::harness::TestApp;
use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;

fn chosen(system: &str) -> NewNode {
    NewNode { system: system.into(), routing: "none".into(), ..NewNode::default() }
}

/// Every text that the database holds in clear, but for the browser sessions, which are sealed.
async fn stored(app: &TestApp) -> String {
    let mut all = String::new();
    for (table, columns) in [
        ("joinings", "choices || coalesce(key_id, '') || description || known"),
        ("audit", "what || object || coalesce(before_text, '') || coalesce(after_text, '')"),
        ("jobs", "kind"),
    ] {
        let sql = format!("SELECT {columns} FROM {table}");
        let rows: Vec<(String,)> =
            on!(&app.state.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await)
                .unwrap();
        all.extend(rows.into_iter().map(|(text,)| text + "\n"));
    }
    all
}

async fn step(world: &Neighbours) {
    world.app.clock.advance_seconds(60);
    world.drain().await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_the_machine_that_uses_it_is_found() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let form = ana.joining.form(tailnet, NewNode::default()).await.unwrap();
    assert_eq!(form.no_key, None);
    assert!(form.text.lines.iter().any(|line| line.text.contains("authKeyFile")), "{:?}", form.text);

    let (id, key) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    assert!(key.starts_with("tskey-auth-"), "{key}");
    let secret = key.rsplit('-').next().unwrap();
    let told = stored(&world.app).await;
    assert!(!told.contains(secret), "the key is nowhere: {told}");
    assert!(told.contains("made a key for a new machine"), "{told}");
    world.drain().await;
    let view = ana.joining.get(id).await.unwrap();
    assert_eq!((view.state, view.trouble), (JoiningState::Waiting, None));
    assert!(view.observed_at.is_some());

    assert_eq!(world.demo.simulator.control().join(&key, "willow", "linux").unwrap(), "willow");
    step(&world).await;
    let view = ana.joining.get(id).await.unwrap();
    assert_eq!(view.state, JoiningState::Arrived);
    let nodes = view.arrived;
    assert_eq!(nodes.len(), 1);
    assert_eq!(nodes[0], (world.node(tailnet, "willow").await, "willow".into()));
    assert!(stored(&world.app).await.contains("saw willow come in"));
    // It was for one machine.
    assert!(world.demo.simulator.control().join(&key, "juniper", "linux").is_err());
    assert!(matches!(ana.joining.cancel(id).await, Err(Refusal::Conflict(_))), "over is over");
}

#[tokio::test]
async fn who_stops_waiting_revokes_the_key() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let (id, key) = ana.joining.make_key(tailnet, chosen("fedora")).await.unwrap();
    let stopped = ana.joining.cancel(id).await.unwrap();
    assert_eq!(stopped, Stopped { tailnet, revoked: true, came: Came::Nobody });
    assert!(world.demo.simulator.control().join(&key, "willow", "linux").is_err(), "it is revoked");
    step(&world).await;
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Cancelled);
    assert!(stored(&world.app).await.contains("revoked the key for a new machine"));
}

#[tokio::test]
async fn a_machine_that_came_a_moment_before_is_told_to_whoever_stops_waiting() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let (id, key) = ana.joining.make_key(tailnet, chosen("fedora")).await.unwrap();
    world.drain().await;
    world.demo.simulator.control().join(&key, "willow", "linux").unwrap();
    let stopped = ana.joining.cancel(id).await.unwrap();
    assert_eq!(stopped.came, Came::Machines(vec!["willow".into()]));
    world.drain().await;
    let nodes = ana.joining.get(id).await.unwrap().arrived;
    assert_eq!(nodes[0].1, "willow");
}

#[tokio::test]
async fn whoever_stops_while_a_machine_is_found_is_told_of_it() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let id = ana.joining.wait(tailnet, chosen("debian")).await.unwrap();
    let (_, key) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    // The last look of whoever stops is answered from before the machine came; the runner sees it come.
    let control = world.demo.simulator.control();
    let hold = control.hold(Operation::ListDevices, Moment::AfterEffect);
    let comes = async {
        hold.held().await;
        control.join(&key, "willow", "linux").unwrap();
        world.drain().await;
        hold.release();
    };
    let (stopped, ()) = tokio::join!(ana.joining.cancel(id), comes);
    let came = Came::Machines(vec!["willow".into()]);
    assert_eq!(stopped.unwrap(), Stopped { tailnet, revoked: false, came });
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Arrived);
}

#[tokio::test]
async fn who_stops_while_the_control_plane_is_silent_is_told_what_is_not_known() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let id = ana.joining.wait(tailnet, chosen("debian")).await.unwrap();
    let fault = Fault::Status { status: 403, message: None };
    let control = world.demo.simulator.control();
    control.fail(FaultRule {
        target: Operation::ListDevices.into(),
        fault,
        times: 2,
        moment: Moment::BeforeEffect,
    });
    let stopped = ana.joining.cancel(id).await.unwrap();
    assert!(matches!(stopped.came, Came::Unknown(_)), "{stopped:?}");
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Cancelled);
    world.drain().await;
}

/// As a browser reads it: an event without data is none.
#[tokio::test]
async fn whoever_looks_on_is_told_of_each_change() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let (id, _) = world.ask(Ana).joining.make_key(tailnet, chosen("debian")).await.unwrap();
    let browser = world.app.signed_in(world.people[Ana].id).await;
    let name = world.app.cookie_name();
    let request = Request::get(::app::paths::joining_events(tailnet, id))
        .header("cookie", format!("{name}={}", browser.cookie(name).unwrap()));
    let answer = world.app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let mut events = answer.into_body().into_data_stream();
    let (told, ()) = tokio::join!(events.next(), world.drain());
    let told = String::from_utf8(told.unwrap().unwrap().to_vec()).unwrap();
    let data = told.lines().filter_map(|line| line.strip_prefix("data:")).any(|data| !data.trim().is_empty());
    assert!(told.contains("event: changed") && data, "{told:?}");
}

#[tokio::test]
async fn nobody_is_waited_for_after_the_key_ended() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let (id, _) = ana.joining.make_key(tailnet, chosen("arch")).await.unwrap();
    let ends = ana.joining.get(id).await.unwrap().ends;
    assert_eq!(ends.seconds() - world.app_state().now().seconds(), 3600, "short-lived");
    world.drain().await;
    world.app.clock.advance_seconds(3601);
    world.drain().await;
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Lapsed);
}

#[tokio::test]
async fn with_tags_only_a_machine_that_has_them_is_the_one() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let tag = ana.joining.form(tailnet, NewNode::default()).await.unwrap().tags[0].clone();
    let with = |tag: &str| NewNode { tags: vec![tag.into()], ..chosen("debian") };
    let unknown = ana.joining.make_key(tailnet, with("tag:nobodys")).await;
    assert!(matches!(unknown, Err(Refusal::Invalid(_))), "{unknown:?}");
    let (id, key) = ana.joining.make_key(tailnet, with(&tag)).await.unwrap();
    // Another machine comes in meanwhile, without them.
    let (other, plain) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    world.demo.simulator.control().join(&plain, "juniper", "linux").unwrap();
    step(&world).await;
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Waiting);
    assert_eq!(ana.joining.get(other).await.unwrap().state, JoiningState::Arrived);
    world.demo.simulator.control().join(&key, "willow", "linux").unwrap();
    world.app.clock.advance_seconds(600);
    world.drain().await;
    let nodes = ana.joining.get(id).await.unwrap().arrived;
    assert!(nodes.iter().any(|(_, name)| name == "willow"), "{nodes:?}");
}

#[tokio::test]
async fn two_who_wait_for_the_same_get_a_machine_each_and_read_that_it_may_be_the_others() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let arrived = async |id| {
        let nodes = ana.joining.get(id).await.unwrap().arrived;
        nodes.into_iter().map(|(_, name)| name).collect::<Vec<String>>()
    };
    let (one, first) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    let (two, second) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    for (id, other) in [(one, two), (two, one)] {
        let others = ana.joining.get(id).await.unwrap().others;
        assert_eq!(others.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [other]);
    }
    let control = world.demo.simulator.control();
    control.join(&second, "willow", "linux").unwrap();
    step(&world).await;
    let mut seen: Vec<String> = [arrived(one).await, arrived(two).await].concat();
    assert_eq!(seen, ["willow"], "one of the two goes on waiting");
    control.join(&first, "juniper", "linux").unwrap();
    step(&world).await;
    seen = [arrived(one).await, arrived(two).await].concat();
    seen.sort_unstable();
    assert_eq!(seen, ["juniper", "willow"]);
}

#[tokio::test]
async fn a_tagged_machine_is_for_the_wait_that_asked_for_its_tags() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    let tagged = NewNode { tags: vec!["tag:home".into()], ..chosen("debian") };
    let (plain, _) = ana.joining.make_key(tailnet, chosen("debian")).await.unwrap();
    let (id, key) = ana.joining.make_key(tailnet, tagged).await.unwrap();
    world.demo.simulator.control().join(&key, "willow", "linux").unwrap();
    step(&world).await;
    assert_eq!(ana.joining.get(plain).await.unwrap().state, JoiningState::Waiting);
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Arrived);
}

#[tokio::test]
async fn without_the_right_to_make_keys_it_is_made_by_hand_and_waited_for_all_the_same() {
    let world = Neighbours::demo().await;
    let mut form = world.form(Ana);
    form.user_token = String::new();
    let ana = world.ask(Ana);
    let tailnet: TailnetId = ana.tailnets.connect(form).await.unwrap();
    world.drain().await;
    let view = ana.joining.form(tailnet, NewNode::default()).await.unwrap();
    assert!(view.no_key.unwrap().contains("user token"));
    let refused = ana.joining.make_key(tailnet, chosen("debian")).await;
    assert!(matches!(refused, Err(Refusal::Conflict(_))), "{refused:?}");
    let id = ana.joining.wait(tailnet, chosen("debian")).await.unwrap();
    // Somebody makes a key in the console: as the simulator's own owner.
    let other = world.demo.keyring()[0].1.user_token.clone();
    let plane = planes::with(world.app_state(), &world.demo.simulator.api_url(), None, Some(&other)).unwrap();
    let key = plane.create_auth_key(&control_plane::NewAuthKey::default()).await.unwrap();
    world.demo.simulator.control().join(key.key.expose(), "willow", "linux").unwrap();
    step(&world).await;
    assert_eq!(ana.joining.get(id).await.unwrap().state, JoiningState::Arrived);
}

#[tokio::test]
async fn bad_choices_are_told_beside_their_field_and_make_no_key() {
    let world = Neighbours::demo().await;
    let tailnet = world.connect(Ana).await;
    let ana = world.ask(Ana);
    for (field, wrong) in [
        ("system", NewNode { system: "beos".into(), ..NewNode::default() }),
        ("routing", NewNode { routing: "sideways".into(), ..NewNode::default() }),
        ("key_file", NewNode { key_file: "./key".into(), ..NewNode::default() }),
        ("key_file", NewNode { key_file: "/nix/store/x".into(), ..NewNode::default() }),
        ("login_server", NewNode { login_server: "https://a;reboot".into(), ..NewNode::default() }),
    ] {
        let errors = ana.joining.form(tailnet, wrong.clone()).await.unwrap().errors;
        assert_eq!(errors.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [field], "{wrong:?}");
        assert!(matches!(ana.joining.make_key(tailnet, wrong).await, Err(Refusal::Invalid(_))));
    }
    let asked = world.demo.simulator.control().log();
    assert!(!asked.iter().any(|call| format!("{call:?}").contains("CreateKey")), "no key was asked for");
}
