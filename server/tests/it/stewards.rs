//! Who else may act for a tailnet.

use crate::harness::{TestApp, World};
use model::host::May;

async fn entries(app: &TestApp, world: &World) -> Vec<String> {
    let all = app.state.db.list_entries(world.owner, world.tailnet.uuid()).await.unwrap();
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
    let stewards = app.state.db.list_stewards(world.tailnet).await.unwrap();
    assert_eq!(stewards.len(), 1, "{stewards:?}");
}

/// A steward knows the tokens that they made: the owner is shown them, and takes them with the stewardship.
#[tokio::test]
async fn tokens_that_a_steward_made_are_listed_at_their_removal_and_revoked_as_chosen() {
    for revoke in [true, false] {
        let app = TestApp::start().await;
        let world = World::seed(&app).await;
        let (mut owner, sven) = (app.signed_in(world.owner).await, app.ask(world.steward));
        let token = sven.hosts.make_token(world.node, May::default()).await.unwrap();
        let works = async || {
            let hash = server::secrets::hash_token(&token);
            app.state.db.is_pull_token(world.node, &hash).await.unwrap()
        };
        let page = format!("/tailnets/{}/stewards/{}/remove", world.tailnet, world.steward);
        let shown = owner.get(&page).await;
        assert!(shown.text().contains("maple"), "{shown:?}");
        let node = world.node.to_string();
        let chosen = format!("value=\"{node}\" checked");
        assert!(shown.body.contains(&chosen), "revoking is what one is offered: {}", shown.body);

        let (tailnet, steward) = (world.tailnet.to_string(), world.steward.to_string());
        let mut fields = vec![("tailnet", tailnet.as_str()), ("person", steward.as_str())];
        if revoke {
            fields.push(("revoke[0]", &node));
        }
        owner.post("/fn/stewards/remove", &fields).await;
        assert_eq!(works().await, !revoke);
        assert!(app.state.db.list_stewards(world.tailnet).await.unwrap().is_empty());
    }
}

/// What somebody else made is not theirs to lose: a form that names it revokes nothing.
#[tokio::test]
async fn no_other_token_is_revoked_with_a_stewardship() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut owner = app.signed_in(world.owner).await;
    let token = app.ask(world.owner).hosts.make_token(world.node, May::default()).await.unwrap();
    let (tailnet, steward, node) =
        (world.tailnet.to_string(), world.steward.to_string(), world.node.to_string());
    let fields = [("tailnet", tailnet.as_str()), ("person", steward.as_str()), ("revoke[0]", node.as_str())];
    owner.post("/fn/stewards/remove", &fields).await;
    let hash = server::secrets::hash_token(&token);
    assert!(app.state.db.is_pull_token(world.node, &hash).await.unwrap());
}
