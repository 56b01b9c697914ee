//! What is done to a policy elsewhere stands in the trail, once, and what was written from here never counts as that.

use app::ports::audit::{Entry, Filters, Query};
use model::{EntryKind, TailnetId};
use server::words::tailnet::CHANGED_ELSEWHERE;

use crate::harness::Who::{Ana, Dario};
use crate::harness::app::START;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

/// The next sync, at so many minutes from the start.
async fn look(all: &Neighbours, minutes: i64) {
    let time = START.plus_seconds(minutes * 60);
    all.app.clock.set(time);
    all.demo.simulator.pin_clock(time.to_string().parse().unwrap());
    all.round().await;
}

/// Changes of the policy as its owner reads of them, oldest first.
async fn changes(all: &Neighbours) -> Vec<Entry> {
    let filters = Filters { kind: EntryKind::Policy.to_string(), ..Filters::default() };
    let page = all.ask(Ana).audit.list(Query { filters, after: None }).await.unwrap();
    page.entries.into_iter().rev().collect()
}

fn whats(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.what.as_str()).collect()
}

fn open(port: u16) -> String {
    format!(r#"{{"grants": [{{"src": ["ana@arroyo.example"], "dst": ["*"], "ip": ["tcp:{port}"]}}]}}"#)
}

async fn connected(database: TestDatabase, policy: &str) -> (Neighbours, TailnetId) {
    let all = Neighbours::on(database, |_| {}).await;
    all.demo.simulator.edit_policy("ana", policy).unwrap();
    let ana = all.connect(Ana).await;
    look(&all, 0).await;
    (all, ana)
}

#[tokio::test]
async fn an_edit_in_the_console_is_told_once_with_its_lines_and_with_who_gained_and_lost() {
    for database in TestDatabase::each().await {
        let (all, _) = connected(database, &open(22)).await;
        assert_eq!(changes(&all).await, [], "how it was found first is nobody's change");
        all.demo.simulator.edit_policy("ana", open(80)).unwrap();
        look(&all, 6).await;
        look(&all, 12).await;
        let told = changes(&all).await;
        assert_eq!(whats(&told), [CHANGED_ELSEWHERE]);
        assert_eq!(told[0].actor, "Acequia");
        let change = told[0].policy.clone().unwrap();
        let reach = |lines: &[app::ports::shares::ReachLine]| {
            let maple = lines.iter().find(|line| line.node == "maple").unwrap();
            (maple.who.clone(), maple.what.clone())
        };
        let ana = "ana@arroyo.example".to_owned();
        assert_eq!(reach(&change.gained), (ana.clone(), "tcp 80".to_owned()));
        assert_eq!(reach(&change.lost), (ana, "tcp 22".to_owned()));
        let added: Vec<&str> =
            change.diff.iter().filter(|line| line.old.is_none()).map(|line| &*line.text).collect();
        assert_eq!(added, [open(80)]);
        // Back to a text that was there before: a change all the same.
        all.demo.simulator.edit_policy("ana", open(22)).unwrap();
        look(&all, 18).await;
        assert_eq!(whats(&changes(&all).await), [CHANGED_ELSEWHERE; 2]);
    }
}

#[tokio::test]
async fn what_is_written_from_here_is_not_told_as_somebody_elses() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        look(&all, 0).await;
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        look(&all, 6).await;
        all.ask(Ana).shares.end(share).await.unwrap();
        look(&all, 12).await;
        look(&all, 18).await;
        let told = changes(&all).await;
        assert!(told.len() > 2, "{told:?}");
        assert!(told.iter().all(|entry| entry.what != CHANGED_ELSEWHERE), "{told:?}");
    }
}

#[tokio::test]
async fn an_edit_that_nobody_looked_at_before_a_share_wrote_its_rule_is_told_first_and_apart() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        look(&all, 0).await;
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        let theirs = format!("// a word of somebody else\n{}", all.policy("ana"));
        all.demo.simulator.edit_policy("ana", &theirs).unwrap();
        all.approved(Ana, share).await;
        all.drain().await;
        let told = changes(&all).await;
        assert_eq!(told[0].what, CHANGED_ELSEWHERE, "{told:?}");
        let lines: Vec<&str> = told[0]
            .policy
            .iter()
            .flat_map(|change| &change.diff)
            .filter(|line| line.old.is_none())
            .map(|line| line.text.as_str())
            .collect();
        assert_eq!(lines, ["// a word of somebody else"]);
        assert!(told[1..].iter().all(|entry| entry.what != CHANGED_ELSEWHERE), "{told:?}");
    }
}
