//! Sign-in through GitHub, which speaks no OpenID: a stand-in with its three endpoints.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use server::config::{Config, Provider, ProviderKind, Secret};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::harness::{Answer, Browser, TestApp, World, app};

/// The challenge with which the person was sent.
type Challenge = Arc<Mutex<String>>;

#[derive(Deserialize)]
struct TokenForm {
    code: String,
    code_verifier: String,
}

async fn token(State(challenge): State<Challenge>, Form(form): Form<TokenForm>) -> Response {
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(form.code_verifier.as_bytes()));
    if form.code != "good" || made != *challenge.lock().unwrap() {
        return Json(
            json!({"error": "bad_verification_code", "error_description": "The code is incorrect."}),
        )
        .into_response();
    }
    Json(json!({"access_token": "gho_x", "token_type": "bearer", "scope": "user:email"})).into_response()
}

fn is_allowed(headers: &HeaderMap) -> bool {
    // GitHub refuses requests without a user agent.
    headers.get("authorization").is_some_and(|value| value == "Bearer gho_x")
        && headers.contains_key("user-agent")
}

async fn user(headers: HeaderMap) -> Response {
    if !is_allowed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(json!({"id": 583_231, "login": "octocat", "name": "Mona", "email": null})).into_response()
}

async fn emails(headers: HeaderMap) -> Response {
    if !is_allowed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(json!([
        {"email": "old@example.org", "primary": false, "verified": true, "visibility": null},
        {"email": "mona@example.org", "primary": true, "verified": true, "visibility": "private"}
    ]))
    .into_response()
}

async fn start() -> (TestApp, World, Challenge) {
    let challenge = Challenge::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let routes = Router::new()
        .route("/login/oauth/access_token", post(token))
        .route("/user", get(user))
        .route("/user/emails", get(emails))
        .with_state(challenge.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let provider = Provider {
        id: "github".into(),
        label: "GitHub".into(),
        client_id: "acequia".into(),
        client_secret: Some(Secret::new("hush")),
        kind: ProviderKind::GitHub { base_url: base.clone(), api_url: base },
    };
    let app = TestApp::with(Config { providers: vec![provider], ..app::config() }).await;
    let world = World::seed(&app).await;
    (app, world, challenge)
}

/// Goes to GitHub and comes back with a code.
async fn sign_in(browser: &mut Browser, challenge: &Challenge, code: &str) -> Answer {
    let answer = browser.post("/sign-in/with/github", &[]).await;
    let url = answer.body.split_once("0;url=").expect("it leads on").1.split_once('"').unwrap().0;
    let url = Url::parse(&url.replace("&amp;", "&")).unwrap();
    assert_eq!(url.path(), "/login/oauth/authorize");
    let value = |key: &str| url.query_pairs().find(|(name, _)| name == key).unwrap().1.into_owned();
    assert_eq!(value("redirect_uri"), "https://gate.example.org/sign-in/callback/github");
    assert_eq!(value("code_challenge_method"), "S256");
    *challenge.lock().unwrap() = value("code_challenge");
    browser.get(&format!("/sign-in/callback/github?code={code}&state={}", value("state"))).await
}

#[tokio::test]
async fn a_person_is_known_by_their_number_and_verified_address() {
    let (app, world, challenge) = start().await;
    let mut browser = app.remembering(&world.token).await;
    let answer = sign_in(&mut browser, &challenge, "good").await;
    assert_eq!(answer.outcome(), format!("303 to /o/{}", world.token), "{answer:?}");
    let identity = app.state.db.find_identity("github", "583231").await.unwrap().unwrap();
    assert_eq!(identity.label, "octocat");
    assert_eq!(identity.email.as_deref(), Some("mona@example.org"));
    let person = app.state.db.find_person(identity.person).await.unwrap().unwrap();
    assert_eq!(person.name, "Mona");
}

#[tokio::test]
async fn a_wrong_code_is_refused_although_github_says_so_with_status_200() {
    let (app, world, challenge) = start().await;
    let mut browser = app.remembering(&world.token).await;
    let answer = sign_in(&mut browser, &challenge, "bad").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("GitHub did not accept the answer"), "{answer:?}");
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_is_refused() {
    let (app, world, _) = start().await;
    let mut browser = app.remembering(&world.token).await;
    let answer = browser.post("/sign-in/with/github", &[]).await;
    let state = answer.body.split_once("state=").unwrap().1.split_once("&amp;").unwrap().0.to_owned();
    app.clock.advance_seconds(15 * 60 + 1);
    let answer = browser.get(&format!("/sign-in/callback/github?code=good&state={state}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("This sign-in is too old"), "{answer:?}");
}
