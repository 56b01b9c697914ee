//! A machine whose own configuration lists what runs there.

use std::collections::BTreeMap;

use app::fault::Fault;
use app::ports::offers::OfferForm;
use app::ports::people::Deed;
use app::ports::services::{DirectoryQuery, ServiceForm};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::host::May;
use model::{DeclaredTo, NodeId, ObjectKind, ServiceId, ServiceKind, TailnetRole};
use serde_json::{Value, json};
use server::secrets::hash_token;
use server::store::audit::{Actor, Object};
use server::store::services::declared::{Declared, Told};
use server::store::services::{Service, ServiceAtNode};
use server::trail;
use server::use_cases::people;
use tower::ServiceExt as _;

use crate::harness::Who::{Ana, Ben, Chiara, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

struct Host {
    all: Neighbours,
    maple: NodeId,
    token: String,
}

impl Host {
    /// Ana's maple, which may list; Dario is here too.
    async fn each() -> Vec<Self> {
        let mut hosts = Vec::new();
        for database in TestDatabase::each().await {
            let all = Neighbours::on(database, |_| ()).await;
            let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
            let maple = all.node(ana, "maple").await;
            let may = May { lists: true, ..May::default() };
            let token = all.ask(Ana).hosts.make_token(maple, may).await.unwrap();
            hosts.push(Self { all, maple, token });
        }
        hosts
    }

    async fn put(&self, node: NodeId, token: &str, body: String) -> (StatusCode, Value) {
        let request = Request::put(app::paths::services_of(node))
            .header("host", "gate.example.org")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))
            .unwrap();
        let answer = self.all.app.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// The configuration is deployed. Gives the services by name.
    async fn lists(&self, services: Value) -> BTreeMap<String, ServiceId> {
        let (status, told) = self.put(self.maple, &self.token, services.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let all = told["services"].as_object().unwrap().iter();
        let id = |page: &Value| page.as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
        all.map(|(name, page)| (name.clone(), id(page))).collect()
    }

    /// What Dario is shown, with the ports.
    async fn shown(&self) -> Vec<(String, String)> {
        let found = self.all.ask(Dario).services.directory(DirectoryQuery::default()).await.unwrap();
        found.services.into_iter().map(|card| (card.name, card.ports.to_string())).collect()
    }

    async fn form(&self, id: ServiceId) -> ServiceForm {
        self.all.ask(Ana).services.edit_form(id).await.unwrap().form
    }

    /// How often something was written down.
    async fn entries(&self) -> i64 {
        let db = &self.all.app_state().db;
        let sql = "SELECT COUNT(*) FROM audit";
        let (count,): (i64,) = server::on!(db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
        count
    }
}

fn is_refused<T: std::fmt::Debug>(outcome: Result<T, Fault>) {
    let Err(Fault::Conflict(reason)) = outcome else { panic!("{outcome:?}") };
    assert!(reason.to_string().contains("The configuration of maple lists this"), "{reason}");
}

// Sabotage: `declared` is not compared, or `take_off` is not called.
#[tokio::test]
async fn what_a_configuration_lists_is_the_list() {
    for host in Host::each().await {
        let all = &host.all;
        let by_hand = all.listed(Ana, host.maple, "tcp:2000").await;
        let minecraft = json!({ "ports": ["tcp:8100", "tcp:25565"], "audience": "everybody" });
        let both = json!({ "minecraft": minecraft, "Wiki": { "ports": ["tcp:443"], "about": "Recipes." } });
        let listed = host.lists(both.clone()).await;
        assert_eq!(listed["minecraft"], by_hand, "what people had listed under that name goes on");
        assert_eq!(host.shown().await, [("minecraft".into(), "tcp:8100,tcp:25565".into())]);
        let card = all.ask(Dario).services.get_page(by_hand, None).await.unwrap().card;
        assert_eq!(card.kind, ServiceKind::Minecraft);
        assert_eq!(host.form(by_hand).await.ports, "tcp:25565, tcp:8100", "the one to join first");

        // The same again is nothing.
        let before = host.entries().await;
        assert_eq!(host.lists(both.clone()).await, listed);
        assert_eq!(host.entries().await, before);

        // Who sees it is chosen by people where the configuration does not say, and nothing else is.
        let (wiki, ana) = (listed["Wiki"], all.ask(Ana));
        let everybody = ServiceForm { audience: "everybody".into(), ..host.form(wiki).await };
        ana.services.update(wiki, everybody.clone()).await.unwrap();
        host.lists(both).await;
        assert_eq!(host.form(wiki).await.audience, "everybody");
        is_refused(ana.services.update(wiki, ServiceForm { ports: "80".into(), ..everybody }).await);
        let nobody = ServiceForm { audience: "nobody".into(), ..host.form(by_hand).await };
        is_refused(ana.services.update(by_hand, nobody).await);
        is_refused(ana.services.remove(by_hand).await);

        // Other ports, and one less.
        let other = json!({ "minecraft": { "ports": ["tcp:25566"], "audience": "everybody" } });
        host.lists(other).await;
        assert_eq!(host.shown().await, [("minecraft".into(), "tcp:25566".into())]);
        assert_eq!(ana.services.edit_form(wiki).await.unwrap_err(), Fault::NotFound);

        // Without the right to list, it is as if people had listed it.
        ana.hosts.revoke_token(host.maple).await.unwrap();
        ana.services.remove(by_hand).await.unwrap();
        assert_eq!(host.shown().await, []);
    }
}

// Sabotage: `put_declared` removes without looking for shares.
#[tokio::test]
async fn what_is_left_out_while_somebody_has_it_goes_when_they_no_longer_have() {
    for host in Host::each().await {
        let all = &host.all;
        let share = all.accepted(Ana, host.maple, "tcp:25565", Dario).await;
        let listed =
            host.lists(json!({ "Minecraft": { "ports": ["tcp:25565"], "audience": "everybody" } })).await;
        let id = listed["Minecraft"];
        for _ in 0..2 {
            let before = host.entries().await;
            let (status, told) = host.put(host.maple, &host.token, "{}".into()).await;
            assert_eq!((status, &told["kept"]), (StatusCode::OK, &json!(["Minecraft"])));
            assert_eq!(host.form(id).await.audience, "nobody");
            assert!(host.entries().await <= before + 1);
        }
        let once = host.entries().await;
        host.put(host.maple, &host.token, "{}".into()).await;
        assert_eq!(host.entries().await, once, "it is said once");
        assert!(!all.state(share).await.is_over());

        all.ask(Ana).shares.end(share).await.unwrap();
        all.drain().await;
        let (_, told) = host.put(host.maple, &host.token, "{}".into()).await;
        assert_eq!(told, json!({ "services": {}, "kept": [] }));
        assert_eq!(all.ask(Ana).services.edit_form(id).await.unwrap_err(), Fault::NotFound);
    }
}

// Sabotage: the right is not asked for, or what is understood of a text is stored before all of it is.
#[tokio::test]
async fn what_is_no_list_of_its_own_changes_nothing() {
    for host in Host::each().await {
        let all = &host.all;
        let good = json!({ "Wiki": { "ports": ["tcp:443"] } });
        host.lists(good.clone()).await;
        let before = host.entries().await;
        for (wrong, part) in [
            ("", "services: "),
            ("[]", "services: "),
            (r#"{"Wiki": {}}"#, "ports"),
            (r#"{"Wiki": {"ports": []}}"#, "Wiki.ports: "),
            (r#"{"Wiki": {"ports": ["tcp:70000"]}}"#, "Wiki.ports: "),
            (r#"{"Wiki": {"ports": ["443"], "audience": "people"}}"#, "Wiki.audience: "),
            (r#"{"Wiki": {"ports": ["443"], "kind": "wiki"}}"#, "Wiki.kind: "),
            (r#"{"Wiki": {"ports": ["443"], "port": 1}}"#, "unknown field"),
            (r#"{"": {"ports": ["443"]}}"#, ".name: "),
            (r#"{"Wiki": {"ports": ["443"]}, "wiki": {"ports": ["80"]}}"#, "there is another of that name"),
            (r#"{"Git": {"ports": ["22"]}, "Wiki": {"ports": ["x"]}}"#, "Wiki.ports: "),
        ] {
            let (status, told) = host.put(host.maple, &host.token, wrong.into()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {told}");
            assert!(told["detail"].as_str().unwrap().contains(part), "{wrong}: {told}");
        }
        let most = all.app_state().config.limits.services_per_tailnet;
        let many: BTreeMap<_, _> =
            (0..=most).map(|n| (format!("Service {n}"), json!({ "ports": ["80"] }))).collect();
        let (status, told) = host.put(host.maple, &host.token, json!(many).to_string()).await;
        assert_eq!(status, StatusCode::CONFLICT, "{told}");

        let other = all
            .node(all.app_state().db.find_node(host.maple).await.unwrap().unwrap().tailnet, "ana-laptop")
            .await;
        let no_lists = all.ask(Ana).hosts.make_token(other, May { tells: true, lists: false }).await.unwrap();
        for (node, token) in [(other, &host.token), (other, &no_lists), (host.maple, &no_lists)] {
            let (status, told) = host.put(node, token, "{}".into()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{told}");
        }
        // The token that was made is one entry.
        assert_eq!(host.entries().await, before + 1);
        assert_eq!(host.lists(good).await.len(), 1);
        assert_eq!(host.entries().await, before + 1);
    }
}

// Sabotage: in `told_services` the audience is that of before whoever said so.
#[tokio::test]
async fn what_only_the_configuration_showed_is_shown_to_nobody_when_it_does_not_say_any_more() {
    for host in Host::each().await {
        let wiki = |audience: Option<&str>| json!({ "Wiki": { "ports": ["tcp:443"], "audience": audience } });
        let id = host.lists(wiki(Some("everybody"))).await["Wiki"];
        assert_eq!(host.shown().await.len(), 1);
        host.lists(wiki(None)).await;
        assert_eq!((host.shown().await.len(), host.form(id).await.audience), (0, "nobody".to_owned()));
    }
}

// Sabotage: `forget_people` left out where `put_declared` hides what stays.
#[tokio::test]
async fn what_is_left_out_and_stays_is_shown_to_nobody_by_name_either() {
    for host in Host::each().await {
        let all = &host.all;
        all.accepted(Ana, host.maple, "tcp:25565", Dario).await;
        let id = host.lists(json!({ "Minecraft": { "ports": ["tcp:25565"] } })).await["Minecraft"];
        let dario = all.people[Dario].id;
        let shown = ServiceForm { audience: "people".into(), people: vec![dario], ..host.form(id).await };
        all.ask(Ana).services.update(id, shown).await.unwrap();
        assert_eq!(host.form(id).await.people, [dario]);
        let (status, told) = host.put(host.maple, &host.token, "{}".into()).await;
        assert_eq!((status, &told["kept"]), (StatusCode::OK, &json!(["Minecraft"])));
        assert_eq!(
            host.form(id).await.people,
            [],
            "showing it to somebody else shows it to nobody of before"
        );
        all.drain().await;
    }
}

// A machine that is to hear of an end fetches; it puts nothing before people.
// Sabotage: `standing` left out of `may_list`.
#[tokio::test]
async fn the_machine_of_somebody_who_may_not_come_in_lists_nothing() {
    for host in Host::each().await {
        let all = &host.all;
        all.accepted(Ana, host.maple, "tcp:25565", Dario).await;
        let (state, ana) = (all.app_state(), all.people[Ana].id);
        let deeds = [(all.people[Chiara].id, Deed::MakeOwner), (ana, Deed::Block)];
        for (person, deed) in deeds {
            people::act_on(state, person, deed, Actor::CommandLine).await.unwrap();
        }
        let wiki = json!({ "Wiki": { "ports": ["tcp:443"], "audience": "everybody" } });
        let (status, told) = host.put(host.maple, &host.token, wiki.to_string()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{told}");
        let there = state.db.list_services_of_node(host.maple).await.unwrap();
        assert!(there.iter().all(|one| one.service.name != "Wiki"));
        // It still knows the machine by it: the text is fetched with the same one.
        assert!(state.db.is_pull_token(host.maple, &hash_token(&host.token)).await.unwrap());
        all.drain().await;
    }
}

// Sabotage: `token_by` left out of `may_list`, or `declared` not cleared in `remove_steward`.
#[tokio::test]
async fn a_token_of_a_steward_who_is_blocked_lists_nothing_and_one_that_goes_with_them_leaves_a_list_by_hand()
{
    for host in Host::each().await {
        let (all, ben) = (&host.all, host.all.people[Ben].id);
        let state = all.app_state();
        let ana = state.db.find_node(host.maple).await.unwrap().unwrap().tailnet;
        // They meet.
        let first = all.listed(Ana, host.maple, "tcp:2000").await.to_string();
        let form =
            OfferForm { service: first, to: "link".into(), until: "month".into(), ..OfferForm::default() };
        let (_, link) = all.ask(Ana).offers.create(form).await.unwrap();
        all.ask(Ben).offers.decline(link).await.unwrap();
        all.ask(Ana).stewards.add(ana, ben.to_string(), TailnetRole::Steward).await.unwrap();
        let may = May { lists: true, ..May::default() };
        let token = all.ask(Ben).hosts.make_token(host.maple, may).await.unwrap();
        let wiki = json!({ "Wiki": { "ports": ["tcp:443"] } }).to_string();
        let (status, told) = host.put(host.maple, &token, wiki.clone()).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let page = told["services"]["Wiki"].as_str().unwrap();
        let id: ServiceId = page.rsplit('/').next().unwrap().parse().unwrap();
        is_refused(all.ask(Ana).services.remove(id).await);

        people::act_on(state, ben, Deed::Block, Actor::CommandLine).await.unwrap();
        let other = json!({ "Wiki": { "ports": ["tcp:22"] } }).to_string();
        assert_eq!(host.put(host.maple, &token, other).await.0, StatusCode::UNAUTHORIZED);
        all.drain().await;
        people::act_on(state, ben, Deed::Unblock, Actor::CommandLine).await.unwrap();

        let (status, told) = host.put(host.maple, &token, wiki.clone()).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        all.ask(Ana).stewards.remove(ana, ben, vec![host.maple]).await.unwrap();
        assert_eq!(host.put(host.maple, &token, wiki).await.0, StatusCode::UNAUTHORIZED);
        all.ask(Ana).services.remove(id).await.unwrap();
    }
}

// What was worked out before somebody changed it is not stored over that.
// Sabotage: `before` not compared in `put_declared`, or `token_hash` left out of `may_list`.
#[tokio::test]
async fn what_people_choose_at_the_same_moment_stands() {
    for host in Host::each().await {
        let (all, wiki) = (&host.all, json!({ "Wiki": { "ports": ["tcp:443"] } }));
        let id = host.lists(wiki).await["Wiki"];
        let everybody = ServiceForm { audience: "everybody".into(), ..host.form(id).await };
        all.ask(Ana).services.update(id, everybody).await.unwrap();
        let db = &all.app_state().db;
        let read = db.find_service(id).await.unwrap().unwrap();
        let hidden = ServiceForm { audience: "nobody".into(), ..host.form(id).await };
        all.ask(Ana).services.update(id, hidden).await.unwrap();

        let stores = async |token_hash: &str, before: &ServiceAtNode| {
            let about = trail::about(Object::new(ObjectKind::Service, id, "Wiki")).by(Actor::Acequia);
            let service = Service { about: "Recipes.".into(), ..before.service.clone() };
            let entry = about.says("listed it").at(all.app_state());
            let before = Some((before.service.clone(), before.declared));
            let one = Declared { service, to: DeclaredTo::Chosen, before, entry };
            db.put_declared((host.maple, token_hash), &[one], &[], (100, all.app_state().now()))
                .await
                .unwrap()
        };
        let hash = hash_token(&host.token);
        assert_eq!(stores(&hash, &read).await, Told::Meanwhile);
        assert_eq!(host.form(id).await.audience, "nobody");
        let now = db.find_service(id).await.unwrap().unwrap();
        assert_eq!(stores(&hash_token("another"), &now).await, Told::MayNot);
        assert_eq!(stores(&hash, &now).await, Told::Stored { kept: vec![] });
        assert_eq!(host.form(id).await.about, "Recipes.");
    }
}
