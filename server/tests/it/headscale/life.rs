//! From the offer to the end: one rule, and nothing else at the server.

use app::fault::Fault;
use model::{Decision, EndReason, Need, ShareState, Trouble};
use simulator::Operation;

use super::VERSIONS;
use crate::harness::community::{CARLA, Community, POLICY};

/// From *apply* to *open*: the policy, machines and accounts; the write, which looks before and twice after it.
const MOST: usize = 10;

#[tokio::test]
async fn a_share_with_a_member_is_open_once_its_rule_is_in_force_and_ends_to_the_byte() {
    for version in VERSIONS {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
        let asked = all.ask(all.ana);

        let choice = asked.members.choice(share, String::new(), false).await.unwrap().expect("a question");
        assert_eq!((choice.friend.as_str(), choice.typed.as_str()), ("Bruno", "bruno@"));
        let likely = choice.likely.expect("it is what he wrote").0;
        assert_eq!(likely, all.account("bruno"));
        let refused = asked.shares.review(share).await;
        assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");

        assert_eq!(all.approved(share, "bruno").await, Decision::Apply, "{version:?}");
        assert_eq!(all.policy(), POLICY, "a review writes nothing");
        all.simulator.clear_log();
        all.drain().await;
        let calls = all.calls();
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Active { .. }), "{version:?}: {state:?}");
        assert!(calls.len() <= MOST, "{} calls: {calls:?}", calls.len());
        assert_eq!(calls.iter().filter(|call| **call == Operation::V1SetPolicy).count(), 1);
        let with = all.policy();
        assert_eq!(with.matches(&format!("acequia:share={share}")).count(), 1, "{with}");
        assert!(with.contains(r#""src": ["bruno@"]"#) && with.contains("100.64.0.1:25565"), "{with}");
        let rest: String =
            with.lines().filter(|line| !line.contains("bruno@") && !line.contains("acequia:")).collect();
        assert_eq!(rest, POLICY.lines().collect::<String>(), "every other byte stays");

        let page = all.ask(all.bruno).shares.get(share).await.unwrap();
        let copied: Vec<&str> = page.join.iter().filter_map(|step| step.copy.as_deref()).collect();
        assert_eq!(copied[0], "tailscale login --login-server=https://mill.example --nickname=the-mill");
        assert!(copied.contains(&"dune.hs.example:25565"), "{copied:?}");
        assert_eq!(page.invite_link, None);

        all.sync(mill).await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "it is as agreed");
        let elsewhere = asked.tailnets.get(mill).await.unwrap().unmanaged.all_unmanaged;
        assert!(elsewhere.is_empty(), "nobody is a stranger: {elsewhere:?}");

        asked.shares.end(share).await.unwrap();
        all.drain().await;
        let ended = all.state(share).await;
        let ShareState::Ended { why: EndReason::OwnerEnded, open_question: None, .. } = ended else {
            panic!("{ended:?}")
        };
        assert_eq!(all.policy(), POLICY);
    }
}

#[tokio::test]
async fn who_came_in_by_a_provider_is_named_as_it_names_them_and_the_choice_is_asked_once() {
    let all = Community::of(simulator::Dialect::V0_29).await;
    let mill = all.connect().await;
    let first = all.accepted(mill, "tcp:25565", all.carla, "carla@example.com").await;
    let choice = all.ask(all.ana).members.choice(first, String::new(), false).await.unwrap().unwrap();
    let (likely, why) = choice.likely.unwrap();
    assert_eq!(likely, all.account("carla"));
    assert!(why.contains("verified"), "{why}");
    all.approved(first, "carla").await;
    all.drain().await;
    assert!(matches!(all.state(first).await, ShareState::Active { .. }), "{:?}", all.state(first).await);
    assert!(all.policy().contains(&format!(r#""src": ["{CARLA}@"]"#)), "{}", all.policy());

    let second = all.accepted(mill, "udp:24454", all.carla, "whatever").await;
    let login = all.app.state.db.find_share(second).await.unwrap().unwrap().login;
    assert_eq!(login.as_str(), format!("{CARLA}@"), "it is known whom she is");
    assert!(all.ask(all.ana).members.choice(second, String::new(), false).await.unwrap().is_none());
    let others = all.ask(all.ana).members.choice(second, "brun".into(), true).await.unwrap().unwrap();
    assert_eq!(others.accounts.len(), 1, "{others:?}");
    for stranger in [all.bruno, all.carla] {
        let asked = all.ask(stranger);
        let refused = asked.members.choose(second, all.account("bruno")).await;
        assert!(matches!(refused, Err(Fault::Forbidden | Fault::NotFound)), "{refused:?}");
    }
    all.approved(second, "carla").await;
    all.drain().await;
    all.ask(all.carla).shares.end(first).await.unwrap();
    all.drain().await;
    assert!(matches!(all.state(second).await, ShareState::Active { .. }));
    all.ask(all.ana).shares.end(second).await.unwrap();
    all.drain().await;
    assert_eq!(all.policy(), POLICY);
}

#[tokio::test]
async fn an_account_that_is_gone_is_told_and_its_name_opens_nothing_again() {
    let all = Community::of(simulator::Dialect::V0_29).await;
    let mill = all.connect().await;
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    all.simulator.headscale_deletes_user("mill", "bruno").unwrap();
    all.sync(mill).await;
    let ShareState::Drifted { attention } = all.state(share).await else {
        panic!("{:?}", all.state(share).await)
    };
    assert_eq!(
        (attention.need, attention.trouble),
        (Need::Review, Trouble::AccountGone { login: "bruno@".into() })
    );
    assert!(all.ask(all.ana).members.choice(share, String::new(), false).await.unwrap().is_some());

    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert_eq!(all.policy(), POLICY, "the rule goes before anybody gets the name");
}

#[tokio::test]
async fn a_rule_that_somebody_took_out_is_drift_and_one_that_lets_everybody_in_is_narrowed_first() {
    let wide =
        "{\n\t\"acls\": [\n\t\t{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";
    for version in VERSIONS {
        let all = Community::on(simulator::headscale::world::Headscale {
            policy: Some(wide.into()),
            ..crate::harness::community::world(version)
        })
        .await;
        let mill = all.connect().await;
        let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
        let decision = all.approved(share, "bruno").await;
        assert_eq!(decision, Decision::NarrowAndApply, "{version:?}");
        all.simulator.clear_log();
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        let calls = all.calls();
        assert!(calls.len() <= MOST + 5, "a narrowing is a write of its own: {calls:?}");
        let narrowed = all.policy();
        assert!(!narrowed.contains(r#""src": ["*"]"#), "{narrowed}");

        let without: String = narrowed
            .split_inclusive('\n')
            .filter(|line| {
                !line.contains(&format!("acequia:share={share}")) && !line.contains(r#""src": ["bruno@"]"#)
            })
            .collect();
        all.simulator.headscale_policy("mill", Some(&without)).unwrap();
        all.sync(mill).await;
        let ShareState::Drifted { attention } = all.state(share).await else {
            panic!("{:?}", all.state(share).await)
        };
        assert_eq!(attention.trouble, Trouble::RuleGone);
        all.ask(all.ana).shares.end(share).await.unwrap();
        all.drain().await;
        assert!(all.state(share).await.is_over());
        assert_eq!(all.policy(), without, "the narrowing stays");
    }
}

#[tokio::test]
async fn the_guard_of_a_machine_lets_pass_whom_it_belongs_to_and_names_the_friend_from_the_first() {
    let all = Community::of(simulator::Dialect::V0_29).await;
    let mill = all.connect().await;
    let node = all.node(mill, "dune").await;
    let asked = all.ask(all.ana);
    asked.firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.approved(share, "bruno").await;
    all.drain().await;
    let text = asked.firewall.text(node).await.unwrap();
    let own = text.lines().find(|line| line.contains("100.64.0.1")).expect("its own addresses");
    assert!(own.contains("100.64.0.2"), "Ana's laptop: {own}");
    assert!(!own.contains("100.64.0.3") && !own.contains("100.64.0.4"), "nobody else's: {own}");
    assert!(text.contains("100.64.0.3"), "Bruno's laptop, where his share is let in: {text}");
    assert!(!text.contains("100.64.0.4"), "Carla has none: {text}");
}
