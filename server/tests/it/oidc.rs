//! Sign-in against a real OpenID provider.

use std::time::Duration;

use ::app::ports::people::Deed;
use axum::http::StatusCode;
use server::config::{Config, Provider, ProviderKind};
use server::store::audit::Actor;
use server::use_cases::people;
use server::use_cases::sign_in;
use url::Url;

use crate::harness::provider::{AtProvider, CLIENT, OpenIdProvider};
use crate::harness::{Answer, Browser, TestApp, World, app};

const CALLBACK: &str = "https://gate.example.org/sign-in/callback/forge";

fn config(issuer: &str) -> Config {
    let provider = Provider {
        id: "forge".into(),
        label: "Our forge".into(),
        client_id: CLIENT.into(),
        client_secret: None,
        kind: ProviderKind::Oidc { issuer: issuer.into() },
    };
    let mut config = app::config();
    config.timing.provider = Duration::from_secs(5);
    Config { providers: vec![provider], ..config }
}

async fn start() -> Option<(TestApp, OpenIdProvider)> {
    let provider = OpenIdProvider::start(CALLBACK)?;
    Some((TestApp::on_real_time(config(&provider.issuer)).await, provider))
}

/// Presses the button of the provider: where the browser is sent.
async fn press(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    let answer = browser.post("/sign-in/with/forge", fields).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let url = answer.body.split_once("0;url=").expect("it leads on").1.split_once('"').unwrap().0;
    url.replace("&amp;", "&")
}

async fn sign_in(browser: &mut Browser, login: &str, fields: &[(&str, &str)]) -> Answer {
    let start = press(browser, fields).await;
    let back = AtProvider::new().log_in(&start, login).await;
    browser.get(&back).await
}

/// Makes the first person, who owns the instance.
async fn found(app: &TestApp, login: &str) -> Browser {
    let code = sign_in::set_up_code(&app.state).await.unwrap().unwrap();
    let mut browser = app.browser();
    browser.post("/sign-in/setup", &[("code", &code)]).await;
    let answer = sign_in(&mut browser, login, &[]).await;
    assert_eq!(answer.outcome(), "303 to /", "{answer:?}");
    browser
}

async fn everybody(app: &TestApp) -> Vec<(String, bool)> {
    let people = app.state.db.list_people().await.unwrap();
    people.into_iter().map(|person| (person.name, person.instance_owner)).collect()
}

#[tokio::test]
async fn the_first_person_with_the_set_up_code_owns_the_instance_and_comes_back_as_the_same_person() {
    let Some((app, _provider)) = start().await else { return };
    let mut browser = found(&app, "ana").await;
    assert_eq!(everybody(&app).await, [("ana".to_owned(), true)]);
    let person = app.state.db.list_people().await.unwrap().remove(0);
    let identity = app.state.db.find_identity("forge", "ana").await.unwrap().unwrap();
    assert_eq!(identity.person, person.id);
    assert_eq!(identity.email.as_deref(), Some("ana@example.org"));

    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(out.outcome(), "303 to /");
    assert_eq!(browser.cookie(app.cookie_name()), None);

    let answer = sign_in(&mut app.browser(), "ana", &[("next", "/shares")]).await;
    assert_eq!(answer.outcome(), "303 to /shares");
    assert_eq!(everybody(&app).await.len(), 1);
}

#[tokio::test]
async fn signing_in_changes_the_session_id() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let start = press(&mut browser, &[]).await;
    let before = browser.cookie(app.cookie_name()).unwrap().to_owned();
    let back = AtProvider::new().log_in(&start, "ana").await;
    browser.get(&back).await;
    let after = browser.cookie(app.cookie_name()).unwrap().to_owned();
    assert_ne!(before, after);

    let mut planted = app.browser();
    planted.set_cookie(app.cookie_name(), &before);
    let again = planted.get(&back).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "{again:?}");
}

#[tokio::test]
async fn nobody_comes_in_without_an_offer_or_the_set_up_code() {
    let Some((app, _provider)) = start().await else { return };
    let answer = sign_in(&mut app.browser(), "mallory", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("You need an offer to come in"), "{answer:?}");
    assert!(answer.text().contains("mallory@example.org"), "{answer:?}");
    assert_eq!(everybody(&app).await, []);
}

#[tokio::test]
async fn a_name_that_a_provider_gives_is_made_fit_and_keeps_nobody_out() {
    let Some((app, _provider)) = start().await else { return };
    let world = World::seed(&app).await;
    world.offer_places(&app, 5).await;
    let long = "x".repeat(5_000);
    for (login, name) in [
        ("<form>\u{202e}Erik \u{200d}", "formErik"),
        ("Frida Фрида", "Frida"),
        ("P\u{430}ypal", "Somebody new"),
        ("</title><script>", "/titlescript"),
        (long.as_str(), &long[..80]),
    ] {
        let mut browser = app.remembering(&world.token).await;
        let answer = sign_in(&mut browser, login, &[]).await;
        assert_eq!(answer.outcome(), format!("303 to /o/{}", world.token), "{login}");
        assert!(everybody(&app).await.contains(&(name.to_owned(), false)), "{login}");
        let account = browser.get("/account").await;
        assert!(
            account.status.is_success() && account.body.len() < 40_000,
            "{login}: {}",
            account.body.len()
        );
        assert!(!account.body.contains('\u{202e}'), "{login}");
    }
}

#[tokio::test]
async fn an_offer_that_stands_brings_a_new_person_in_and_leads_them_back_to_it() {
    let Some((app, _provider)) = start().await else { return };
    let world = World::seed(&app).await;
    let mut browser = app.remembering(&world.token).await;
    let answer = sign_in(&mut browser, "erik", &[]).await;
    assert_eq!(answer.outcome(), format!("303 to /o/{}", world.token));
    assert!(everybody(&app).await.contains(&("erik".to_owned(), false)));

    let db = &app.state.db;
    db.withdraw_offer(world.offer, app.state.now(), &world.entry(&app)).await.unwrap();
    let mut late = app.remembering(&world.token).await;
    let answer = sign_in(&mut late, "elena", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
}

#[tokio::test]
async fn an_offer_to_an_address_brings_nobody_else_in_and_a_used_link_nobody_more() {
    let Some((app, _provider)) = start().await else { return };
    let world = World::seed(&app).await;
    world.offer_to(&app, "Erik@example.org").await;
    let answer = sign_in(&mut app.remembering(&world.token).await, "mallory", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("This offer is for another address"), "{answer:?}");
    assert!(!answer.text().to_lowercase().contains("erik"), "and does not say whose: {answer:?}");

    let answer = sign_in(&mut app.remembering(&world.token).await, "erik", &[]).await;
    assert_eq!(answer.outcome(), format!("303 to /o/{}", world.token));

    world.offer_to(&app, "mallory@example.org").await;
    let answer = sign_in(&mut app.remembering(&world.token).await, "mallory", &[]).await;
    assert!(answer.text().contains("All places of this offer are taken"), "{answer:?}");
    assert!(!everybody(&app).await.iter().any(|(name, _)| name == "mallory"));
}

#[tokio::test]
async fn an_answer_with_another_state_is_refused() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let start = press(&mut browser, &[]).await;
    let back = AtProvider::new().log_in(&start, "ana").await;
    let forged = back.replace("state=", "state=x");
    let answer = browser.get(&forged).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("This sign-in is not known"), "{answer:?}");

    // Another browser, to which somebody has sent the link of their own sign-in.
    let answer = app.browser().get(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");

    // The right answer is still good, once.
    assert_eq!(browser.get(&back).await.outcome(), "303 to /");
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused_because_of_its_verifier() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let (one, two) = (press(&mut browser, &[]).await, press(&mut browser, &[]).await);
    let (one, two) =
        (AtProvider::new().log_in(&one, "ana").await, AtProvider::new().log_in(&two, "ana").await);
    let query = |path: &str, key: &str| {
        let url = Url::parse(&format!("https://x{path}")).unwrap();
        url.query_pairs().find(|(name, _)| name == key).unwrap().1.into_owned()
    };
    let mixed =
        format!("/sign-in/callback/forge?code={}&state={}", query(&one, "code"), query(&two, "state"));
    let answer = browser.get(&mixed).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("Our forge did not accept the answer"), "{answer:?}");
}

#[tokio::test]
async fn an_identity_token_with_another_nonce_is_refused() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let mut start = Url::parse(&press(&mut browser, &[]).await).unwrap();
    let pairs: Vec<(String, String)> = start.query_pairs().into_owned().collect();
    let pairs = pairs.into_iter().map(|(name, value)| {
        let value = if name == "nonce" { "planted".into() } else { value };
        (name, value)
    });
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    start.set_query(Some(&query));
    let back = AtProvider::new().log_in(start.as_str(), "ana").await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("The answer of Our forge cannot be trusted"), "{answer:?}");
}

#[tokio::test]
async fn a_refused_consent_is_taken_as_a_no() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let start = press(&mut browser, &[]).await;
    let back = AtProvider::new().refuse(&start, "ana").await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("You said no"), "{answer:?}");
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_down_before_and_after_the_trip() {
    let Some((app, provider)) = start().await else { return };
    found(&app, "ana").await;
    let mut browser = app.browser();
    let start = press(&mut browser, &[]).await;
    let back = AtProvider::new().log_in(&start, "ana").await;
    drop(provider);
    for answer in [browser.get(&back).await, app.browser().post("/sign-in/with/forge", &[]).await] {
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        assert!(answer.text().contains("Our forge does not answer"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_provider_with_new_keys_is_believed() {
    let Some((app, provider)) = start().await else { return };
    found(&app, "ana").await;
    let port = provider.port();
    drop(provider);
    let _renewed = OpenIdProvider::start_on(port, CALLBACK).unwrap();
    let answer = sign_in(&mut app.browser(), "ana", &[]).await;
    assert_eq!(answer.outcome(), "303 to /");
}

#[tokio::test]
async fn a_second_identity_is_linked_and_one_of_somebody_else_is_not() {
    let Some((app, _provider)) = start().await else { return };
    let mut browser = found(&app, "ana").await;
    let answer = sign_in(&mut browser, "ana-at-work", &[("link", "1")]).await;
    assert_eq!(answer.outcome(), "303 to /account");
    let person = app.state.db.list_people().await.unwrap().remove(0).id;
    assert_eq!(app.state.db.list_identities(person).await.unwrap().len(), 2);

    let (bea, mut other) = app.newcomer("Bea").await;
    let answer = sign_in(&mut other, "ana-at-work", &[("link", "1")]).await;
    assert_eq!(answer.outcome(), "303 to /account");
    assert_eq!(app.state.db.list_identities(bea).await.unwrap(), []);

    let answer = app.browser().post("/sign-in/with/forge", &[("link", "1")]).await;
    assert_eq!(answer.outcome(), "303 to /sign-in");
}

#[tokio::test]
async fn whoever_lost_their_way_to_sign_in_comes_back_with_a_link_and_all_else_ends() {
    let Some((app, _provider)) = start().await else { return };
    let mut old = found(&app, "ana").await;
    let person = app.state.db.list_people().await.unwrap().remove(0).id;
    let link = people::make_link(&app.state, person, Actor::CommandLine).await.unwrap();
    let token = link.url.rsplit('/').next().unwrap().to_owned();

    let mut new = app.browser();
    let answer = sign_in(&mut new, "ana-anew", &[("again", &token)]).await;
    assert_eq!(answer.outcome(), "303 to /account", "{answer:?}");
    assert_eq!(new.get("/account").await.status, StatusCode::OK);
    assert_eq!(old.get("/account").await.status, StatusCode::SEE_OTHER, "the other sessions ended");
    assert_eq!(app.state.db.list_identities(person).await.unwrap().len(), 2);
    let again = sign_in(&mut app.browser(), "eve", &[("again", &token)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{again:?}");
    assert!(again.text().contains("This link was used"), "{again:?}");
    assert_eq!(app.state.db.find_identity("forge", "eve").await.unwrap(), None);
    let answer = sign_in(&mut app.browser(), "ana-anew", &[]).await;
    assert_eq!(answer.outcome(), "303 to /", "from now on as any other way");
}

#[tokio::test]
async fn whoever_is_blocked_reads_one_plain_page_after_the_provider() {
    let Some((app, _provider)) = start().await else { return };
    found(&app, "ana").await;
    let person = app.state.db.list_people().await.unwrap().remove(0).id;
    let other = app.person("Bea").await;
    for (who, deed) in [(other, Deed::MakeOwner), (person, Deed::Block)] {
        people::act_on(&app.state, who, deed, Actor::CommandLine).await.unwrap();
    }
    let mut browser = app.browser();
    let answer = sign_in(&mut browser, "ana", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert!(answer.text().contains("This account is shut out"), "{answer:?}");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}
