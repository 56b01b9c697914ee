//! Who else may act for a tailnet.

use crate::harness::{TestApp, World};

async fn entries(app: &TestApp, world: &World) -> Vec<String> {
    let all =
        app.services.db.list_entries(world.owner, Some(world.tailnet.uuid()), "", None, 50).await.unwrap();
    all.into_iter().map(|entry| entry.what).collect()
}

#[tokio::test]
async fn the_owner_makes_a_steward_who_then_may_act_and_takes_it_back() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let (mut owner, mut lea) = (app.signed_in(world.owner).await, app.signed_in(world.listed).await);
    let page = format!("/tailnets/{}", world.tailnet);
    assert_eq!(lea.get(&page).await.status, 404);

    let fields = [("tailnet", world.tailnet.to_string()), ("person", world.listed.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for _ in 0..2 {
        let answer = owner.post("/fn/stewards/add", &fields).await;
        assert_eq!(answer.outcome(), format!("303 to {page}/stewards"));
    }
    assert_eq!(lea.get(&page).await.status, 200);
    assert_eq!(entries(&app, &world).await, ["made Lea a steward"], "twice is once");

    owner.post("/fn/stewards/remove", &fields).await;
    assert_eq!(lea.get(&page).await.status, 404);
    assert_eq!(entries(&app, &world).await, ["took the stewardship from Lea", "made Lea a steward"]);
}

#[tokio::test]
async fn nobody_becomes_a_steward_who_is_not_here_or_owns_the_tailnet() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut owner = app.signed_in(world.owner).await;
    let tailnet = world.tailnet.to_string();
    for wrong in [String::new(), "nobody".into(), world.owner.to_string(), world.tailnet.to_string()] {
        let answer = owner.post("/fn/stewards/add", &[("tailnet", &tailnet), ("person", &wrong)]).await;
        let page = owner.get(answer.location().unwrap()).await;
        assert!(page.text().contains("Choose a person from the list"), "{wrong:?}: {page:?}");
    }
    let stewards = app.services.db.list_stewards(world.tailnet).await.unwrap();
    assert_eq!(stewards.len(), 1, "{stewards:?}");
}
