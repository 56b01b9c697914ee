//! Whose machines are whose: the guard's text, as the app hands it out, lets the household of the machine's owner pass and
//! nobody else.

use std::collections::BTreeSet;

use app::fault::Fault;
use model::{NodeId, ShareState, TailnetId};
use simulator::Dialect;
use simulator::headscale::world::{Headscale, Node, User};

use crate::harness::community::{Community, world};

/// Everybody may everywhere, as on a server that nobody has narrowed; with a machine of nobody's, and somebody without one.
fn open() -> Headscale {
    let wide = r#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#;
    let mut server = world(Dialect::V0_29);
    server.policy = Some(wide.into());
    server.nodes.push(Node { name: "press".into(), tags: vec!["tag:press".into()], ..Node::default() });
    server.users.push(User { name: "dora".into(), ..User::default() });
    server
}

/// The addresses in the sets of own devices, of both families.
fn own(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let (mut inside, mut elements) = (false, false);
    for line in text.lines() {
        inside |= line.contains("set own");
        elements |= inside && line.contains("elements");
        if elements {
            let words = line.split(|c: char| !(c.is_ascii_hexdigit() || ".:".contains(c)));
            let addresses = words.filter_map(|word| word.parse::<std::net::IpAddr>().ok());
            all.extend(addresses.map(|address| address.to_string()));
        }
        if line.contains('}') {
            (inside, elements) = (false, false);
        }
    }
    all
}

fn addresses(numbers: &[u8]) -> BTreeSet<String> {
    numbers.iter().flat_map(|n| [format!("100.64.0.{n}"), format!("fd7a:115c:a1e0::{n:x}")]).collect()
}

async fn guarded(all: &Community, mill: TailnetId, name: &str) -> NodeId {
    let node = all.node(mill, name).await;
    all.ask(all.ana).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    node
}

async fn text(all: &Community, node: NodeId) -> String {
    all.ask(all.ana).firewall.text(node).await.unwrap()
}

#[tokio::test]
async fn a_guard_lets_the_household_pass_that_its_owner_named_and_nobody_else() {
    for all in Community::each(open).await {
        let mill = all.connect().await;
        let asked = all.ask(all.ana);
        let dune = guarded(&all, mill, "dune").await;
        assert_eq!(
            own(&text(&all, dune).await),
            addresses(&[1, 2]),
            "each account is a household of its own"
        );

        let view = asked.households.get(mill).await.unwrap();
        assert!(view.mine && view.households.is_empty() && view.accounts.len() == 4, "{view:?}");
        let (ana, bruno, carla) = (all.account("ana"), all.account("bruno"), all.account("carla"));
        asked.households.join(mill, ana.clone(), carla.clone()).await.unwrap();
        assert_eq!(
            own(&text(&all, dune).await),
            addresses(&[1, 2, 4]),
            "at once, and not with the next sync"
        );
        let homes = asked.households.get(mill).await.unwrap().households;
        assert_eq!(homes.iter().map(Vec::len).collect::<Vec<_>>(), [2]);
        let laptop = guarded(&all, mill, "bruno-laptop").await;
        assert_eq!(own(&text(&all, laptop).await), addresses(&[3]), "Bruno's is his");

        // Who joins one of them lives with both; and stays there over a sync.
        asked.households.join(mill, bruno.clone(), carla.clone()).await.unwrap();
        all.sync(mill).await;
        assert_eq!(own(&text(&all, laptop).await), addresses(&[1, 2, 3, 4]));
        asked.households.leave(mill, carla).await.unwrap();
        asked.households.leave(mill, bruno).await.unwrap();
        assert_eq!(own(&text(&all, dune).await), addresses(&[1, 2]));

        let alone = asked.households.join(mill, ana.clone(), ana).await;
        assert!(matches!(alone, Err(Fault::Invalid(_))), "{alone:?}");
        let nobody = asked.households.join(mill, "99".into(), all.account("bruno")).await;
        assert!(matches!(nobody, Err(Fault::Invalid(_))), "{nobody:?}");
    }
}

#[tokio::test]
async fn a_machine_with_tags_has_no_guard_until_it_is_somebodys() {
    for all in Community::each(open).await {
        let mill = all.connect().await;
        let asked = all.ask(all.ana);
        let press = guarded(&all, mill, "press").await;
        let refused = asked.firewall.text(press).await;
        let Err(Fault::Conflict(why)) = refused else { panic!("{refused:?}") };
        assert!(why.to_string().contains("nobody said whose it is"), "{why}");
        assert!(asked.hosts.get(press).await.unwrap().refused.is_some(), "it is told");

        asked.households.give(press, all.account("bruno")).await.unwrap();
        assert_eq!(own(&text(&all, press).await), addresses(&[3, 5]));
        assert_eq!(asked.hosts.get(press).await.unwrap().refused, None);
        let laptop = guarded(&all, mill, "bruno-laptop").await;
        assert_eq!(own(&text(&all, laptop).await), addresses(&[3, 5]), "it is of his household now");
        let dune = guarded(&all, mill, "dune").await;
        assert_eq!(own(&text(&all, dune).await), addresses(&[1, 2]));
        let own = asked.households.give(dune, all.account("bruno")).await;
        assert!(
            matches!(own, Err(Fault::Invalid(_))),
            "what came in with an account is that account's: {own:?}"
        );
    }
}

#[tokio::test]
async fn who_loses_by_the_guard_is_named_before_its_text_and_a_friend_only_where_the_share_is_not() {
    let all = Community::on(open()).await;
    let mill = all.connect().await;
    let asked = all.ask(all.ana);
    let dune = guarded(&all, mill, "dune").await;
    let losers = asked.firewall.get(dune).await.unwrap().losers;
    let of = |who: &str, losers: &[String]| {
        losers.iter().filter(|line| line.starts_with(who)).cloned().collect::<Vec<_>>()
    };
    assert!(of("ana@", &losers).is_empty(), "her own devices pass: {losers:?}");
    assert!(of("bruno@", &losers)[0].contains("tcp 1-65535"), "{losers:?}");

    asked.households.join(mill, all.account("ana"), all.account("bruno")).await.unwrap();
    assert!(of("bruno@", &asked.firewall.get(dune).await.unwrap().losers).is_empty());
    asked.households.leave(mill, all.account("bruno")).await.unwrap();

    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    let choice = asked.members.choice(share, String::new(), false).await.unwrap();
    assert!(choice.is_some());
    asked.members.choose(share, all.account("bruno")).await.unwrap();
    let review = asked.shares.review(share).await.unwrap();
    let told = of("bruno@", &review.firewall.losers);
    assert!(told[0].contains("1-25564,25566-65535"), "he keeps what is shared: {told:?}");
}

#[tokio::test]
async fn whoever_has_no_device_there_opens_no_port_to_the_others() {
    let all = Community::on(open()).await;
    let mill = all.connect().await;
    let dune = guarded(&all, mill, "dune").await;
    let dora = all.app.person("Dora").await;
    let share = all.accepted(mill, "tcp:25565", dora, "dora").await;
    all.approved(share, "dora").await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
    let before = text(&all, dune).await;
    assert!(!before.contains("25565"), "there is nobody to let in yet: {before}");
    let steps = all.ask(all.ana).shares.get(share).await.unwrap().steps;
    let told = steps.iter().filter_map(|step| step.detail.as_deref());
    assert!(
        told.clone().any(|detail| detail.contains("as soon as a device")),
        "{:?}",
        told.collect::<Vec<_>>()
    );

    all.simulator
        .headscale_signs_in("mill", ("https://id.example.com/u-other", "other", ""), "phone")
        .unwrap();
    all.sync(mill).await;
    assert_eq!(text(&all, dune).await, before, "somebody else's device is nothing to it");
}
