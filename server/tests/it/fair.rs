//! A control plane that never answers holds up its own owner, and nobody else.

use std::time::Duration;

use model::{JobKind, NewNode};
use server::jobs::Runner;
use server::queue;
use server::store::jobs::NewJob;
use simulator::{Fault, FaultRule, Moment, Target};

use crate::harness::Who::{Ana, Ben, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

/// Far less than the silent one takes for one of its jobs after the other.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_share_ends_in_time_beside_a_tailnet_whose_control_plane_is_silent() {
    let all = Neighbours::demo().await;
    all.app.left_over.may_be("Ben's control plane stays silent");
    let (ana, ben, _) = (all.connect(Ana).await, all.connect(Ben).await, all.connect(Dario).await);
    let share = all
        .accepted_until(Ana, all.node(ana, "maple").await, "tcp:25565", Dario, ("date", "2026-12-01T13:00"))
        .await;
    all.approved(Ana, share).await;
    all.drain().await;
    for _ in 0..10 {
        let machine = NewNode { system: "debian".into(), ..NewNode::default() };
        all.ask(Ben).joining.wait(ben, machine).await.unwrap();
    }
    all.demo.simulator.fail(FaultRule {
        target: Target { operation: None, tailnet: Some("ben".into()) },
        fault: Fault::Slow { millis: 120_000 },
        times: 10_000,
        moment: Moment::BeforeEffect,
    });
    let stop = all.app_state().signals.stop.clone();
    let mut changes = all.app_state().signals.share_changes.subscribe();
    // Ben's waits are due before anything of Ana's.
    all.app.clock.advance_seconds(3_601);
    let runner = tokio::spawn(Runner::new(all.app_state().clone()).run(stop.subscribe()));
    let over = async {
        while !all.state(share).await.is_over() {
            changes.recv().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, over).await.expect("it ends beside the silent one");
    assert!(!all.policy("ana").contains("acequia:share="));
    runner.abort();
}

#[tokio::test]
async fn of_one_owner_one_job_is_worked_on_at_a_time() {
    for database in TestDatabase::each().await {
        one_at_a_time(&Neighbours::on(database, |_| {}).await).await;
    }
}

async fn one_at_a_time(all: &Neighbours) {
    all.app.left_over.may_be("jobs are taken and not worked on");
    let (ana, ben) = (all.connect(Ana).await, all.connect(Ben).await);
    let (services, db) = (all.app_state(), &all.app_state().db);
    let now = services.now();
    for tailnet in [ana, ben] {
        let sync = queue::job(services, JobKind::Sync, tailnet);
        db.enqueue(&NewJob { run_at: now.plus_seconds(-10), ..sync }).await.unwrap();
        let machine = NewNode { system: "debian".into(), ..NewNode::default() };
        let owner = if tailnet == ana { Ana } else { Ben };
        all.ask(owner).joining.wait(tailnet, machine).await.unwrap();
    }
    let claim = async || {
        let holder = services.new_id::<()>().uuid();
        db.claim_job(holder, now, now, now.plus_seconds(60)).await.unwrap()
    };
    let (first, second) = (claim().await.unwrap(), claim().await.unwrap());
    assert_eq!([&first.kind, &second.kind], [&Ok(JobKind::Sync), &Ok(JobKind::Sync)], "one of each");
    assert_eq!(claim().await, None, "the others wait for these");
    let next = db.next_job(now).await.unwrap();
    assert!(
        next.is_none_or(|next| next > now),
        "nobody looks again and again for what cannot be taken: {next:?}"
    );
    db.finish_job(&first, None).await.unwrap();
    let third = claim().await.unwrap();
    assert_eq!(third.kind, Ok(JobKind::Joining));
    assert_eq!(claim().await, None);
}
