//! Every error has words: what happened, whether anything was changed, what to do.

use crate::access::table::TABLE;
use axum::Router;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use leptos::prelude::LeptosOptions;
use server::config::Config;
use server::web::{Web, error_pages};
use tower_http::catch_panic::CatchPanicLayer;

use crate::harness::database::TestDatabase;
use crate::harness::{Answer, Browser, TestApp, World, app};

const ID: &str = "01900000-0000-7000-8000-000000000000";

/// A path of the table with something in place of its parameters.
fn filled(path: &str) -> String {
    let fill = |part: &str| if part.starts_with('{') { ID.to_owned() } else { part.to_owned() };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

fn has_words(answer: &Answer, path: &str) {
    let kind = answer.header("content-type");
    assert!(!answer.body.trim().is_empty(), "{path}: nothing in {answer:?}");
    if path.starts_with("/api/") {
        assert_eq!(kind, "application/problem+json", "{path}: {answer:?}");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path}: {problem}");
    } else if kind.starts_with("text/html") {
        assert!(answer.body.contains("<h1") && answer.body.contains("<a "), "{path}: {answer:?}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    } else {
        let program = ["/healthz", "/readyz", "/metrics", "/pkg/", "/style.css", "/icons.svg", "/favicon."];
        assert!(program.iter().any(|start| path.starts_with(start)), "{path} answers a person with {kind}");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_stored_is_told_on_a_page() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(Config { demo: true, ..app::config() }, database);
        let world = World::seed(&app).await;
        let person = app.demo_person("Ana").await.to_string();
        let gone = "ALTER TABLE sessions RENAME TO gone";
        server::on!(&app.state.db, pool => sqlx::query(gone).execute(pool).await.map(drop)).unwrap();
        for (path, fields) in [
            ("/fn/offers/remember", ("token", world.token.as_str())),
            ("/sign-in/setup", ("code", "wrong")),
            ("/sign-in/demo", ("person", person.as_str())),
        ] {
            let answer = app.browser().post(path, &[fields]).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}: {answer:?}");
            has_words(&answer, path);
            assert!(answer.text().contains("broke on our side"), "{path}: {answer:?}");
            assert_eq!(answer.header("set-cookie"), "", "{path}");
        }
    }
}

/// The wrong ways to call something.
async fn wrongly(browser: &mut Browser, path: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for method in [Method::DELETE, Method::PUT, Method::POST, Method::GET] {
        answers.push(browser.send(method, path, None).await);
    }
    for body in ["%", "a=b&a=c", &"x".repeat((1 << 20) + 1)] {
        answers.push(browser.send(Method::POST, path, Some(body.to_owned())).await);
    }
    answers.push(browser.get(&format!("{path}?{}", "x".repeat(10_000))).await);
    let mut strange = browser.clone();
    strange.headers.insert(header::COOKIE, HeaderValue::try_from("a=b; ".repeat(10_000)).unwrap());
    answers.push(strange.get(path).await);
    let mut strange = browser.clone();
    strange.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    answers.push(strange.send(Method::POST, path, None).await);
    answers
}

#[tokio::test]
async fn whatever_is_called_in_a_wrong_way_answers_in_words() {
    let app = TestApp::start().await;
    let (_, browser) = app.newcomer("Ana").await;
    let more = ["/no/such/page", "/api/v1/none", "/pkg/none", "/fn/none", "/shares/none/events"];
    let mut seen = std::collections::BTreeSet::new();
    for path in TABLE.iter().map(|row| filled(row.path)).chain(more.map(str::to_owned)) {
        for answer in wrongly(&mut browser.clone(), &path).await {
            let status = answer.status;
            if status.is_client_error() || status.is_server_error() {
                has_words(&answer, &path);
                assert!(!status.is_server_error(), "{path}: {answer:?}");
                seen.insert(status.as_u16());
            }
        }
    }
    for status in [404, 405, 413, 414, 431] {
        assert!(seen.contains(&status), "{status} is not among {seen:?}");
    }
}

#[tokio::test]
async fn a_panic_is_told_on_a_page_that_says_whether_anything_was_done() {
    let app = TestApp::start().await;
    let web = Web {
        state: app.state.clone(),
        options: LeptosOptions::builder().output_name("app").build(),
        metrics: server::web::metrics::Metrics::default(),
        requests: server::listen::places::Places::default(),
        visitors: server::web::per_address::PerAddress::hour(1),
        pace: server::web::per_address::PerAddress::second(1),
    };
    let broken = || async { std::hint::black_box(None::<StatusCode>).expect("a fault of ours") };
    let router = Router::new()
        .route("/page", get(broken))
        .route("/form", post(broken))
        .route("/api/v1/answer", get(broken))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(web, error_pages::layer));
    let mut browser = Browser::new(router);
    let page = browser.get("/page").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.text().contains("Looking changes nothing"), "{page:?}");
    let form = browser.post("/form", &[]).await;
    assert!(form.text().contains("may have been done"), "{form:?}");
    assert!(!form.body.contains("a fault of ours"));
    let answer = browser.get("/api/v1/answer").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn no_link_of_a_page_leads_to_where_its_own_path_would() {
    let app = TestApp::start().await;
    let (_, browser) = app.newcomer("Ana").await;
    for path in ["//evil.example", "//evil.example/shares", "/%5Cevil.example", "///evil.example"] {
        for mut asks in [app.browser(), browser.clone()] {
            let answer = asks.get(path).await;
            let leads = ["href=\"//", "action=\"//", "value=\"//", "href=\"/\\", "url=//"];
            assert!(!leads.iter().any(|leads| answer.body.contains(leads)), "{path}: {}", answer.body);
            assert!(answer.location().is_none_or(|to| !to.starts_with("//")), "{path}: {answer:?}");
        }
    }
    // Where server functions send people back to comes from the request too.
    let mut asks = browser.clone();
    asks.headers.insert(header::REFERER, HeaderValue::from_static("https://evil.example/x"));
    for path in TABLE.iter().filter(|row| row.path.starts_with("/fn/")).map(|row| row.path) {
        for body in ["%", "a=b"] {
            let answer = asks.send(Method::POST, path, Some(body.into())).await;
            assert!(!answer.location().unwrap_or_default().contains("evil"), "{path}: {answer:?}");
        }
    }
}
