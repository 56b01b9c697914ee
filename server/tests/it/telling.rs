//! People hear outside of the app of what concerns them: by the ways that they chose, at least once, and never of what is
//! somebody else's.

mod kills;
mod letters;
mod page;
mod steps;
mod waiting;

use std::time::Duration;

use app::ports::offers::OfferForm;
use model::{OfferId, PersonId, TailnetRole};
use server::config::{Config, Mail, MailSecurity};
use server::jobs::telling;
use server::store::identities::Identity;
use url::Url;

use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::mailbox::Mailbox;
use crate::harness::receiver::Receiver;
use crate::harness::{TestApp, World};

/// An app that can tell by every way, and the ends of them.
struct Stage {
    app: TestApp,
    world: World,
    mail: Mailbox,
    ntfy: Receiver,
    hook: Receiver,
}

fn mail_at(port: u16) -> Mail {
    Mail {
        server: "127.0.0.1".into(),
        port,
        security: MailSecurity::None,
        user: None,
        from: "Acequia <gate@example.org>".parse().unwrap(),
        private_ca: None,
        timeout: Duration::from_secs(5),
    }
}

impl Stage {
    /// On each database; none where there is no mail server to be had.
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each().await {
            all.extend(Self::on(database, None).await);
        }
        all
    }

    async fn on(database: TestDatabase, hold: Option<&str>) -> Option<Self> {
        let mail = match hold {
            Some(step) => Mailbox::holding(step).await?,
            None => Mailbox::start().await?,
        };
        let (ntfy, hook) = (Receiver::start().await, Receiver::start().await);
        let mut config = Config { mail: Some(mail_at(mail.port)), ..config() };
        config.notifications.ntfy = vec![Url::parse(&ntfy.url).unwrap()];
        config.notifications.webhook_hosts = vec![hook.host.clone()];
        config.notifications.tries = 3;
        config.notifications.timeout = Duration::from_secs(2);
        let app = TestApp::on(config, database);
        app.state.db.put_mail_on(true).await.unwrap();
        let world = World::seed(&app).await;
        Some(Self { app, world, mail, ntfy, hook })
    }

    /// A provider has verified their address.
    async fn verified(&self, person: PersonId, email: &str) {
        let identity = Identity {
            id: self.app.state.new_id(),
            person,
            provider: "house".into(),
            subject: email.into(),
            label: email.into(),
            email: Some(email.into()),
            linked: self.app.state.now(),
        };
        self.app.state.db.insert_identity(&identity).await.unwrap();
    }

    /// Sets up ntfy and a webhook, and gives the secret of the latter.
    async fn sets_up(&self, person: PersonId) -> String {
        let ask = self.app.ask(person).notifications;
        ask.set_ntfy(self.ntfy.url.clone(), "maple".into()).await.unwrap();
        ask.set_webhook(format!("{}hook", self.hook.url)).await.unwrap()
    }

    async fn told(&self, person: PersonId) {
        telling::run(&self.app.state, person).await.unwrap();
    }

    /// An offer of the service to somebody who is here.
    async fn offer(&self, to: PersonId) -> OfferId {
        let form = OfferForm {
            service: self.world.service.to_string(),
            to: "person".into(),
            person: to.to_string(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        self.app.ask(self.world.owner).offers.create(form).await.unwrap().0
    }

    /// Somebody accepts the service, by a link.
    async fn accepts(&self, person: PersonId) {
        let form = OfferForm {
            service: self.world.service.to_string(),
            to: "link".into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (_, token) = self.app.ask(self.world.owner).offers.create(form).await.unwrap();
        self.app.ask(person).offers.accept(token, "lea@example.com".into()).await.unwrap();
    }

    async fn notices_are_right(&self, after: &str) {
        let wrong = self.app.state.db.check_notices(self.app.state.now()).await.unwrap();
        assert!(wrong.is_empty(), "after {after}: {}", wrong.join("\n"));
    }

    async fn count(&self, what: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM deliveries WHERE {what}");
        self.app.state.db.query(sqlx::AssertSqlSafe(sql), ()).count().await.unwrap()
    }

    /// What waits for somebody about what they could not be told.
    async fn untold(&self, person: PersonId) -> Vec<String> {
        let home = self.app.ask(person).inbox.home().await.unwrap();
        home.items
            .into_iter()
            .map(|item| item.title)
            .filter(|title| title.contains("could not be sent"))
            .collect()
    }
}

#[tokio::test]
async fn news_reaches_whom_it_concerns_by_every_way_that_they_have_under_one_id() {
    for mut stage in Stage::each().await {
        let (owner, lea) = (stage.world.owner, stage.world.listed);
        stage.verified(owner, "ana@example.com").await;
        stage.verified(lea, "lea@example.com").await;
        let secret = stage.sets_up(owner).await;
        let offer = stage.offer(lea).await;
        stage.app.ask(lea).offers.accept(offer.to_string(), "lea@example.com".into()).await.unwrap();
        stage.told(lea).await;
        let mail = stage.mail.mail().await;
        assert_eq!(mail.to, ["lea@example.com"], "of the offer alone: that it was accepted is her own deed");
        assert!(mail.header("Subject").unwrap().contains("offers you Minecraft"), "{}", mail.text);

        stage.told(owner).await;
        let mail = stage.mail.mail().await;
        assert_eq!(mail.to, ["ana@example.com"]);
        let ntfy = stage.ntfy.received().await;
        let hook = stage.hook.received().await;
        let id = hook.header("webhook-id").to_owned();
        assert_eq!(mail.header("Message-ID").unwrap(), format!("<{id}@gate.example.org>"));
        let said: serde_json::Value = serde_json::from_str(&ntfy.body).unwrap();
        assert_eq!((said["topic"].as_str(), said["sequence_id"].as_str()), (Some("maple"), Some(&*id)));
        assert!(said["title"].as_str().unwrap().contains("accepted Minecraft"), "{said}");
        let body: serde_json::Value = serde_json::from_str(&hook.body).unwrap();
        assert_eq!(body["type"], "share.accepted");
        assert!(
            body["data"]["links"][0]["url"].as_str().unwrap().starts_with("https://gate.example.org/shares/")
        );
        assert!(is_signed(&secret, &hook), "{hook:?}");
        assert!(!is_signed("whsec_b3RoZXI=", &hook));

        // The steward hears of it too; each of them once, however often the job comes by.
        for person in [owner, lea] {
            stage.told(person).await;
        }
        assert!(stage.ntfy.more().is_none() && stage.hook.more().is_none());
        assert_eq!(stage.count("settled IS NULL").await, 0);
        stage.notices_are_right("what was told").await;
    }
}

/// As the specification has it, worked out here.
fn is_signed(secret: &str, received: &crate::harness::receiver::Received) -> bool {
    use base64::Engine as _;
    use hmac::Mac as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let key = engine.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    let (id, time) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    mac.update(format!("{id}.{time}.{}", received.body).as_bytes());
    let signed = format!("v1,{}", engine.encode(mac.finalize().into_bytes()));
    received.header("webhook-signature") == signed
}

#[tokio::test]
async fn nobody_is_told_who_did_not_ask_and_nothing_is_stored_for_them() {
    for stage in Stage::each().await {
        let (owner, lea) = (stage.world.owner, stage.world.listed);
        stage.accepts(lea).await;
        assert_eq!(stage.count("1 = 1").await, 0, "no address, no topic, no webhook");
        stage.sets_up(owner).await;
        let ask = stage.app.ask(owner).notifications;
        ask.choose(vec![], vec!["ntfy".into(), "webhook".into()]).await.unwrap();
        stage.accepts(stage.world.other).await;
        assert_eq!(stage.count("1 = 1").await, 0, "a no to everything");
    }
}

#[tokio::test]
async fn a_steward_hears_what_the_owner_hears_and_who_is_blocked_hears_nothing() {
    for mut stage in Stage::each().await {
        let steward = stage.world.steward;
        stage.verified(steward, "sven@example.com").await;
        stage.accepts(stage.world.listed).await;
        stage.told(steward).await;
        assert_eq!(stage.mail.mail().await.to, ["sven@example.com"]);
        stage.accepts(stage.world.other).await;
        let ines = stage.app.ask(stage.world.instance_owner);
        ines.people.act(steward, app::ports::people::Deed::Block).await.unwrap();
        stage.told(steward).await;
        assert_eq!(stage.count("settled IS NULL").await, 0, "it is not kept for them either");
    }
}

#[tokio::test]
async fn what_fails_is_told_again_under_its_id_and_what_is_given_up_is_a_notice() {
    use crate::harness::receiver::Answers::{Hangs, With};
    for mut stage in Stage::each().await {
        let owner = stage.world.owner;
        stage.sets_up(owner).await;
        let ways = vec!["ntfy".into(), "webhook".into()];
        let chosen = stage.app.ask(owner).notifications;
        chosen.choose(vec!["giver.accepted.webhook".into()], ways).await.unwrap();
        stage.hook.answers([With(500), Hangs, With(200)]);
        stage.accepts(stage.world.listed).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            stage.told(owner).await;
            let received = stage.hook.received().await;
            ids.push((received.header("webhook-id").to_owned(), received.body.clone()));
            stage.told(owner).await;
            assert!(stage.hook.more().is_none(), "before its time");
            stage.app.clock.advance_seconds(60);
        }
        assert!(ids.iter().all(|one| *one == ids[0]), "the same to the byte: {ids:?}");
        assert_eq!(stage.count("settled IS NOT NULL AND why IS NULL").await, 1);

        stage.hook.answers([With(410)]);
        stage.accepts(stage.world.other).await;
        stage.told(owner).await;
        stage.notices_are_right("a no for good").await;
        assert_eq!(stage.untold(owner).await, ["Something could not be sent to you by webhook"]);
        assert_eq!(stage.hook.received().await.header("webhook-id").len(), 32);

        // It fails three times, and that is given up as well.
        let person = stage.app.person("Tomas").await;
        stage.hook.answers([With(503), With(503), With(503)]);
        stage.accepts(person).await;
        for _ in 0..3 {
            stage.told(owner).await;
            stage.app.clock.advance_seconds(3600);
        }
        assert_eq!(stage.untold(owner).await, ["2 things could not be sent to you by webhook"]);
        stage.notices_are_right("three tries").await;
        stage.sets_up(owner).await;
        assert!(stage.untold(owner).await.is_empty(), "another address is another try");
        stage.notices_are_right("another address").await;
    }
}

#[tokio::test]
async fn an_end_that_is_moved_is_told_at_its_new_time_and_one_that_is_gone_is_not() {
    for stage in Stage::each().await {
        stage.verified(stage.world.owner, "ana@example.com").await;
        let db = &stage.app.state.db;
        let due = "SELECT due FROM deliveries WHERE kind = 'credential' AND settled IS NULL ORDER BY due";
        let now = stage.app.state.now();
        let put = async |days: i64| {
            let expires = now.plus_seconds(days * 86_400);
            let sql =
                "INSERT INTO credentials (tailnet_id, kind, secret_sealed, hint, facts, checked, expires)
                 VALUES ($1, 'user_token', 'x', '', '{}', $2, $3)
                 ON CONFLICT (tailnet_id, kind) DO UPDATE SET expires = excluded.expires";
            db.query(sql, (stage.world.tailnet, now, expires)).execute().await.unwrap();
            // What changes a credential works out anew what waits of it.
            let lea = stage.world.listed;
            let ana = stage.app.ask(stage.world.owner);
            ana.stewards.add(stage.world.tailnet, lea.to_string(), TailnetRole::Steward).await.unwrap();
            ana.stewards.remove(stage.world.tailnet, lea, Vec::new()).await.unwrap();
            let times: Vec<model::Timestamp> = db.query(due, ()).fetch_column().await.unwrap();
            times.into_iter().map(|at| (at.seconds() - now.seconds()) / 86_400).collect::<Vec<i64>>()
        };
        assert_eq!(put(30).await, [16, 23, 29], "14, 7 and 1 days before its end");
        assert_eq!(put(60).await, [46, 53, 59]);
    }
}
