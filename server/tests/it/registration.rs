//! Coming in without a provider: the set-up code, and the demo's page.

use axum::http::StatusCode;
use server::use_cases::sign_in;

use crate::harness::{TestApp, World};

#[tokio::test]
async fn the_set_up_code_is_the_same_until_somebody_owns_the_instance() {
    let app = TestApp::start().await;
    let code = sign_in::set_up_code(&app.state).await.unwrap().unwrap();
    assert_eq!(sign_in::set_up_code(&app.state).await.unwrap().as_deref(), Some(code.as_str()));
    app.instance_owner("Ana").await;
    assert_eq!(sign_in::set_up_code(&app.state).await.unwrap(), None);
}

#[tokio::test]
async fn a_wrong_set_up_code_is_told_on_the_sign_in_page() {
    let app = TestApp::start().await;
    let session = |browser: &crate::harness::Browser| browser.cookie(app.cookie_name()).map(str::to_owned);
    let mut browser = app.browser();
    for wrong in ["", "1234", "' OR 1=1", "\u{0}"] {
        let answer = browser.post("/sign-in/setup", &[("code", wrong)]).await;
        assert_eq!(answer.outcome(), "303 to /sign-in", "{answer:?}");
    }
    assert!(session(&browser).is_some(), "the message waits in the session");
}

#[tokio::test]
async fn one_signs_in_as_a_seeded_person_in_the_demo() {
    let app = TestApp::demo().await;
    let (seeded, real) = (app.demo_person("Ana").await, app.person("Bea").await);
    let mut browser = app.browser();
    let answer = browser.post("/sign-in/demo", &[("person", &seeded.to_string()), ("next", "/shares")]).await;
    assert_eq!(answer.outcome(), "303 to /shares");
    for (person, next) in [(real.to_string(), "/"), ("nobody".into(), "/"), (String::new(), "")] {
        let answer = app.browser().post("/sign-in/demo", &[("person", &person), ("next", next)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
    }
    let answer = browser
        .post("/sign-in/demo", &[("person", &seeded.to_string()), ("next", "https://evil.example")])
        .await;
    assert_eq!(answer.outcome(), "303 to /");
}

#[tokio::test]
async fn nobody_signs_in_as_a_seeded_person_outside_the_demo() {
    let app = TestApp::start().await;
    let seeded = app.demo_person("Ana").await;
    let answer = app.browser().post("/sign-in/demo", &[("person", &seeded.to_string())]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn an_unknown_provider_is_not_found() {
    let app = TestApp::start().await;
    let answer = app.browser().post("/sign-in/with/nowhere", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = app.browser().get("/sign-in/callback/nowhere?code=1&state=2").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_sign_in_page_says_which_offer_brought_somebody_here_while_it_stands() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut browser = app.remembering(&world.token).await;
    let page = browser.get("/sign-in").await;
    assert!(page.text().contains("Ana offers you Minecraft."), "{page:?}");
    app.state.db.withdraw_offer(world.offer, app.state.now(), &world.entry(&app)).await.unwrap();
    let page = browser.get("/sign-in").await;
    assert!(!page.text().contains("Minecraft"), "{page:?}");
}
