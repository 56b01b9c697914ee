//! Strangers are remembered for an hour, and not too many of them.

use axum::http::StatusCode;
use server::config::Config;

use super::LIMITS;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World, app};

#[tokio::test]
async fn who_is_not_signed_in_is_remembered_for_an_hour_after_their_last_request() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        let mut stranger = app.browser();
        stranger.post("/fn/offers/remember", &[("token", &world.token)]).await;
        let remembers = |page: &str| page.contains("offers you Minecraft");
        for _ in 0..3 {
            app.clock.advance_seconds(3_599);
            assert!(remembers(&stranger.get("/sign-in").await.body));
        }
        app.clock.advance_seconds(3_600);
        assert!(!remembers(&stranger.get("/sign-in").await.body));
        assert_eq!(
            app.state.db.sweep_sessions(app.state.now(), app.state.config.session_lifetime).await.unwrap(),
            1
        );
    }
}

#[tokio::test]
async fn a_page_alone_leaves_nothing_behind() {
    let app = TestApp::start().await;
    World::seed(&app).await;
    for row in crate::access::table::TABLE.iter().filter(|row| row.method == "GET") {
        let mut stranger = app.browser();
        let path = row.path.replace("{*name}", "x").replace(['{', '}'], "");
        stranger.get(&path).await;
        assert_eq!(stranger.cookie(app.cookie_name()), None, "{}", row.path);
    }
}

#[tokio::test]
async fn of_one_address_so_many_strangers_begin_to_be_remembered_in_an_hour() {
    let config =
        Config { limits: LIMITS, trusted_proxies: vec!["127.0.0.1".parse().unwrap()], ..app::config() };
    let app = TestApp::with(config).await;
    let world = World::seed(&app).await;
    let remember = async |from: &str| {
        let mut stranger = app.browser();
        stranger.address = Some("127.0.0.1:999".parse().unwrap());
        stranger.headers.insert("x-forwarded-for", from.parse().unwrap());
        let answer = stranger.post("/fn/offers/remember", &[("token", &world.token)]).await;
        (answer, stranger)
    };
    let mut first = None;
    for _ in 0..4 {
        let (answer, stranger) = remember("192.0.2.1").await;
        assert!(answer.location().is_some_and(|to| to.starts_with("/sign-in")), "{answer:?}");
        first.get_or_insert(stranger);
    }
    let (refused, stranger) = remember("192.0.2.1").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("Nothing was changed. Try again in"), "{refused:?}");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(stranger.cookie(app.cookie_name()), None);
    // Looking goes on, who is remembered already goes on, and so does every other address.
    let mut first = first.unwrap();
    let again = first.post("/fn/offers/remember", &[("token", &world.token)]).await;
    assert!(again.location().is_some_and(|to| to.starts_with("/sign-in")), "{again:?}");
    assert_eq!(first.get("/sign-in").await.status, StatusCode::OK);
    assert!(remember("192.0.2.2").await.0.location().is_some());
    let mut ana = app.signed_in(world.owner).await;
    ana.address = Some("192.0.2.1:1".parse().unwrap());
    assert!(ana.post("/fn/account/rename", &[("name", "Ana")]).await.location().is_some());
}
