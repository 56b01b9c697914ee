//! What becomes of a user who was made for a share after it is open: their reach is looked after, and so is their name.

use model::{Step, StepPhase};
use simulator::Dialect;

use super::guests::{agreed, step};
use super::told::{by_hand, in_file};
use crate::harness::community::{Community, world};

/// Whoever is there for a share has nothing else by being a member. Sabotage: leave `guest` out of `of_friend`, or its own
/// machines in.
#[tokio::test]
async fn what_opens_later_to_a_user_who_was_made_is_told() {
    for all in Community::each(|| world(Dialect::V0_29)).await {
        let mill = all.connect().await;
        let dora = all.app.person("Dora").await;
        let share = agreed(&all, mill, "tcp:25565", dora).await;
        all.drain().await;
        for machine in ["dora-laptop", "dora-phone"] {
            let key = all.ask(dora).members.make_key(share).await.unwrap();
            all.simulator.headscale_joins("mill", &key, machine).unwrap();
        }
        let own =
            "{\"action\": \"accept\", \"src\": [\"autogroup:member\"], \"dst\": [\"autogroup:self:*\"]},";
        let before = all.policy().replacen("\"acls\": [", &format!("\"acls\": [\n\t\t{own}"), 1);
        all.simulator.headscale_policy("mill", Some(&before)).unwrap();
        all.sync(mill).await;
        let beyond = async || all.ask(all.ana).shares.get(share).await.unwrap().beyond;
        assert_eq!(beyond().await, None, "the share, and her own machines");
        let wide = before.replace("\"autogroup:self:*\"", "\"autogroup:self:*\", \"100.64.0.2:22\"");
        all.simulator.headscale_policy("mill", Some(&wide)).unwrap();
        all.sync(mill).await;
        let told = beyond().await.expect("it is told");
        let lines: Vec<(&str, &str)> =
            told.lines.iter().map(|(line, _)| (line.node.as_str(), line.what.as_str())).collect();
        assert!(!lines.is_empty() && lines.iter().all(|(node, _)| *node == "ana-laptop"), "{lines:?}");
        assert!(told.ways.is_some_and(|ways| ways.fix.is_none()), "its owner changes the rule");
        let items = all.ask(all.ana).inbox.home().await.unwrap().items;
        assert!(items.iter().any(|item| item.title == "Dora reaches more than was agreed"), "{items:?}");
        all.simulator.headscale_policy("mill", Some(&before)).unwrap();
        all.sync(mill).await;
        assert_eq!(beyond().await, None);
    }
}

/// Where no machine tells, a share in a file is never called open, and its friend is in all the same. Sabotage: leave `in_file`
/// out of `is_told_of`.
#[tokio::test]
async fn also_where_nothing_proves_that_the_file_is_in_force_more_reach_is_told() {
    let all = Community::on(in_file()).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    all.drain().await;
    by_hand(&all, share).await;
    all.ask(all.ana).members.say_loaded(share).await.unwrap();
    all.drain().await;
    let key = all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.sync(mill).await;
    let told = all.ask(all.ana).shares.get(share).await.unwrap();
    assert!(told.attention.is_some() && told.beyond.is_none(), "{told:?}");
    let wide = "{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"100.64.0.2:22\"]},";
    let wide = all.policy().replacen("\"acls\": [", &format!("\"acls\": [\n\t\t{wide}"), 1);
    all.simulator.headscale_policy("mill", Some(&wide)).unwrap();
    all.sync(mill).await;
    let told = all.ask(all.ana).shares.get(share).await.unwrap().beyond.expect("it is told");
    assert!(told.lines.iter().any(|(line, _)| line.node == "ana-laptop"), "{:?}", told.lines);
}

/// Sabotage: leave `numbered` out of `account_of`.
#[tokio::test]
async fn a_user_whom_somebody_renamed_is_not_said_to_be_gone() {
    let all = Community::of(Dialect::V0_29).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    all.drain().await;
    let key = all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_joins("mill", &key, "dora-laptop").unwrap();
    all.ask(dora).members.make_key(share).await.unwrap();
    all.simulator.headscale_renames_user("mill", "dora", "theodora").unwrap();
    all.ask(all.ana).shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over(), "{:?}", all.state(share).await);
    let there = all.server();
    assert!(there.users.contains(&"theodora".to_owned()) && there.preauth_keys.is_empty());
    assert!(there.machines.iter().any(|machine| machine.name == "dora-laptop"), "it may be somebody else's");
    let told = step(&all, share, StepPhase::End, Step::RemoveGuest).await.expect("it is told");
    assert!(told.contains("called otherwise"), "{told}");
}
