//! What reading a tailnet costs for each of its machines, in a small world and in a large one.

use std::collections::BTreeMap;

use model::TailnetId;
use server::jobs::observe_now;
use simulator::Operation;

use crate::harness::Who::Ana;
use crate::harness::neighbours::Neighbours;
use crate::harness::statements::statements;

const HOUR: i64 = 60 * 60;

struct Cost {
    machines: usize,
    statements: usize,
    calls: usize,
}

async fn commons(all: &Neighbours) -> TailnetId {
    let tailnets = all.app_state().db.list_tailnets_of(all.people[Ana].id).await.unwrap().whole().unwrap();
    tailnets.iter().find(|tailnet| tailnet.name == "commons").unwrap().id
}

/// How often each machine was asked about since the log was cleared.
fn asked(all: &Neighbours) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for entry in all.demo.simulator.log() {
        if entry.operation == Operation::ListInvites {
            *asked.entry(entry.path).or_default() += 1;
        }
    }
    asked
}

/// The look at a whole tailnet, which is what takes the time of a sync.
async fn look(machines: usize) -> Cost {
    let all = Neighbours::made(machines).await;
    let commons = commons(&all).await;
    all.app_state().db.forget_invites(commons).await.unwrap();
    all.demo.simulator.clear_log();
    let (looked, run) = statements(Box::pin(observe_now(all.app_state(), commons))).await;
    looked.unwrap();
    assert!(run.iter().any(|sql| sql.contains("INSERT INTO invites")), "they were counted: {run:#?}");
    let machines = asked(&all);
    assert!(machines.values().all(|times| *times == 1), "{machines:?}");
    Cost { machines: machines.len(), statements: run.len(), calls: all.demo.simulator.log().len() }
}

#[tokio::test]
async fn a_look_costs_as_much_for_each_machine_in_a_large_world_as_in_a_small_one() {
    let [small, large] = [look(50).await, look(500).await];
    let more = large.machines - small.machines;
    assert!(more > 400, "{more}");
    assert_eq!(large.calls - small.calls, more, "one call for each machine that is there besides");
    // What was told of it, and a share of a few.
    let statements = large.statements - small.statements;
    assert!((more..more + more / 4).contains(&statements), "{statements} statements for {more} machines");
}

#[tokio::test]
async fn a_machine_is_asked_about_once_an_hour_and_at_once_if_somebody_asks() {
    let all = Neighbours::made(50).await;
    let commons = commons(&all).await;
    let db = &all.app_state().db;
    let shares = db.list_open_shares(commons).await.unwrap().readable();
    let mut nodes = db.list_nodes(commons).await.unwrap();
    // Machines of others are asked about in their own tailnets.
    nodes.retain(|node| !node.external && node.gone.is_none());
    let with_share: Vec<&str> = nodes
        .iter()
        .filter(|node| shares.iter().any(|share| share.node == node.id))
        .map(|node| node.control_id.as_str())
        .collect();
    assert!(!with_share.is_empty() && with_share.len() < nodes.len(), "{with_share:?}");
    let ours = |asked: BTreeMap<String, usize>| -> Vec<String> {
        let nodes = nodes.iter().map(|node| &*node.control_id);
        nodes
            .filter(|id| asked.keys().any(|path| path.contains(&format!("/{id}/"))))
            .map(str::to_owned)
            .collect()
    };
    let by_itself = async |seconds: i64| {
        all.app.clock.advance_seconds(seconds);
        all.demo.simulator.clear_log();
        all.round().await;
        ours(asked(&all))
    };
    by_itself(HOUR).await;

    let mut again = by_itself(HOUR / 2).await;
    again.sort_unstable();
    let mut expected: Vec<String> = with_share.iter().map(|id| (*id).to_owned()).collect();
    expected.sort_unstable();
    assert_eq!(again, expected, "within the hour only those that a share stands on");
    assert_eq!(by_itself(HOUR / 2 + 1).await.len(), nodes.len(), "all after an hour");

    all.demo.simulator.clear_log();
    all.ask(Ana).tailnets.sync(commons).await.unwrap();
    all.drain().await;
    assert_eq!(ours(asked(&all)).len(), nodes.len(), "all for somebody who asks");
}
