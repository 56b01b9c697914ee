//! Names in the policy that several accounts have: told when they arise, closed when they are gone, and nothing is written
//! meanwhile.

use model::ShareState;
use simulator::Dialect;

use crate::harness::community::{Community, POLICY, world};

async fn told(all: &Community) -> Vec<(String, String)> {
    let items = all.ask(all.ana).inbox.home().await.unwrap().items;
    let about = items.into_iter().filter(|item| item.title.starts_with("Several accounts"));
    about.map(|item| (item.title, item.detail.unwrap_or_default())).collect()
}

#[tokio::test]
async fn a_name_that_a_second_account_takes_is_told_and_over_when_that_account_is_gone() {
    for all in Community::each(|| world(Dialect::V0_29)).await {
        let mill = all.connect().await;
        assert!(told(&all).await.is_empty());
        // Whoever comes in by the provider gets an account of their own, whatever it is called.
        let other = ("https://id.example.com/u-other", "ana", "ana@elsewhere.example");
        all.simulator.headscale_signs_in("mill", other, "phone").unwrap();
        all.sync(mill).await;
        let [(title, detail)] = &told(&all).await[..] else { panic!("{:?}", told(&all).await) };
        assert_eq!(title, "Several accounts of The mill are ana@");
        assert!(
            detail.contains("ana@elsewhere.example") && detail.contains("does not start again"),
            "{detail}"
        );
        all.later(3600).await;
        all.sync(mill).await;
        assert_eq!(told(&all).await.len(), 1, "once");

        // Over when one of them is called otherwise, and told again when it is not. Sabotage: mark a clash and never its end.
        all.simulator.headscale_renames_user("mill", "ana", "anna").unwrap();
        all.sync(mill).await;
        assert!(told(&all).await.is_empty(), "one account has the name");
        all.simulator.headscale_renames_user("mill", "anna", "ana").unwrap();
        all.sync(mill).await;
        assert_eq!(told(&all).await.len(), 1, "again");

        let gone =
            all.simulator.headscale("mill").unwrap().users.iter().filter(|name| *name == "ana").count();
        assert_eq!(gone, 2);
        all.simulator.headscale_policy("mill", Some(&POLICY.replace("ana@", "bruno@"))).unwrap();
        all.sync(mill).await;
        assert!(told(&all).await.is_empty(), "nothing names them any more");
    }
}

#[tokio::test]
async fn nothing_is_written_into_a_policy_whose_names_clash() {
    for version in super::VERSIONS {
        let all = Community::of(version).await;
        let mill = all.connect().await;
        let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
        all.approved(share, "bruno").await;
        let other = ("https://id.example.com/u-other", "ana", "");
        all.simulator.headscale_signs_in("mill", other, "phone").unwrap();
        all.drain().await;
        let ShareState::Accepted { again: Some(why) } = all.state(share).await else {
            panic!("{version:?}: {:?}", all.state(share).await)
        };
        assert!(why.contains("several accounts of one name"), "{version:?}: {why}");
        assert_eq!(all.policy(), POLICY, "{version:?}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_is_told_in_the_review_and_stops_nothing() {
    let all = Community::on(simulator::headscale::world::Headscale {
        policy: Some(POLICY.replace("[\"ana@\"]", "[\"ana@\", \"nobody@\"]")),
        ..world(Dialect::V0_29)
    })
    .await;
    let mill = all.connect().await;
    assert!(told(&all).await.is_empty());
    let share = all.accepted(mill, "tcp:25565", all.bruno, "bruno").await;
    all.ask(all.ana).members.choose(share, all.account("bruno")).await.unwrap();
    let warnings = all.ask(all.ana).shares.review(share).await.unwrap().warnings;
    assert!(warnings.iter().any(|line| line.contains("nobody@ is no account")), "{warnings:?}");
    all.approved(share, "bruno").await;
    all.drain().await;
    assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
}

/// Sabotage: read it in the language of Tailscale in `unread`.
#[tokio::test]
async fn what_a_headscale_takes_is_no_policy_that_cannot_be_read() {
    let v6 = r#"{"acls": [{"action": "accept", "src": ["ana@"], "dst": ["fd7a:115c:a1e0::1:22"]}]}"#;
    for policy in [None, Some(v6.to_owned())] {
        let all =
            Community::on(simulator::headscale::world::Headscale { policy, ..world(Dialect::V0_29) }).await;
        let mill = all.connect().await;
        all.sync(mill).await;
        let items = all.ask(all.ana).inbox.home().await.unwrap().items;
        let unread: Vec<&str> = items
            .iter()
            .map(|item| item.title.as_str())
            .filter(|title| title.contains("cannot be read"))
            .collect();
        assert!(unread.is_empty(), "{unread:?}");
    }
}
