//! What somebody chooses and sets up on their page, and where a webhook may not go.

use app::fault::Fault;
use model::Channel;

use super::Stage;
use crate::harness::TestApp;
use crate::harness::receiver::Answers;

#[tokio::test]
async fn what_is_chosen_is_what_is_shown_and_a_secret_is_shown_once() {
    for mut stage in Stage::each().await {
        let owner = stage.world.owner;
        stage.verified(owner, "ana@example.com").await;
        let mut browser = stage.app.signed_in(owner).await;
        let fields = [("url", format!("{}hook?key=of-mine", stage.hook.url))];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let done = browser.post("/fn/notifications/webhook", &fields).await;
        assert_eq!(done.location(), Some("/account/notifications"));
        let page = browser.get("/account/notifications").await;
        assert!(page.body.contains("whsec_"), "this once");
        let page = browser.get("/account/notifications").await;
        assert!(!page.body.contains("whsec_") && !page.body.contains("of-mine"), "and no more");
        assert!(page.body.contains("value=\"giver.exposure.webhook\" checked"), "{}", page.body);
        let chosen = [("shown[]", "mail"), ("shown[]", "webhook"), ("wanted[]", "giver.exposure.mail")];
        browser.post("/fn/notifications/choose", &chosen).await;
        let page = browser.get("/account/notifications").await;
        assert!(page.body.contains("value=\"giver.exposure.mail\" checked"), "{}", page.body);
        assert!(!page.body.contains("webhook\" checked") && !page.body.contains("accepted.mail\" checked"));
        let tested = browser.post("/fn/notifications/test", &[("channel", "webhook")]).await;
        assert_eq!(tested.location(), Some("/account/notifications"));
        assert!(stage.hook.received().await.body.contains("A test from Acequia"));
        browser.post("/fn/notifications/remove", &[("channel", "webhook")]).await;
        let view = stage.app.ask(owner).notifications.get().await.unwrap();
        assert_eq!(view.webhook, None);
        let stored = stage.app.state.db.list_channels(owner).await.unwrap();
        assert!(stored.is_empty());
    }
}

#[tokio::test]
async fn a_webhook_follows_nobody_elsewhere() {
    for mut stage in Stage::each().await {
        let owner = stage.world.owner;
        stage.sets_up(owner).await;
        stage.hook.answers([Answers::Redirects(stage.ntfy.url.clone())]);
        let said = stage.app.ask(owner).notifications.test(Channel::Webhook).await;
        assert!(matches!(said, Err(Fault::Conflict(_))), "{said:?}");
        stage.hook.received().await;
        assert!(stage.ntfy.more().is_none());
    }
}

#[tokio::test]
async fn without_a_list_a_webhook_goes_to_public_addresses_only() {
    let app = TestApp::start().await;
    let ana = app.person("Ana").await;
    let ask = app.ask(ana).notifications;
    for wrong in ["http://hooks.example.org/", "ftp://x", "nonsense", "https://me:pw@hooks.example.org/"] {
        assert!(matches!(ask.set_webhook(wrong.into()).await, Err(Fault::Invalid(_))), "{wrong}");
    }
    // What a name leads to is known when it is asked.
    for private in
        ["https://localhost:1/", "https://127.1:1/", "https://[::1]:1/", "https://[::ffff:10.0.0.1]/"]
    {
        ask.set_webhook(private.into()).await.unwrap();
        let said = ask.test(Channel::Webhook).await;
        assert!(
            matches!(&said, Err(Fault::Conflict(reason)) if reason.what.contains("not public")),
            "{private}: {said:?}"
        );
    }
    assert!(matches!(ask.set_ntfy("https://ntfy.sh/".into(), "maple".into()).await, Err(Fault::Invalid(_))));
    assert!(matches!(ask.test(Channel::Ntfy).await, Err(Fault::Conflict(_))));
}

/// Whoever owns the instance reads what holds; nobody reads a secret.
#[tokio::test]
async fn settings_say_what_holds_and_where_it_comes_from() {
    for stage in Stage::each().await {
        let mut owner = stage.app.signed_in(stage.world.instance_owner).await;
        let page = owner.get("/settings").await;
        assert_eq!(page.status, 200);
        for text in
            ["limits.tailnets_per_person", "notifications.webhook_hosts", "nobody set it", "gate@example.org"]
        {
            assert!(page.body.contains(text), "{text}");
        }
        let mut ana = stage.app.signed_in(stage.world.owner).await;
        assert_eq!(ana.get("/settings").await.status, 404);
    }
}
