//! What is worked off after the block: tokens of hosts, keys for machines, and what a killed process left.

use super::*;
use model::host::May;

#[tokio::test]
async fn tokens_of_hosts_stay_while_a_share_is_open() {
    let street = Street::new().await;
    let all = &street.all;
    let node = all.app_state().db.find_share(street.given).await.unwrap().unwrap().node;
    all.ask(Ana).firewall.choose(node, "nftables".into(), String::new()).await.unwrap();
    let token = all.ask(Ana).hosts.make_token(node, May::default()).await.unwrap();
    let fetch =
        async || hosts::pulled(all.app_state(), node, &token, "nftables", (&[], None)).await.map(drop);
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
    let ana = all.connect(Ana).await;
    people::act_on(all.app_state(), all.people[Chiara].id, Deed::MakeOwner, Actor::CommandLine)
        .await
        .unwrap();
    let chosen =
        model::NewNode { system: "debian".into(), routing: "none".into(), ..model::NewNode::default() };
    all.ask(Ana).joining.make_key(ana, chosen).await.unwrap();
    let keys =
        async || planes::to_end(all.app_state(), ana).await.unwrap().list_auth_keys().await.unwrap().len();
    assert_eq!(keys().await, 1);
    people::act_on(all.app_state(), all.people[Ana].id, Deed::Block, Actor::CommandLine).await.unwrap();
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
