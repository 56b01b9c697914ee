//! Several owners on one server: whoever connects it again is asked for, whoever is known lends what is theirs, and nobody
//! plans for others' machines.

use app::fault::Fault;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use model::host::May;
use model::{Decision, NodeId, PersonId, ServiceId, ShareId, ShareState, TailnetId};

use crate::harness::community::{Community, POLICY, world};
use crate::harness::neighbours::yes;

async fn inbox(all: &Community, who: PersonId) -> Vec<String> {
    all.ask(who).inbox.home().await.unwrap().items.into_iter().map(|item| item.title).collect()
}

pub fn minecraft() -> ServiceForm {
    ServiceForm {
        name: "Minecraft".into(),
        kind: "minecraft".into(),
        ports: "tcp:25565".into(),
        audience: "everybody".into(),
        ..ServiceForm::default()
    }
}

/// Bruno asked, and Ana said which account he is.
pub async fn known(all: &Community, mill: TailnetId) {
    let refused = all.ask(all.bruno).tailnets.connect(all.form()).await;
    assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
    all.ask(all.ana).lenders.accept(mill, all.bruno, all.account("bruno")).await.unwrap();
}

/// Bruno lends Minecraft on his laptop to Carla, who accepts.
pub async fn lent(all: &Community, laptop: NodeId) -> (ServiceId, ShareId) {
    let asked = all.ask(all.bruno);
    let service = asked.services.create(laptop, minecraft()).await.unwrap();
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    let (_, token) = asked.offers.create(form).await.unwrap();
    let opened = all.ask(all.carla).offers.open(token.clone()).await.unwrap();
    assert_eq!(opened.owner, "Bruno", "it is his");
    (service, all.ask(all.carla).offers.accept(token, "carla@example.com".into()).await.unwrap())
}

#[tokio::test]
async fn whoever_connects_a_server_again_is_asked_for_and_lends_what_is_theirs() {
    for all in Community::each(|| world(simulator::Dialect::V0_29)).await {
        let mill = all.connect().await;
        let laptop = all.node(mill, "bruno-laptop").await;
        let before = all.ask(all.bruno).tailnets.node(laptop).await;
        assert!(matches!(before, Err(Fault::NotFound)), "a key of the server opens nothing here: {before:?}");
        for _ in 0..2 {
            let refused = all.ask(all.bruno).tailnets.connect(all.form()).await;
            assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
        }
        assert_eq!(inbox(&all, all.ana).await, ["Somebody asks to lend their machines on The mill"]);
        let view = all.ask(all.ana).lenders.get(mill).await.unwrap();
        let asking: Vec<&str> = view.asking.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((asking, view.owner_reviews), (vec!["Bruno"], true));
        all.drain().await;

        all.ask(all.ana).lenders.accept(mill, all.bruno, all.account("bruno")).await.unwrap();
        assert!(inbox(&all, all.ana).await.is_empty(), "answered");
        all.drain().await;
        let asked = all.ask(all.bruno);
        let held = asked.lenders.held().await.unwrap();
        let held: Vec<(&str, &str)> =
            held.iter().map(|one| (one.name.as_str(), one.owner.as_str())).collect();
        assert_eq!(held, [("bruno-laptop", "Ana")], "his own, and nothing else");
        assert!(asked.tailnets.node(laptop).await.unwrap().held);
        assert!(all.ask(all.ana).lenders.held().await.unwrap().is_empty(), "hers stand in her own list");

        let (_, share) = lent(&all, laptop).await;
        let given = asked.shares.list().await.unwrap().waiting;
        assert_eq!(given.len(), 1, "he finds it among his");
        assert_eq!(all.ask(all.ana).shares.list().await.unwrap().waiting.len(), 1, "and she among hers");

        // Those who look after the server review each plan at first.
        let told = |all: Vec<String>| all.iter().any(|title| title.contains("review what it opens"));
        assert!(!told(inbox(&all, all.bruno).await) && told(inbox(&all, all.ana).await));
        assert!(!asked.shares.get(share).await.unwrap().can_review);
        let review = asked.shares.review(share).await;
        assert!(matches!(review, Err(Fault::Conflict(_))), "{review:?}");
        let apply = asked.shares.apply(share, String::new(), Decision::Apply).await;
        assert!(matches!(apply, Err(Fault::Conflict(_))), "{apply:?}");
        assert_eq!(all.approved(share, "carla").await, Decision::Apply);
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        assert!(all.policy().contains("100.64.0.3:25565"), "{}", all.policy());

        asked.shares.end(share).await.unwrap();
        all.drain().await;
        assert!(all.state(share).await.is_over());
        assert_eq!(all.policy(), POLICY);
    }
}

#[tokio::test]
async fn where_it_is_left_to_them_they_say_yes_to_the_service_and_to_nothing_else() {
    let all = Community::on(world(simulator::Dialect::V0_29)).await;
    let mill = all.connect().await;
    known(&all, mill).await;
    let refused = all.ask(all.bruno).lenders.set_review(mill, false).await;
    assert!(matches!(refused, Err(Fault::NotFound)), "only the owner says so: {refused:?}");
    all.ask(all.ana).lenders.set_review(mill, false).await.unwrap();
    let laptop = all.node(mill, "bruno-laptop").await;
    let (_, share) = lent(&all, laptop).await;
    assert!(inbox(&all, all.bruno).await.iter().any(|title| title.contains("review what it opens")));
    let asked = all.ask(all.bruno);
    asked.members.choose(share, all.account("carla")).await.unwrap();
    assert_eq!(yes(&asked, share).await.unwrap(), Decision::Apply);
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    asked.shares.end(share).await.unwrap();
    all.drain().await;

    // Where others' rules would have to change it is theirs who look after the server.
    let wide = r#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#;
    all.simulator.headscale_policy("mill", Some(wide)).unwrap();
    let listed = all.app.state.db.list_services_of_node(laptop).await.unwrap();
    let form = OfferForm {
        service: listed[0].service.id.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    let (_, token) = asked.offers.create(form).await.unwrap();
    let share = all.ask(all.carla).offers.accept(token, "carla@example.com".into()).await.unwrap();
    for decision in [Decision::NarrowAndApply, Decision::WholeNode] {
        let plan = asked.shares.review(share).await.unwrap().plan;
        let refused = asked.shares.apply(share, plan, decision).await;
        assert!(matches!(refused, Err(Fault::Conflict(_))), "{decision:?}: {refused:?}");
    }
    all.drain().await;
    assert_eq!(all.policy(), wide, "nothing was written");
}

#[tokio::test]
async fn nobody_plans_for_machines_of_others() {
    let all = Community::on(world(simulator::Dialect::V0_29)).await;
    let mill = all.connect().await;
    let hers = all.accepted(mill, "tcp:25565", all.carla, "carla@example.com").await;
    known(&all, mill).await;
    all.ask(all.ana).lenders.set_review(mill, false).await.unwrap();
    let (dune, laptop) = (all.node(mill, "dune").await, all.node(mill, "bruno-laptop").await);
    let asked = all.ask(all.bruno);
    let hidden = |name: &str, answer: Result<(), Fault>| {
        assert!(matches!(answer, Err(Fault::NotFound | Fault::Forbidden)), "{name}: {answer:?}");
    };
    hidden("the network", asked.tailnets.get(mill).await.map(drop));
    hidden("its policy", asked.tailnets.policy(mill).await.map(drop));
    hidden("its reach", asked.reach.get(mill, app::ports::reach::ReachQuery::default()).await.map(drop));
    hidden("her machine", asked.tailnets.node(dune).await.map(drop));
    hidden("its firewall", asked.firewall.get(dune).await.map(drop));
    hidden("its token", asked.hosts.make_token(dune, May { tells: true, ..May::default() }).await.map(drop));
    hidden("a listing there", asked.services.create(dune, minecraft()).await.map(drop));
    let services = all.app.state.db.list_services_of_node(dune).await.unwrap();
    let form = OfferForm {
        service: services[0].service.id.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    hidden("an offer of it", asked.offers.create(form).await.map(drop));
    hidden("her share", asked.shares.get(hers).await.map(drop));
    hidden("its review", asked.shares.review(hers).await.map(drop));
    hidden("its yes", asked.shares.apply(hers, String::new(), Decision::Apply).await);
    hidden("its account", asked.members.choose(hers, all.account("bruno")).await);
    hidden("its end", asked.shares.end(hers).await);
    hidden("who lends", asked.lenders.get(mill).await.map(drop));
    hidden("whose is whose", asked.households.get(mill).await.map(drop));
    hidden("to take it", asked.households.give(dune, all.account("bruno")).await);
    asked.firewall.get(laptop).await.unwrap();

    // Forgotten: his machine is Ana's to lend again, and nothing of it his to see.
    all.ask(all.ana).lenders.refuse(mill, all.bruno).await.unwrap();
    hidden("his machine", asked.tailnets.node(laptop).await.map(drop));
    assert!(asked.lenders.held().await.unwrap().is_empty());
    all.drain().await;
}

#[tokio::test]
async fn a_machine_with_tags_is_lent_by_whom_it_was_given_to() {
    let mut server = world(simulator::Dialect::V0_29);
    let tags = vec!["tag:press".into()];
    server.nodes.push(simulator::headscale::world::Node { name: "press".into(), tags, ..Default::default() });
    let all = Community::on(server).await;
    let mill = all.connect().await;
    known(&all, mill).await;
    let press = all.node(mill, "press").await;
    assert!(all.ask(all.bruno).tailnets.node(press).await.is_err());
    all.ask(all.ana).households.give(press, all.account("bruno")).await.unwrap();
    all.sync(mill).await;
    let held = all.ask(all.bruno).lenders.held().await.unwrap();
    assert_eq!(held.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["bruno-laptop", "press"]);
    all.ask(all.bruno).services.create(press, minecraft()).await.unwrap();
}

/// Sabotage: leave `lenders::answer` out of `delete_asking` or of `put_member`, or `forget_answer` out of `put_asking`.
#[tokio::test]
async fn whoever_asked_to_lend_hears_of_the_answer() {
    for all in Community::each(|| world(simulator::Dialect::V0_29)).await {
        let mill = all.connect().await;
        let asks = async || {
            let refused = all.ask(all.bruno).tailnets.connect(all.form()).await;
            assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
        };
        asks().await;
        assert!(inbox(&all, all.bruno).await.is_empty(), "nobody said anything");
        all.ask(all.ana).lenders.refuse(mill, all.bruno).await.unwrap();
        let no = ["You may not lend your machines on the server that you asked for"];
        assert_eq!(inbox(&all, all.bruno).await, no);
        assert!(inbox(&all, all.ana).await.is_empty(), "answered");
        all.drain().await;

        asks().await;
        assert!(inbox(&all, all.bruno).await.is_empty(), "it is asked again");
        all.ask(all.ana).lenders.accept(mill, all.bruno, all.account("bruno")).await.unwrap();
        assert_eq!(inbox(&all, all.bruno).await, ["You may lend your own machines on The mill"]);
        all.drain().await;
        all.later(15 * 24 * 3600).await;
        assert!(!inbox(&all, all.bruno).await.iter().any(|title| title.contains("lend your own")), "no news");

        all.ask(all.ana).lenders.refuse(mill, all.bruno).await.unwrap();
        all.drain().await;
    }
}
