//! Figures for whoever watches, and the alerts that are made of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::StatusCode;
use model::JobKind;
use server::config::{Config, Metrics};
use server::on;
use server::queue;

use crate::harness::Who::{Ana, Ben};
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;
use crate::harness::{TestApp, World};

async fn figures(app: &TestApp) -> String {
    let answer = app.browser().get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

/// The value of a figure, with its labels.
fn value(figures: &str, name: &str) -> Option<u64> {
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(line.parse().unwrap())
}

#[tokio::test]
async fn what_waits_what_is_away_and_who_is_here_is_counted() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(Config { metrics: Metrics::Open, ..config() }, database);
        let empty = figures(&app).await;
        assert_eq!(value(&empty, "acequia_sessions{who=\"person\"}"), Some(0), "{empty}");
        assert_eq!(value(&empty, "acequia_backup_age_seconds"), None);

        let world = World::seed(&app).await;
        app.signed_in(world.owner).await;
        app.signed_in(world.friend).await;
        app.remembering("a link").await;
        let state = &app.state;
        state.db.enqueue(&queue::job(state, JobKind::Sync, world.tailnet)).await.unwrap();
        state.db.put_last_backup(state.now()).await.unwrap();
        let synced = state.now().plus_seconds(-120).micros();
        let sql = "UPDATE tailnets SET synced = $1";
        on!(&state.db, pool => sqlx::query(sql).bind(synced).execute(pool).await.map(drop)).unwrap();
        // One that waits for its time is not overdue.
        let (now, tailnet) = (state.now(), world.tailnet);
        for (channel, due, settled, why) in [
            ("mail", now, None, None),
            ("mail", now.plus_seconds(-60), None, None),
            ("ntfy", now.plus_seconds(3_600), None, None),
            ("webhook", now, Some(now), Some("404")),
            ("webhook", now, Some(now), None),
        ] {
            let sql = "INSERT INTO deliveries (id, channel, person_id, tailnet_id, kind, heard_as, notice, object_id, part, data,
                    due, tries, settled, why)
                VALUES ($1, $2, $3, $4, 'open', 'owner', 'share', $1, '', '{}', $5, 0, $6, $7)";
            let id = state.new_id::<()>().uuid();
            on!(&state.db, pool => sqlx::query(sql).bind(id).bind(channel).bind(world.owner).bind(tailnet)
                .bind(due.micros()).bind(settled.map(model::Timestamp::micros)).bind(why).execute(pool).await.map(drop))
            .unwrap();
        }
        app.clock.advance_seconds(600);
        let told = figures(&app).await;
        assert_eq!(value(&told, "acequia_notifications_due{channel=\"ntfy\"}"), None, "{told}");
        for (name, expected) in [
            ("acequia_database_readable", 1),
            ("acequia_jobs{kind=\"sync\"}", 1),
            ("acequia_jobs{kind=\"edit\"}", 1),
            ("acequia_job_overdue_seconds{kind=\"sync\"}", 600),
            ("acequia_tailnets{state=\"answers\"}", 1),
            ("acequia_sync_age_seconds{state=\"answers\"}", 720),
            ("acequia_shares{state=\"accepted\"}", 1),
            ("acequia_sessions{who=\"person\"}", 2),
            ("acequia_sessions{who=\"visitor\"}", 1),
            ("acequia_backup_age_seconds", 600),
            ("acequia_notifications_due{channel=\"mail\"}", 2),
            ("acequia_notification_overdue_seconds{channel=\"mail\"}", 660),
            ("acequia_notifications_given_up{channel=\"webhook\"}", 1),
        ] {
            assert_eq!(value(&told, name), Some(expected), "{name} in {told}");
        }
        let sql = "UPDATE tailnets SET away = synced, away_why = '{}'";
        on!(&state.db, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
        let told = figures(&app).await;
        assert_eq!(value(&told, "acequia_tailnets{state=\"away\"}"), Some(1), "{told}");
        assert_eq!(value(&told, "acequia_tailnets{state=\"answers\"}"), None, "{told}");
    }
}

#[tokio::test]
async fn calls_to_a_control_plane_are_counted_by_how_they_went() {
    let all = Neighbours::on(TestDatabase::sqlite().await, |config| config.metrics = Metrics::Open).await;
    let calls = |told: &str, outcome: &str| {
        value(told, &format!("acequia_control_plane_calls_total{{outcome=\"{outcome}\"}}")).unwrap()
    };
    let before = figures(&all.app).await;
    assert_eq!(calls(&before, "done"), 0);
    all.connect(Ana).await;
    let connected = figures(&all.app).await;
    assert!(calls(&connected, "done") > 3 && calls(&connected, "refused") == 0, "{connected}");
    let wrong =
        app::ports::tailnets::ConnectForm { client_secret: "tskey-client-wrong".into(), ..all.form(Ana) };
    all.ask(Ben).tailnets.connect(wrong).await.unwrap_err();
    let refused = figures(&all.app).await;
    assert!(calls(&refused, "refused") > 0, "{refused}");
}

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/prometheus/acequia.rules.yml")
}

/// An alert about a figure that is not there never rings.
#[tokio::test]
async fn every_alert_is_about_figures_that_there_are() {
    let app = TestApp::with(Config { metrics: Metrics::Open, ..config() }).await;
    app.state.db.put_last_backup(app.state.now()).await.unwrap();
    let told = figures(&app).await;
    let names = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
        words.filter(|word| word.starts_with("acequia_")).map(str::to_owned).collect()
    };
    let there: BTreeSet<String> =
        told.lines().filter(|line| line.starts_with("# TYPE")).flat_map(names).collect();
    let rules = std::fs::read_to_string(rules()).unwrap();
    let asked = names(&rules);
    assert!(asked.len() > 6, "{asked:?}");
    assert_eq!(asked.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// With the tool that Prometheus brings for it, where it is installed.
#[test]
fn alerts_ring_when_they_should_and_only_then() {
    let rules = rules();
    let promtool = |arguments: &[&str]| {
        Command::new("promtool").args(arguments).current_dir(rules.parent().unwrap()).output()
    };
    let Ok(checked) = promtool(&["check", "rules", "acequia.rules.yml"]) else {
        eprintln!("skipping the alerts: no promtool, which Debian has in the package prometheus");
        return;
    };
    assert!(checked.status.success(), "{checked:?}");
    let tested = promtool(&["test", "rules", "acequia.rules.test.yml"]).unwrap();
    assert!(tested.status.success(), "{tested:?}");
}
