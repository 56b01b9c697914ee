//! Shares as earlier versions stored them: carried over, read, and told in the same words.

use model::{Need, Phase, ShareState, Step, Trouble};
use server::on;
use server::store::Db;

use crate::harness::Who::{Ana, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const DRIFTED: &str = include_str!("../../../migrations/0023_drifted.sql");

/// As a version without codes wrote it.
fn stopped(phase: &str, need: &str) -> String {
    format!(
        r#"{{"state":"needs_attention","phase":{phase},"attention":{{"step":"rule","need":"{need}","reason":"It is not in the policy.","next_step":"Review it."}}}}"#
    )
}

async fn store(db: &Db, state_data: &str, seen_in_force: Option<i64>) {
    let sql = "UPDATE shares SET state = 'needs_attention', state_data = $1, seen_in_force = $2";
    on!(db, pool => sqlx::query(sql).bind(state_data).bind(seen_in_force).execute(pool).await.map(drop))
        .unwrap();
}

#[tokio::test]
async fn what_was_open_and_stopped_becomes_drifted_and_everything_else_stays() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let ana = all.connect(Ana).await;
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        let db = &all.app_state().db;
        let (apply, end) = (r#"{"phase":"apply"}"#, r#"{"phase":"end","why":"owner_ended"}"#);
        let opened = Some(1_700_000_000_000_000);
        for (phase, need, seen_in_force, drifts) in [
            (apply, "review", opened, true),
            (apply, "look", opened, true),
            (apply, "review", None, false),
            (apply, "time", opened, false),
            (end, "look", opened, false),
        ] {
            let told = format!("{phase}, {need}, {seen_in_force:?}");
            store(db, &stopped(phase, need), seen_in_force).await;
            on!(db, pool => sqlx::raw_sql(DRIFTED).execute(pool).await.map(drop)).unwrap();
            let state = all.state(share).await;
            let attention = state.attention().expect("it says why");
            assert_eq!(matches!(state, ShareState::Drifted { .. }), drifts, "{told}: {state:?}");
            let ends = matches!(state, ShareState::NeedsAttention { phase: Phase::End { .. }, .. });
            assert_eq!(ends, phase == end, "{told}: {state:?}");
            let (reason, next_step) = ("It is not in the policy.".to_owned(), "Review it.".to_owned());
            assert_eq!(attention.trouble, Trouble::Other { reason, next_step }, "{told}");
            assert_eq!(attention.step, Step::Rule, "{told}");
            let needs = matches!(attention.need, Need::Review | Need::Look | Need::Time);
            assert!(needs, "{told}: {attention:?}");
            let page = all.ask(Ana).shares.get(share).await.unwrap().attention.expect("its page says so");
            assert_eq!(
                (&*page.reason, &*page.next_step),
                ("It is not in the policy.", "Review it."),
                "{told}"
            );
        }
    }
}
