//! Mails: over TLS, refused, unanswered; and the ones that bring an offer to its address.

use app::ports::offers::OfferForm;
use app::ports::shares::EndForm;
use model::{PersonId, ShareId};
use server::config::{Mail, MailSecurity};
use server::post::Failure;
use server::store::Db;
use server::words::telling::YOUR_NOTIFICATIONS;

use super::{Stage, mail_at};
use crate::harness::TestApp;
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::mailbox::{Mailbox, certificate};

impl Stage {
    /// An offer to an address: its id, and the secret of its link.
    async fn offer_to(&self, address: &str) -> (model::OfferId, String) {
        let form = OfferForm {
            service: self.world.service.to_string(),
            to: "email".into(),
            email: address.into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        self.app.ask(self.world.owner).offers.create(form).await.unwrap()
    }
}

impl Stage {
    /// The mail to the owner that says what a friend asks for, after their browser told that it is there.
    async fn wished_for(&mut self, friend: PersonId, share: ShareId, zone: Option<&str>) -> String {
        let owner = self.world.owner;
        if let Some(zone) = zone {
            let mut browser = self.app.signed_in(owner).await;
            browser.set_cookie("acequia-zone", zone);
            browser.get("/").await;
        }
        let wish = EndForm { until: "date".into(), date: "2027-03-14T20:00".into(), ..EndForm::default() };
        self.app.ask(friend).shares.ask_longer(share, wish).await.unwrap();
        self.told(owner).await;
        self.app.ask(owner).shares.refuse_longer(share).await.unwrap();
        self.app.clock.advance_seconds(60);
        self.mail.mail().await.body()
    }
}

async fn sealed(db: &Db) -> Vec<Option<String>> {
    let sql = "SELECT secret_sealed FROM deliveries WHERE to_address IS NOT NULL ORDER BY due, id";
    db.query(sql, ()).fetch_column().await.unwrap()
}

#[tokio::test]
async fn an_offer_goes_to_its_address_with_its_link_and_the_link_is_forgotten() {
    for mut stage in Stage::each().await {
        let owner = stage.world.owner;
        let (_, token) = stage.offer_to("new@example.net").await;
        let kept = sealed(&stage.app.state.db).await;
        assert!(kept[0].as_deref().is_some_and(|sealed| !sealed.contains(&token)), "sealed: {kept:?}");
        stage.told(owner).await;
        let mail = stage.mail.mail().await;
        assert_eq!(mail.to, ["new@example.net"]);
        let link = format!("https://gate.example.org/o/{token}");
        assert!(mail.body().contains(&link), "{}", mail.text);
        assert!(mail.header("Content-Type").unwrap().contains("multipart/alternative"), "{}", mail.text);
        assert!(mail.text.contains("text/plain") && mail.text.contains("text/html"), "{}", mail.text);
        assert_eq!(sealed(&stage.app.state.db).await, [None], "erased when sent");

        // Taken back before it was sent: nobody is told.
        let (id, _) = stage.offer_to("new@example.net").await;
        stage.app.ask(owner).offers.withdraw(id).await.unwrap();
        stage.told(owner).await;
        assert_eq!(stage.count("to_address IS NOT NULL").await, 1);
    }
}

#[tokio::test]
async fn an_offer_that_does_not_arrive_is_a_notice_and_its_link_is_forgotten() {
    for stage in Stage::each().await {
        let owner = stage.world.owner;
        let (offer, _) = stage.offer_to("refused@example.net").await;
        stage.told(owner).await;
        assert_eq!(sealed(&stage.app.state.db).await, [None], "erased when given up");
        stage.notices_are_right("an offer that did not arrive").await;
        let home = stage.app.ask(owner).inbox.home().await.unwrap();
        let told: Vec<_> = home.items.iter().filter(|item| item.title.contains("did not arrive")).collect();
        let [item] = told.as_slice() else { panic!("{told:?}") };
        assert!(
            item.title.contains("refused@example.net") && item.href.ends_with(&offer.to_string()),
            "{item:?}"
        );
        assert!(item.detail.as_deref().unwrap().contains("550"), "{item:?}");
    }
}

#[tokio::test]
async fn whoever_does_not_want_offers_at_an_address_says_so_without_signing_in() {
    for mut stage in Stage::each().await {
        stage.offer_to("new@example.net").await;
        stage.told(stage.world.owner).await;
        let mail = stage.mail.mail().await;
        assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        let link = mail.header("List-Unsubscribe").unwrap();
        let path = link.trim_matches(['<', '>']).strip_prefix("https://gate.example.org").unwrap().to_owned();
        let mut program = stage.app.browser();
        program.headers.remove("sec-fetch-site");
        // Looked at by a scanner, and posted to by something else: nothing changes.
        assert_eq!(program.get(&path).await.status, 200);
        assert_eq!(program.post(&path, &[("x", "y")]).await.status, 400);
        let none = program.post(&format!("{path}x"), &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(none.status, 404);
        stage.offer_to("new@example.net").await;
        assert_eq!(stage.count("to_address IS NOT NULL").await, 2);
        let done = program.post(&path, &[("List-Unsubscribe", "One-Click")]).await;
        assert_eq!(done.status, 200, "{done:?}");
        // The link that waited is replaced by this one, and that is sent to nobody.
        stage.offer_to("NEW@example.net").await;
        assert_eq!(
            stage.count("to_address IS NOT NULL AND settled IS NULL").await,
            0,
            "however it is written"
        );
        assert_eq!(stage.count("to_address IS NOT NULL").await, 1, "what was sent was sent");
        stage.offer_to("other@example.net").await;
        assert_eq!(stage.count("to_address IS NOT NULL").await, 2, "of this address alone");
    }
}

#[tokio::test]
async fn one_click_ends_mails_of_one_kind_and_nothing_else() {
    for mut stage in Stage::each().await {
        let lea = stage.world.listed;
        stage.verified(lea, "lea@example.com").await;
        stage.sets_up(lea).await;
        let first = stage.offer(lea).await;
        stage.told(lea).await;
        let mail = stage.mail.mail().await;
        let link = mail.header("List-Unsubscribe").unwrap();
        let path = link.trim_matches(['<', '>']).strip_prefix("https://gate.example.org").unwrap().to_owned();
        let mut program = stage.app.browser();
        program.headers.remove("sec-fetch-site");
        assert_eq!(program.post(&path, &[("List-Unsubscribe", "One-Click")]).await.status, 200);
        let view = stage.app.ask(lea).notifications.get().await.unwrap();
        let off: Vec<String> = view
            .rows
            .iter()
            .flat_map(|row| row.by.iter().filter(|(_, wanted)| !wanted).map(|(way, _)| row.value(*way)))
            .filter(|value| value.starts_with("friend.") && !value.contains("attention"))
            .collect();
        assert_eq!(off, ["friend.offered.mail"]);
        // One that is there already is extended, which is told to nobody.
        stage.app.ask(lea).offers.decline(first.to_string()).await.unwrap();
        stage.offer(lea).await;
        assert_eq!(stage.count("channel = 'mail' AND settled IS NULL").await, 0);
        assert_eq!(stage.count("channel = 'ntfy' AND settled IS NULL").await, 1);
    }
}

#[tokio::test]
async fn a_mail_server_that_says_later_or_nothing_is_asked_again() {
    for database in TestDatabase::each().await {
        let Some(mut stage) = Stage::on(database, Some("data")).await else { return };
        let owner = stage.world.owner;
        stage.verified(owner, "later@example.com").await;
        stage.verified(stage.world.listed, "lea@example.com").await;
        stage.accepts(stage.world.listed).await;
        stage.told(owner).await;
        assert_eq!(stage.count("again IS NOT NULL AND tries = 1").await, 1, "451");
        // After the last byte it says nothing: perhaps it has it, so it gets the same once more.
        stage.offer(stage.world.listed).await;
        stage.told(stage.world.listed).await;
        let first = stage.mail.mail().await;
        assert_eq!(stage.count("again IS NOT NULL AND tries = 1").await, 2);
        stage.app.clock.advance_seconds(60);
        stage.told(stage.world.listed).await;
        let second = stage.mail.mail().await;
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        assert_eq!(stage.count("settled IS NOT NULL").await, 1);
    }
}

#[tokio::test]
async fn a_mail_goes_over_tls_with_a_password_or_not_at_all() {
    let (key, pem) = (certificate("server.key"), certificate("server.pem"));
    let Some(mut mail) = Mailbox::secure(&key, &pem).await else { return };
    let ca = std::fs::read(certificate("ca.pem")).unwrap();
    let secure = Mail {
        server: "localhost".into(),
        security: MailSecurity::StartTls,
        user: Some(("gate".into(), server::config::Secret::new("hush"))),
        private_ca: Some(ca),
        ..mail_at(mail.port)
    };
    let app = TestApp::with(config()).await;
    let letter = server::jobs::telling::test(&app.state, app.person("Ana").await);
    assert_eq!(letter.links[0].0, YOUR_NOTIFICATIONS);
    server::post::mail::send(&secure, "gate.example.org", "ana@example.com", &letter).await.unwrap();
    let came = mail.mail().await;
    assert!(came.secure, "{came:?}");
    let wrong = Mail { user: Some(("gate".into(), server::config::Secret::new("no"))), ..secure.clone() };
    let strange = Mail { private_ca: None, ..secure.clone() };
    let clear = Mail { security: MailSecurity::None, ..secure };
    for refused in [wrong, strange, clear] {
        let sent = server::post::mail::send(&refused, "gate.example.org", "ana@example.com", &letter).await;
        assert!(matches!(sent, Err(Failure::Later(_) | Failure::ForGood(_))), "{sent:?}");
    }
}

/// In the zone that somebody chose, else in the one that a browser of theirs told; where neither is known, in UTC.
#[tokio::test]
async fn a_time_in_a_mail_is_in_the_zone_of_whoever_gets_it() {
    for mut stage in Stage::each().await {
        let (owner, lea) = (stage.world.owner, stage.world.listed);
        stage.verified(owner, "ana@example.com").await;
        let offer = OfferForm {
            service: stage.world.service.to_string(),
            to: "person".into(),
            person: lea.to_string(),
            until: "month".into(),
            ..OfferForm::default()
        };
        let (offer, _) = stage.app.ask(owner).offers.create(offer).await.unwrap();
        let share =
            stage.app.ask(lea).offers.accept(offer.to_string(), "lea@example.com".into()).await.unwrap();
        stage.told(owner).await;
        stage.mail.mail().await;
        let body = stage.wished_for(lea, share, None).await;
        assert!(body.contains("Until 2027-03-14 20:00 UTC."), "{body}");
        let body = stage.wished_for(lea, share, Some("America/St_Johns")).await;
        assert!(body.contains("Until 2027-03-14 17:30 UTC-2:30."), "{body}");
        stage.app.ask(owner).accounts.set_zone("Asia/Kolkata".into()).await.unwrap();
        let body = stage.wished_for(lea, share, Some("America/St_Johns")).await;
        assert!(body.contains("Until 2027-03-15 01:30 UTC+5:30."), "{body}");
    }
}
