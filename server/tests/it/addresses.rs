//! One instance at several addresses, and the demo under its own names only.

use crate::access::table::TABLE;
use axum::http::{HeaderValue, Method, StatusCode, header};
use server::config::{Config, Provider, ProviderKind};
use server::use_cases::sign_in;
use url::Url;

use crate::harness::provider::{AtProvider, CLIENT, OpenIdProvider};
use crate::harness::{Browser, TestApp, app};

const LAN: &str = "http://192.168.1.5:3000";

fn config() -> Config {
    Config { also_at: vec![Url::parse(LAN).unwrap()], ..app::config() }
}

/// A browser that says where its forms come from, as those do that come by plain http.
fn at(app: &TestApp, host: &'static str, origin: Option<&'static str>) -> Browser {
    let mut browser = app.browser();
    browser.headers.remove("sec-fetch-site");
    browser.headers.insert(header::HOST, HeaderValue::from_static(host));
    if let Some(origin) = origin {
        browser.headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
    }
    browser
}

#[tokio::test]
async fn a_form_comes_from_an_address_of_the_configuration_whatever_host_it_names() {
    let app = TestApp::with(config()).await;
    for (host, origin, status) in [
        ("192.168.1.5:3000", Some(LAN), StatusCode::SEE_OTHER),
        ("gate.example.org", Some("https://gate.example.org"), StatusCode::SEE_OTHER),
        ("internal:1", Some("https://gate.example.org"), StatusCode::SEE_OTHER),
        ("192.168.1.6:3000", Some("http://192.168.1.6:3000"), StatusCode::FORBIDDEN),
        ("evil.example", Some("http://evil.example"), StatusCode::FORBIDDEN),
        ("localhost:3000", Some("http://localhost:3000"), StatusCode::FORBIDDEN),
        ("192.168.1.5:3000", Some("http://192.168.1.5:3001"), StatusCode::FORBIDDEN),
        ("192.168.1.5:3000", Some("null"), StatusCode::FORBIDDEN),
        ("192.168.1.5:3000", None, StatusCode::FORBIDDEN),
    ] {
        let answer = at(&app, host, origin).post("/sign-out", &[]).await;
        assert_eq!(answer.status, status, "{host} {origin:?}: {answer:?}");
        if status == StatusCode::FORBIDDEN {
            assert!(answer.text().contains("`also_at`"), "it says what to set: {answer:?}");
        }
    }
}

#[tokio::test]
async fn one_signs_in_at_each_address_with_a_cookie_that_browsers_keep_there() {
    let app = TestApp::with(Config { demo: true, ..config() }).await;
    let person = app.demo_person("Ana").await.to_string();
    for (host, origin, secure) in
        [("192.168.1.5:3000", LAN, false), ("gate.example.org", "https://gate.example.org", true)]
    {
        let mut browser = at(&app, host, Some(origin));
        let answer = browser.post("/sign-in/demo", &[("person", &person)]).await;
        assert_eq!(answer.outcome(), "303 to /", "{answer:?}");
        let cookie = answer.header("set-cookie");
        assert_eq!(cookie.split("; ").any(|part| part == "Secure"), secure, "{cookie}");
        assert_eq!(cookie.starts_with("__Host-acequia="), secure, "{cookie}");
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn a_provider_sends_people_back_to_where_they_started() {
    let Some(forge) = OpenIdProvider::start(&format!("{LAN}/sign-in/callback/forge")) else { return };
    let provider = Provider {
        id: "forge".into(),
        label: "Our forge".into(),
        client_id: CLIENT.into(),
        client_secret: None,
        kind: ProviderKind::Oidc { issuer: forge.issuer.clone() },
    };
    let app = TestApp::on_real_time(Config { providers: vec![provider], ..config() }).await;
    let code = sign_in::set_up_code(&app.state).await.unwrap().unwrap();
    let mut browser = at(&app, "192.168.1.5:3000", Some(LAN));
    browser.post("/sign-in/setup", &[("code", &code)]).await;
    let answer = browser.post("/sign-in/with/forge", &[]).await;
    let url = answer.body.split_once("0;url=").expect("it leads on").1.split_once('"').unwrap().0;
    let back = AtProvider::new().log_in(&url.replace("&amp;", "&"), "ana").await;
    assert_eq!(browser.get(&back).await.outcome(), "303 to /");
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_demo_answers_nothing_under_a_name_that_is_not_its_own() {
    let app = TestApp::demo().await;
    let person = app.demo_person("Ana").await.to_string();
    for (host, origin) in [
        ("evil.example", "http://evil.example"),
        ("evil.example:3000", "http://evil.example:3000"),
        ("localhost.evil.example", "http://localhost.evil.example"),
        ("192.0.2.1:3000", "http://192.0.2.1:3000"),
        ("", "null"),
    ] {
        let mut browser = at(&app, host, Some(origin));
        // As a browser sees it, a name that was made to lead here is one's own.
        browser.headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        for row in TABLE {
            let method = Method::from_bytes(row.method.as_bytes()).unwrap();
            let answer = browser.send(method, row.path, None).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host}: {} {answer:?}", row.path);
        }
        let answer = browser.post("/sign-in/demo", &[("person", &person)]).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (StatusCode::FORBIDDEN, ""), "{host}");
    }
    for (host, origin) in [
        ("localhost:3000", "http://localhost:3000"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:3000", "http://[::1]:3000"),
    ] {
        let mut browser = at(&app, host, Some(origin));
        let answer = browser.post("/sign-in/demo", &[("person", &person)]).await;
        assert_eq!(answer.outcome(), "303 to /", "{host}: {answer:?}");
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "{host}");
        let mut other = at(&app, host, Some("http://localhost:9"));
        assert_eq!(other.post("/sign-out", &[]).await.status, StatusCode::FORBIDDEN, "another app here");
    }
    // The name in the request line outweighs the header.
    let mut browser = at(&app, "localhost:3000", None);
    assert_eq!(browser.get("http://evil.example/sign-in").await.status, StatusCode::FORBIDDEN);
}
