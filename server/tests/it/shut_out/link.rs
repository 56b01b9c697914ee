//! The link by which somebody comes back to their account on the machine's own word.

use server::secrets::hash_token;
use server::store::identities::Identity;
use server::store::person_links::Used;

use super::*;

fn way(app: &TestApp, person: PersonId, subject: &str) -> Identity {
    Identity {
        id: app.state.new_id(),
        person,
        provider: "forge".into(),
        subject: subject.into(),
        label: subject.into(),
        email: None,
        linked: app.state.now(),
    }
}

async fn made(app: &TestApp, person: PersonId) -> String {
    let link = people::make_link(&app.state, person, Actor::CommandLine).await.unwrap();
    link.url.rsplit('/').next().unwrap().to_owned()
}

async fn take(app: &TestApp, token: &str, identity: &Identity) -> Used {
    let world_entry = server::store::audit::NewEntry {
        id: app.state.new_id(),
        at: app.state.now(),
        actor: Actor::CommandLine,
        what: "came back".into(),
        object: server::store::audit::Object {
            kind: ObjectKind::Person,
            id: identity.person.uuid(),
            name: "Ana".into(),
        },
        before: None,
        after: None,
        policy: None,
        tailnet: None,
        owner: None,
        friend: None,
    };
    let (db, now) = (&app.state.db, app.state.now());
    db.use_person_link(&hash_token(token), identity, now, &world_entry).await.unwrap()
}

#[tokio::test]
async fn a_link_to_come_back_is_good_once_and_for_a_day_and_ends_all_sessions() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let (db, ana) = (&app.state.db, app.person("Ana").await);
        let mut browser = app.signed_in(ana).await;
        let token = made(&app, ana).await;
        let (one, two) = (way(&app, ana, "one"), way(&app, ana, "two"));
        let (first, second) = tokio::join!(take(&app, &token, &one), take(&app, &token, &two));
        assert_eq!(
            [first, second].iter().filter(|used| **used == Used::Done).count(),
            1,
            "{first:?} {second:?}"
        );
        assert_eq!(db.list_identities(ana).await.unwrap().len(), 1);
        assert_eq!(
            db.list_sessions(ana, app.state.now(), app.state.config.session_lifetime, None, 100)
                .await
                .unwrap(),
            []
        );
        assert_eq!(browser.get("/account").await.status, 303);

        let old = made(&app, ana).await;
        let new = made(&app, ana).await;
        assert_eq!(take(&app, &old, &way(&app, ana, "three")).await, Used::Gone, "the newer one counts");
        app.clock.advance_seconds(86_401);
        assert_eq!(take(&app, &new, &way(&app, ana, "three")).await, Used::Gone, "its day is over");
    }
}

#[tokio::test]
async fn a_link_takes_nobodys_way_to_sign_in_and_brings_nobody_back_who_is_blocked() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let (db, ana, bea) = (&app.state.db, app.person("Ana").await, app.person("Bea").await);
        db.insert_identity(&way(&app, bea, "bea")).await.unwrap();
        let token = made(&app, ana).await;
        assert_eq!(take(&app, &token, &way(&app, ana, "bea")).await, Used::OfSomebodyElse);
        assert_eq!(db.find_identity("forge", "bea").await.unwrap().unwrap().person, bea);
        assert_eq!(take(&app, &token, &way(&app, ana, "ana")).await, Used::Done, "it was still good");

        let token = made(&app, ana).await;
        act(&app, ana, Deed::Block).await.unwrap();
        assert_eq!(take(&app, &token, &way(&app, ana, "other")).await, Used::Gone);
        let refused = people::make_link(&app.state, ana, Actor::CommandLine).await;
        assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
        act(&app, ana, Deed::Unblock).await.unwrap();
        assert_eq!(take(&app, &token, &way(&app, ana, "other")).await, Used::Gone, "it ended with the block");
    }
}

#[tokio::test]
async fn the_page_of_a_link_says_whose_it_is_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let ana = app.person("Ana").await;
    let token = made(&app, ana).await;
    let page = format!("/sign-in/again/{token}");
    for _ in 0..2 {
        assert!(app.browser().get(&page).await.text().contains("Come back as Ana"));
    }
    assert!(app.browser().get("/sign-in/again/nothing").await.text().contains("does not work any more"));
    app.clock.advance_seconds(86_401);
    assert!(app.browser().get(&page).await.text().contains("does not work any more"));
}
