//! What a browser, a proxy or a curious stranger must not get out of the server: requirements of OWASP ASVS that are
//! about all answers at once (docs/asvs.md).

use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::harness::{TestApp, World};

/// One of each kind of answer: pages, files, the API, machines, and what does not exist.
const KINDS: [&str; 12] = [
    "/",
    "/sign-in",
    "/no/such/page",
    "/sign-in/callback/nobody",
    "/style.css",
    "/icons.svg",
    "/favicon.svg",
    "/pkg/000000000000/none.js",
    "/healthz",
    "/metrics",
    "/api/v1/openapi.json",
    "/api/v1/nodes/01900000000070008000000000000000/firewall/nftables",
];

#[tokio::test]
async fn every_answer_says_what_it_is_and_in_which_letters() {
    let app = TestApp::demo().await;
    for path in KINDS {
        let answer = app.browser().get(path).await;
        let kind = answer.header("content-type");
        assert!(!kind.is_empty() || answer.body.is_empty(), "{path}: no type");
        // JSON is UTF-8 by itself (RFC 8259, section 8.1), and so is what the icons are (RFC 7303, section 3).
        let alone = ["application/json", "application/problem+json", "image/svg+xml"].contains(&kind);
        assert!(kind.is_empty() || alone || kind.ends_with("charset=utf-8"), "{path}: {kind}");
        let page = answer.body.to_lowercase().starts_with("<!doctype html>");
        assert_eq!(page, kind.starts_with("text/html"), "{path}: {kind}");
    }
}

#[tokio::test]
async fn no_other_origin_is_let_in_whatever_it_asks() {
    let app = TestApp::demo().await;
    for path in KINDS {
        for method in [Method::GET, Method::OPTIONS] {
            let mut browser = app.browser();
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "authorization"),
            ] {
                browser.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let answer = browser.send(method.clone(), path, None).await;
            let cors = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(cors, None, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn folders_are_not_listed_and_what_is_no_file_of_the_site_is_not_served() {
    let app = TestApp::demo().await;
    for path in [
        "/pkg/",
        "/pkg/x/",
        "/.git/config",
        "/pkg/x/../../Cargo.toml",
        "/pkg/x/%2e%2e/%2e%2e/Cargo.toml",
        "/pkg/x/..%2f..%2fCargo.toml",
        "/pkg/x//etc/passwd",
        "/pkg/x/%2fetc%2fpasswd",
        "/data/key",
        "/acequia.db",
    ] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer:?}");
        assert!(!answer.body.contains("[package]") && !answer.body.contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn a_request_is_not_sent_back_by_trace() {
    let app = TestApp::demo().await;
    for path in KINDS {
        let mut browser = app.browser();
        browser.headers.insert("x-canary", HeaderValue::from_static("s3cret-header"));
        let answer = browser.send(Method::TRACE, path, None).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        assert!(!answer.body.contains("s3cret-header"), "{path}");
    }
}

#[tokio::test]
async fn a_form_changes_what_it_is_for_and_nothing_else() {
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut browser = app.signed_in(world.other).await;
    let owner = world.owner.to_string();
    let fields =
        [("name", "Renamed"), ("instance_owner", "true"), ("id", owner.as_str()), ("person", owner.as_str())];
    browser.post("/fn/account/rename", &fields).await;
    let people = app.state.db.list_people().await.unwrap();
    let find = |id| people.iter().find(|person| person.id == id).unwrap();
    assert_eq!(find(world.other).name, "Renamed");
    assert!(!find(world.other).instance_owner);
    assert_ne!(find(world.owner).name, "Renamed");
}

#[tokio::test]
async fn a_field_that_is_given_twice_or_in_the_address_is_not_taken() {
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut browser = app.signed_in(world.other).await;
    let name = || async { app.state.db.find_person(world.other).await.unwrap().unwrap().name };
    let before = name().await;
    browser.post("/fn/account/rename", &[("name", "First"), ("name", "Second")]).await;
    assert_eq!(name().await, before, "two values for one field");
    browser.send(Method::POST, "/fn/account/rename?name=Address", Some(String::new())).await;
    assert_eq!(name().await, before, "the address is no form");
    browser.get("/fn/account/rename?name=Got").await;
    assert_eq!(name().await, before, "a GET changes nothing");
}

#[tokio::test]
async fn the_id_of_a_session_has_128_bits_and_is_never_the_same() {
    let app = TestApp::demo().await;
    let person = app.demo_person("Ana").await.to_string();
    let mut seen = std::collections::BTreeSet::new();
    let mut bits = [0_u32; 128];
    for _ in 0..64 {
        let answer = app.browser().post("/sign-in/demo", &[("person", &person)]).await;
        let cookie = answer.header("set-cookie");
        let id = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
        let value: tower_sessions::session::Id = id.parse().unwrap();
        for (at, count) in bits.iter_mut().enumerate() {
            *count += u32::from(value.0 >> at & 1 == 1);
        }
        assert!(seen.insert(id), "given twice");
    }
    // Of 64 fair coins all alike: once in 2^63 for each of the 128.
    assert!(bits.iter().all(|count| (1..64).contains(count)), "a bit that never changes: {bits:?}");
}

#[tokio::test]
async fn a_page_of_somebody_is_kept_by_no_cache() {
    let app = TestApp::demo().await;
    let world = World::seed(&app).await;
    let mut owner = app.signed_in(world.owner).await;
    for path in [
        "/".to_owned(),
        "/account".to_owned(),
        format!("/tailnets/{}", world.tailnet),
        format!("/tailnets/{}/reach.csv", world.tailnet),
        format!("/shares/{}", world.share),
    ] {
        let answer = owner.get(&path).await;
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
    }
}
