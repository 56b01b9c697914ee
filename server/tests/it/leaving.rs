//! Somebody deletes their own account: what ends is said first, and nothing happens before they say that they read it.

use server::jobs::Runner;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World};

#[tokio::test]
async fn who_leaves_reads_first_what_ends_and_is_out_at_once() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        let mut dario = app.signed_in(world.friend).await;
        let page = dario.get("/account/leave").await;
        assert!(page.body.contains("1 share that you use: taken back."), "{}", page.body);
        let none = dario.post("/fn/account/leave", &[]).await;
        assert_eq!(none.location(), Some("/account/leave"));
        assert!(app.state.db.find_person_here(world.friend).await.unwrap().is_some(), "not yet");
        assert!(dario.get("/account/leave").await.body.contains("Say that you have read it"));
        let gone = dario.post("/fn/account/leave", &[("sure", "yes")]).await;
        assert_eq!(gone.location(), Some("/sign-in"));
        assert!(app.state.db.find_person_here(world.friend).await.unwrap().is_none());
        assert_eq!(dario.get("/account").await.location(), Some("/sign-in?next=/account"));
        let jobs = app.state.db.query("SELECT COUNT(*) FROM jobs WHERE kind = 'shut-out'", ());
        assert_eq!(jobs.count().await.unwrap(), 1, "what is to end is ended by a job");
        Runner::new(app.state.clone()).drain().await.unwrap();
        let share = app.state.db.find_share(world.share).await.unwrap().unwrap();
        assert!(share.state.is_over(), "it was not open yet: {:?}", share.state);
    }
}

#[tokio::test]
async fn the_last_owner_of_an_instance_stays() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let view = app.ask(world.instance_owner).accounts.leaving().await.unwrap();
    assert!(view.refused.is_some());
    assert!(app.ask(world.instance_owner).accounts.leave(true).await.is_err());
    assert!(app.state.db.find_person_here(world.instance_owner).await.unwrap().is_some());
}
