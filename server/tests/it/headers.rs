//! What every answer says about itself, and what is refused at the door.

use crate::access::table::TABLE;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use server::config::{Config, Metrics};
use tower::ServiceExt as _;

use crate::harness::{TestApp, app};

#[tokio::test]
async fn pages_run_only_what_comes_from_here() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/").await;
    let policy = answer.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").expect("a nonce").1.split_once('\'').unwrap().0;
    assert!(answer.body.contains(&format!("nonce=\"{nonce}\"")), "scripts carry the nonce");
    for part in ["default-src 'none'", "'wasm-unsafe-eval'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{part} is missing in {policy}");
    }
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{policy}");
    let again = app.browser().get("/").await;
    assert!(!again.header("content-security-policy").contains(nonce), "a new nonce each time");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_it_safe() {
    let app = TestApp::start().await;
    for path in ["/", "/no/such/page", "/sign-in/callback/x", "/healthz"] {
        let answer = app.browser().get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let app = TestApp::start().await;
    let (_, browser) = app.newcomer("Ana").await;
    let cases: [&[(&'static str, &'static str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[],
    ];
    for headers in cases {
        let mut forged = browser.clone();
        forged.headers.remove("sec-fetch-site");
        for (name, value) in headers {
            forged.headers.insert(*name, HeaderValue::from_static(value));
        }
        for path in ["/sign-out", "/sign-in/setup", "/fn/anything"] {
            let answer = forged.post(path, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert!(answer.text().contains("Sent from elsewhere"), "{answer:?}");
        }
        assert!(forged.cookie(app.cookie_name()).is_some());
    }
}

#[tokio::test]
async fn a_body_of_more_than_a_megabyte_is_refused() {
    let app = TestApp::start().await;
    let big = "x".repeat((1 << 20) + 1);
    let answer = app.browser().post("/sign-in/setup", &[("code", &big)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// On every route, however long it says that it is: nothing of ours breaks on it.
#[tokio::test]
async fn a_body_that_is_too_long_or_breaks_off_is_refused_on_every_route() {
    type Pieces = Vec<Result<Vec<u8>, std::io::Error>>;
    let long = || -> Pieces { (0..40).map(|_| Ok(vec![b'a'; 1 << 15])).collect() };
    let broken = || -> Pieces { vec![Ok(b"token=a".to_vec()), Err(std::io::Error::other("it broke off"))] };
    let app = TestApp::demo().await;
    let host = app.state.config.base_url.host_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    for row in TABLE.iter().filter(|row| row.method == "POST" && row.path != "/api/v1/nodes/{id}/status") {
        for (pieces, status) in [(long(), StatusCode::PAYLOAD_TOO_LARGE), (broken(), StatusCode::BAD_REQUEST)]
        {
            let request = Request::post(row.path.replace("{id}", "0").replace("{provider}", "forge"))
                .header(header::HOST, &host)
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from_stream(futures_util::stream::iter(pieces)))
                .unwrap();
            let answer = app.router.clone().oneshot(request).await.unwrap();
            // One that asks for nothing of the body need not read it.
            if answer.status() != status && !answer.status().is_redirection() {
                wrong.push(format!("{}: {} and not {status}", row.path, answer.status()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_in_the_apps_own_words() {
    let app = TestApp::start().await;
    let answer = app.browser().get("/no/such/page").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.header("content-type").starts_with("text/html"));
    let answer = app.browser().get("/pkg/000000000000/none.js").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_are_compressed_when_the_browser_takes_it() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
    assert_eq!(browser.get("/").await.header("content-encoding"), "br");
}

#[tokio::test]
async fn the_server_says_that_it_lives_and_is_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.browser().get("/healthz").await.body, "ok\n");
    assert_eq!(app.browser().get("/readyz").await.body, "ready\n");
    let server::store::Db::Sqlite(pool) = &app.state.db else { panic!("a test on SQLite") };
    pool.close().await;
    assert_eq!(app.browser().get("/healthz").await.status, StatusCode::OK);
    assert_eq!(app.browser().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_our_fault_and_says_so() {
    let app = TestApp::start().await;
    let (_, mut browser) = app.newcomer("Ana").await;
    let server::store::Db::Sqlite(pool) = &app.state.db else { panic!("a test on SQLite") };
    pool.close().await;
    let answer = browser.get("/").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text().contains("the log has it under"), "{answer:?}");
    assert!(!answer.body.contains("sqlx"), "{answer:?}");
}

#[tokio::test]
async fn without_https_there_is_no_promise_of_it() {
    let base_url = url::Url::parse("http://127.0.0.1:3000").unwrap();
    let app = TestApp::with(Config { base_url, demo: true, ..app::config() }).await;
    let person = app.demo_person("Ana").await.to_string();
    let answer = app.browser().post("/sign-in/demo", &[("person", &person)]).await;
    assert_eq!(answer.header("strict-transport-security"), "");
    assert!(!answer.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn other_methods_do_not_reach_pages() {
    let app = TestApp::start().await;
    let answer = app.browser().send(Method::DELETE, "/sign-out", None).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn figures_are_shown_only_where_configured_and_to_those_with_the_token() {
    let off = TestApp::start().await;
    assert_eq!(off.browser().get("/metrics").await.status, StatusCode::NOT_FOUND);

    let open = TestApp::with(Config { metrics: Metrics::Open, ..app::config() }).await;
    open.browser().get("/sign-in").await;
    open.browser().get("/no/such/page").await;
    let figures = open.browser().get("/metrics").await.body;
    assert!(figures.contains("acequia_http_requests_total{class=\"2xx\"} 1\n"), "{figures}");
    assert!(figures.contains("acequia_http_requests_total{class=\"4xx\"} 1\n"), "{figures}");

    let metrics = Metrics::Token(server::config::Secret::new("hush"));
    let kept = TestApp::with(Config { metrics, ..app::config() }).await;
    let mut browser = kept.browser();
    // The scheme has no case (RFC 9110, section 11.1).
    for (given, status) in [
        ("Bearer hush", StatusCode::OK),
        ("bearer hush", StatusCode::OK),
        ("BEARER hush", StatusCode::OK),
        ("Bearer hus", StatusCode::UNAUTHORIZED),
        ("Bearer ", StatusCode::UNAUTHORIZED),
        ("Basic hush", StatusCode::UNAUTHORIZED),
    ] {
        browser.headers.insert(header::AUTHORIZATION, HeaderValue::from_static(given));
        assert_eq!(browser.get("/metrics").await.status, status, "{given}");
    }
}
