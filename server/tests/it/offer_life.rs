//! What becomes of an offer: it is listed until it is answered and after, sent again, extended, closed by a no, and waits in
//! the inbox of whoever has its address.

use app::fault::Fault;
use app::ports::gate::GateState;
use app::ports::offers::{Answer, OfferForm};
use model::{OfferId, ServiceId};

use crate::harness::Who::{self, Ana, Ben, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

struct Stage {
    all: Neighbours,
    service: ServiceId,
}

impl Stage {
    async fn on(database: TestDatabase) -> Self {
        let all = Neighbours::on(database, |_| {}).await;
        let node = all.node(all.connect(Ana).await, "maple").await;
        let service = all.listed(Ana, node, "tcp:25565").await;
        Self { all, service }
    }

    async fn offered(&self, to: &str, until: &str) -> (OfferId, String) {
        let form = OfferForm {
            service: self.service.to_string(),
            to: if to.is_empty() { "link".into() } else { "email".into() },
            email: to.into(),
            until: until.into(),
            ..OfferForm::default()
        };
        let made = self.all.ask(Ana).offers.create(form).await.unwrap();
        self.all.check_notices().await;
        made
    }

    /// Names and states, as the list of somebody has them.
    async fn listed(&self, who: Who, over: bool) -> Vec<(String, GateState)> {
        let view = self.all.ask(who).offers.list(over, None).await.unwrap();
        view.gates.into_iter().map(|gate| (gate.who, gate.state)).collect()
    }

    /// Offers that wait in somebody's inbox.
    async fn waiting(&self, who: Who) -> Vec<String> {
        let items = self.all.ask(who).inbox.home().await.unwrap().items;
        items.into_iter().filter(|item| item.title.contains("offers you")).map(|item| item.href).collect()
    }
}

#[tokio::test]
async fn an_offer_to_an_address_waits_in_the_inbox_of_whoever_has_it_and_a_no_closes_it() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let all = &stage.all;
        let (offer, token) = stage.offered(&Dario.login().to_uppercase(), "month").await;
        assert_eq!(stage.waiting(Dario).await, [app::paths::invitation(&offer.to_string())]);
        assert!(stage.waiting(Ben).await.is_empty());
        assert_eq!(stage.listed(Ana, false).await.len(), 1);
        // Its id is the link of whoever has the address, and of nobody else.
        let opened = all.ask(Dario).offers.open(offer.to_string()).await.unwrap();
        assert!(matches!(opened.answer, Answer::Possible { .. }), "{:?}", opened.answer);
        assert_eq!(all.ask(Ben).offers.open(offer.to_string()).await.unwrap_err(), Fault::NotFound);

        all.ask(Dario).offers.decline(offer.to_string()).await.unwrap();
        all.check_notices().await;
        assert!(stage.waiting(Dario).await.is_empty());
        assert_eq!(stage.listed(Ana, false).await, []);
        assert_eq!(stage.listed(Ana, true).await, [(Dario.login().to_uppercase(), GateState::Declined)]);
        assert_eq!(stage.listed(Ben, true).await, [], "of others nothing is listed");
        for refused in [
            all.ask(Ana).offers.withdraw(offer).await.map(drop),
            all.ask(Ana).offers.new_link(offer).await.map(drop),
            all.ask(Dario).offers.accept(token, "dario@nopal.example".into()).await.map(drop),
        ] {
            assert!(matches!(refused, Err(Fault::Conflict(_))), "{refused:?}");
        }
        // Whoever changed their mind gets another one.
        let (again, _) = stage.offered(Dario.login(), "month").await;
        assert_ne!(again, offer);
    }
}

#[tokio::test]
async fn an_address_that_somebody_gives_up_is_nobodys_inbox() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        stage.offered(Dario.login(), "month").await;
        let app = stage.all.app_state();
        let known = app.db.list_identities(stage.all.people[Dario].id).await.unwrap().remove(0);
        app.db.refresh_identity(&known, &known.label, Some("other@example.com"), app.now()).await.unwrap();
        stage.all.check_notices().await;
        assert!(stage.waiting(Dario).await.is_empty());
        let known = app.db.list_identities(stage.all.people[Dario].id).await.unwrap().remove(0);
        app.db.refresh_identity(&known, &known.label, Some(Dario.login()), app.now()).await.unwrap();
        stage.all.check_notices().await;
        assert_eq!(stage.waiting(Dario).await.len(), 1);
    }
}

#[tokio::test]
async fn a_second_offer_to_the_same_one_takes_the_place_of_the_first() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let all = &stage.all;
        let (first, before) = stage.offered(Dario.login(), "evening").await;
        let ends = |view: app::ports::offers::InvitationView| view.until;
        let evening = ends(all.ask(Dario).offers.open(before.clone()).await.unwrap());
        let (second, token) = stage.offered(Dario.login(), "month").await;
        assert_eq!(first, second);
        assert_eq!(stage.listed(Ana, false).await.len(), 1);
        assert!(ends(all.ask(Dario).offers.open(token.clone()).await.unwrap()) > evening);
        let old = all.ask(Ben).offers.open(before).await;
        assert_eq!(old.unwrap_err(), Fault::NotFound, "the link before leads nowhere");
        // Whoever has a link may be anybody: those are several.
        let (one, _) = stage.offered("", "month").await;
        let (other, _) = stage.offered("", "month").await;
        assert_ne!(one, other);
        assert_eq!(stage.listed(Ana, false).await.len(), 3);
        // What was accepted is not extended.
        all.ask(Dario).offers.accept(token, Dario.login().into()).await.unwrap();
        let (third, _) = stage.offered(Dario.login(), "month").await;
        assert_ne!(third, first);
        all.check_notices().await;
        let over = stage.listed(Ana, true).await;
        assert_eq!(over, [(Dario.login().to_owned(), GateState::Accepted)]);
    }
}

#[tokio::test]
async fn a_new_link_of_an_offer_to_an_address_is_sent_there() {
    for database in TestDatabase::each().await {
        let stage = Stage::on(database).await;
        let db = &stage.all.app_state().db;
        db.put_mail_on(true).await.unwrap();
        let waiting = async || {
            let sql = "SELECT id FROM deliveries WHERE to_address IS NOT NULL AND settled IS NULL";
            server::on!(db, pool => sqlx::query_scalar::<_, uuid::Uuid>(sql).fetch_all(pool).await).unwrap()
        };
        let (offer, _) = stage.offered("nora@example.com", "month").await;
        let first = waiting().await;
        assert_eq!(first.len(), 1);
        stage.all.ask(Ana).offers.new_link(offer).await.unwrap();
        let second = waiting().await;
        assert_eq!(second.len(), 1, "the link before leads nowhere, so nobody is sent it");
        assert_ne!(first, second);
        stage.offered("nora@example.com", "evening").await;
        let third = waiting().await;
        assert!(third.len() == 1 && third != second, "the same where it is extended");
        let (link, _) = stage.offered("", "month").await;
        stage.all.ask(Ana).offers.new_link(link).await.unwrap();
        assert_eq!(waiting().await, third, "one for whoever has it is passed on by hand");
        // Whoever is here and has the address gets the link, and no second mail that says so.
        stage.offered(Dario.login(), "month").await;
        let sql = "SELECT COUNT(*) FROM deliveries WHERE channel = 'mail' AND notice = 'offer' AND to_address IS NULL";
        let twice = server::on!(db, pool => sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await).unwrap();
        assert_eq!((waiting().await.len(), twice), (2, 0));
    }
}
