//! Who tries to come in, and what is refused, can be read in the log.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use ::app::fault::Fault;
use axum::http::StatusCode;
use server::config::{Config, Provider, ProviderKind};

use crate::harness::{TestApp, World, app, logs};

/// The line of the log that has all these words.
fn line<'a>(log: &'a str, words: &[&str]) -> &'a str {
    let found = log.lines().find(|line| words.iter().all(|word| line.contains(word)));
    found.unwrap_or_else(|| panic!("no line with {words:?} in:\n{log}"))
}

#[tokio::test]
async fn coming_in_going_out_and_what_is_refused_is_logged_with_who_and_where() {
    logs::listen();
    let app = TestApp::demo().await;
    let ana = app.demo_person("Ana").await.to_string();
    let mut browser = app.browser();
    browser.post("/sign-in/demo", &[("person", &ana)]).await;
    browser.post("/sign-out", &[]).await;
    let log = logs::heard();
    line(&log, &["INFO", "signed in", &ana, "path=/sign-in/demo", "method=POST"]);
    line(&log, &["INFO", "signed out", &ana, "path=/sign-out"]);
    let when = log.lines().next().unwrap().split_whitespace().next().unwrap();
    assert!(when.parse::<model::Timestamp>().is_ok() && when.ends_with('Z'), "a time in UTC: {when}");
}

#[tokio::test]
async fn a_failed_sign_in_is_logged() {
    logs::listen();
    let provider = Provider {
        id: "forge".into(),
        label: "Our forge".into(),
        client_id: "acequia".into(),
        client_secret: None,
        // Nobody listens on the discard port.
        kind: ProviderKind::Oidc { issuer: "http://127.0.0.1:9".into() },
    };
    let app = TestApp::with(Config { providers: vec![provider], ..app::config() }).await;
    let mut browser = app.browser();
    browser.post("/sign-in/with/forge", &[]).await;
    let answer = browser.get("/sign-in/callback/forge?code=s3cret-code&state=made-up").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    server::use_cases::sign_in::set_up_code(&app.state).await.unwrap();
    browser.post("/sign-in/setup", &[("code", "a-guess")]).await;
    let log = logs::heard();
    line(&log, &["WARN", "cannot start a sign-in", "forge"]);
    line(&log, &["WARN", "belongs to no sign-in", "/sign-in/callback/forge"]);
    line(&log, &["WARN", "a wrong set-up code", "/sign-in/setup"]);
    assert!(!log.contains("s3cret-code") && !log.contains("a-guess"), "{log}");
}

#[tokio::test]
async fn what_somebody_may_not_do_is_logged() {
    logs::listen();
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut friend = app.signed_in(world.friend).await;
    let share = world.share.to_string();
    assert_eq!(friend.get(&format!("/shares/{share}/review")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(friend.get(&format!("/tailnets/{}", world.tailnet)).await.status, StatusCode::NOT_FOUND);
    friend.post("/fn/shares/apply", &[("share", &share), ("decision", "apply")]).await;
    friend.headers.remove("sec-fetch-site");
    friend.post("/fn/shares/end", &[("share", &share)]).await;
    let log = logs::heard();
    line(&log, &["403", &format!("path=/shares/{share}/review")]);
    line(&log, &["404", &format!("path=/tailnets/{}", world.tailnet)]);
    line(&log, &["INFO", "refused", &Fault::Forbidden.to_string(), &world.friend.to_string(), "apply"]);
    line(&log, &["WARN", "no page of ours sent", "/fn/shares/end"]);
}

#[tokio::test]
async fn what_broke_is_found_in_the_log_by_what_its_page_calls_it() {
    logs::listen();
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut browser = app.signed_in(world.owner).await;
    let fine = browser.get("/tailnets").await;
    let first = fine.header("x-request-id");
    assert!(first.len() > 8, "{fine:?}");
    // A file, which is no page of the app.
    let path = format!("/tailnets/{}/reach.json", world.tailnet);
    let gone = "ALTER TABLE snapshots RENAME TO gone";
    server::on!(&app.state.db, pool => sqlx::query(gone).execute(pool).await.map(drop)).unwrap();
    let broken = browser.get(&path).await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
    let id = broken.header("x-request-id");
    assert_ne!(id, first);
    assert_eq!(broken.body.matches(id).count(), 1, "{broken:?}");
    let log = logs::heard();
    line(&log, &["ERROR", &format!("id=\"{id}\""), &format!("path={path}")]);
    line(&log, &["200", &format!("id=\"{first}\"")]);
    // Whoever asks cannot choose it.
    browser.headers.insert("x-request-id", "mine".parse().unwrap());
    assert_ne!(browser.get("/tailnets").await.header("x-request-id"), "mine");
}

/// Knows whether it was written out.
#[derive(Default)]
struct Written(AtomicBool);

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.store(true, Ordering::Relaxed);
        f.write_str("written")
    }
}

/// Most of a test run went into lines that nobody read. (Fails if `Wanted::enabled` says `true`, and if it says `false`.)
#[test]
fn nothing_is_made_into_lines_that_nobody_listens_to() {
    logs::install();
    let what = Written::default();
    tracing::error!(?what, "before");
    assert!(!what.0.load(Ordering::Relaxed), "nobody listens yet");
    logs::listen();
    tracing::trace!(?what, "meanwhile");
    let log = logs::heard();
    line(&log, &["TRACE", "meanwhile", "what=written"]);
    assert!(what.0.swap(false, Ordering::Relaxed));
    tracing::error!(?what, "after");
    assert!(!what.0.load(Ordering::Relaxed), "nobody listens any more");
}

/// A page of the app, and a form of which the next page tells. Fails if `failure::internal` makes a name up each time.
#[tokio::test]
async fn what_a_page_of_the_app_calls_a_failure_is_the_name_of_the_request_that_failed() {
    logs::listen();
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut browser = app.signed_in(world.owner).await;
    let rename = async |from: &str, to: &str| {
        let sql = sqlx::AssertSqlSafe(format!("ALTER TABLE {from} RENAME TO {to}"));
        server::on!(&app.state.db, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
    };
    let path = format!("/tailnets/{}/reach", world.tailnet);
    rename("snapshots", "moved").await;
    let page = browser.get(&path).await;
    rename("moved", "snapshots").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{page:?}");
    let id = page.header("x-request-id");
    assert!(page.text().contains(&format!("the log has it under {id}")), "{page:?}");

    let share = world.share.to_string();
    // Another name: a connection may still know the one of before.
    rename("shares", "away").await;
    let sent = browser.post("/fn/shares/end", &[("share", &share)]).await;
    rename("away", "shares").await;
    let form = sent.header("x-request-id");
    let next = browser.get(sent.location().unwrap()).await;
    assert!(next.text().contains(&format!("the log has it under {form}")), "{next:?}");
    assert_ne!(next.header("x-request-id"), form);
    let log = logs::heard();
    line(&log, &["ERROR", &format!("id=\"{id}\""), &format!("reference={id}")]);
    line(&log, &["ERROR", &format!("id=\"{form}\""), &format!("reference={form}"), "path=/fn/shares/end"]);
}
