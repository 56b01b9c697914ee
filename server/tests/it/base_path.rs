//! The app under a sub-path of its host.

use axum::http::StatusCode;
use server::config::Config;

use crate::harness::{TestApp, app};

async fn start() -> TestApp {
    let base_url = url::Url::parse("https://example.org/gate/").unwrap();
    TestApp::with(Config { base_url, demo: true, ..app::config() }).await
}

#[tokio::test]
async fn the_app_answers_under_its_sub_path_only() {
    let app = start().await;
    for (path, status) in [
        ("/gate/sign-in", StatusCode::OK),
        ("/gate/healthz", StatusCode::OK),
        ("/healthz", StatusCode::OK),
        ("/", StatusCode::NOT_FOUND),
        ("/gateway", StatusCode::NOT_FOUND),
        ("/sign-out", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(app.browser().get(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn redirects_and_cookies_stay_within_the_sub_path() {
    let app = start().await;
    let person = app.demo_person("Ana").await.to_string();
    let answer = app.browser().post("/gate/sign-in/demo", &[("person", &person), ("next", "/shares")]).await;
    assert_eq!(answer.outcome(), "303 to /gate/shares");
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Secure-acequia=") && cookie.contains("Path=/gate/"), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
}
