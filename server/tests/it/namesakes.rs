//! People whose names can be taken for each other are told apart by their logins, to those who can see both.

use model::PersonId;
use server::on;
use server::store::identities::Identity;

use crate::harness::{TestApp, World};

async fn identify(app: &TestApp, person: PersonId, label: &str) {
    let identity = Identity {
        id: app.state.new_id(),
        person,
        provider: "forge".into(),
        subject: label.into(),
        label: label.into(),
        email: None,
        linked: app.state.now(),
    };
    app.state.db.insert_identity(&identity).await.unwrap();
}

/// As it may stand there from before names had a parser.
async fn rename(app: &TestApp, person: PersonId, name: &str) {
    on!(&app.state.db, pool => sqlx::query("UPDATE people SET name = $2 WHERE id = $1")
        .bind(person).bind(name).execute(pool).await.map(drop))
    .unwrap();
    // As at the start of a version with other tables.
    app.state.db.put_setting("looks", "others").await.unwrap();
    app.state.db.renew_looks().await.unwrap();
}

async fn start() -> (TestApp, World) {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let everybody =
        [world.instance_owner, world.owner, world.steward, world.friend, world.listed, world.other];
    for (person, label) in
        everybody.into_iter().zip(["ines@x", "ana@x", "sven@x", "dario@x", "lea@x", "olaf@x"])
    {
        identify(&app, person, label).await;
    }
    (app, world)
}

/// What this person reads on every page that names people.
async fn reads(app: &TestApp, world: &World, person: PersonId) -> Vec<String> {
    let mut browser = app.signed_in(person).await;
    let mut texts = Vec::new();
    for path in [
        "/".into(),
        "/directory".into(),
        "/shares".into(),
        "/offers/new".into(),
        "/audit".into(),
        format!("/shares/{}", world.share),
        format!("/services/{}", world.service),
        format!("/services/{}/edit", world.service),
        format!("/tailnets/{}/stewards", world.tailnet),
        format!("/o/{}", world.token),
    ] {
        texts.push(format!("{path}: {}", browser.get(&path).await.text()));
    }
    texts
}

#[tokio::test]
async fn who_sees_two_people_with_names_alike_sees_their_logins() {
    let (app, world) = start().await;
    let before = reads(&app, &world, world.owner).await;
    assert!(!before.iter().any(|text| text.contains("@x")), "nobody is mistaken for anybody: {before:#?}");
    for name in ["Dario", "DARIO", "D\u{430}rio", "Dar\u{200d}io", "Dar\u{131}o"] {
        rename(&app, world.listed, name).await;
        let after = reads(&app, &world, world.owner).await;
        let page = |path: &str| after.iter().find(|text| text.starts_with(path)).unwrap();
        let shown = format!("{name} (lea@x)");
        for path in ["/shares: ", "/shares/0"] {
            assert!(page(path).contains("Dario (dario@x)"), "{name}: {}", page(path));
        }
        for path in ["/offers/new", &format!("/services/{}/edit", world.service), "/tailnets/"] {
            let page = page(path);
            assert!(page.contains("Dario (dario@x)") && page.contains(&shown), "{name}: {page}");
        }
    }
}

#[tokio::test]
async fn who_looks_like_the_reader_is_shown_with_their_login() {
    let (app, world) = start().await;
    rename(&app, world.friend, "\u{410}na").await;
    let texts = reads(&app, &world, world.owner).await;
    assert!(texts.iter().any(|text| text.contains("\u{410}na (dario@x)")), "{texts:#?}");
}

#[tokio::test]
async fn a_double_whom_one_cannot_see_changes_nothing() {
    let (app, world) = start().await;
    // The friend sees the owner alone; Olaf and Lea nobody of theirs.
    let before = reads(&app, &world, world.friend).await;
    for (person, name) in [(world.other, "Ana"), (world.listed, "Ana"), (world.other, "Dario")] {
        rename(&app, person, name).await;
        assert_eq!(reads(&app, &world, world.friend).await, before, "{name}");
    }
}
