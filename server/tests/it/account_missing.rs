//! A friend who has never heard of Tailscale: from the link to an open gate, in a browser of their own.

use app::fault::Fault;
use app::paths;
use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use model::ShareState;

use crate::harness::Who::{Ana, Dario};
use crate::harness::browser::Browser;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

async fn offered(all: &Neighbours) -> String {
    let ana = all.connect(Ana).await;
    let form = ServiceForm {
        name: "Minecraft".into(),
        kind: "minecraft".into(),
        ports: "tcp:25565".into(),
        audience: "nobody".into(),
        ..ServiceForm::default()
    };
    let service = all.ask(Ana).services.create(all.node(ana, "maple").await, form).await.unwrap();
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "ended".into(),
        ..OfferForm::default()
    };
    all.ask(Ana).offers.create(form).await.unwrap().1
}

/// A form as a person sends it: fields that stand in the page already are not typed.
struct Typist {
    browser: Browser,
    addresses_typed: usize,
}

impl Typist {
    async fn sends(&mut self, on: &str, to: &str, fields: &[(&str, &str)]) -> String {
        let page = self.browser.get(on).await.body;
        assert!(page.contains(&format!("action=\"{to}\"")), "{on} has the form {to}");
        let typed = |value: &&str| value.contains('@') && !page.contains(&format!("value=\"{value}\""));
        self.addresses_typed += fields.iter().map(|(_, value)| *value).filter(|value| typed(value)).count();
        let answer = self.browser.post(to, fields).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.location().unwrap().to_owned()
    }
}

#[tokio::test]
async fn somebody_without_an_account_comes_to_an_open_gate_without_typing_an_address_twice() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        let token = offered(&all).await;
        let mut dario = Typist { browser: all.app.signed_in(all.people[Dario].id).await, addresses_typed: 0 };
        let invitation = paths::invitation(&token);
        let page = dario.browser.get(&invitation).await.text();
        assert!(page.contains("Do you use Tailscale already?"), "{page}");
        let fields = [("token", token.as_str()), ("already", "no"), ("login", "")];
        let share_page = dario.sends(&invitation, "/fn/offers/accept", &fields).await;
        let page = dario.browser.get(&share_page).await.text();
        for said in [
            "Six steps to your account",
            "accepted, account missing",
            "you may close this page",
            "costs",
            "Steam Deck",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("account.invalid"), "{page}");

        // Coming back, by the link or by the inbox, leads to the same place.
        assert!(dario.browser.get(&invitation).await.body.contains(&format!("href=\"{share_page}\"")));
        let home = dario.browser.get("/").await;
        assert!(
            home.body.contains(&format!("href=\"{share_page}\"")) && home.text().contains("Make an account"),
            "{home:?}"
        );

        // The owner sees it, and has nothing to review yet.
        let share = share_page.rsplit('/').next().unwrap().parse().unwrap();
        assert!(matches!(all.state(share).await, ShareState::AccountMissing { .. }));
        let giving = all.ask(Ana);
        let page = giving.shares.get(share).await.unwrap();
        assert_eq!((page.gate.state.word(), page.login.as_str()), ("accepted, account missing", ""));
        assert!(!page.can_review && matches!(giving.shares.review(share).await, Err(Fault::Conflict(_))));
        let inbox = giving.inbox.home().await.unwrap().items;
        assert!(
            inbox.iter().any(|item| item.title.contains("has no account yet") && item.dismiss.is_some()),
            "{inbox:?}"
        );
        assert!(giving.shares.list().await.unwrap().waiting.len() == 1);
        all.check_notices().await;

        // Weeks later.
        all.app.clock.advance_seconds(20 * 24 * 60 * 60);
        let id = share.to_string();
        let fields = [("share", id.as_str()), ("login", "dario@nopal.example")];
        let on = dario.sends(&share_page, "/fn/shares/account", &fields).await;
        assert_eq!(on, share_page);
        assert!(dario.addresses_typed <= 1, "{}", dario.addresses_typed);
        all.check_notices().await;
        all.approved(Ana, share).await;
        all.drain().await;
        let link = all.ask(Dario).shares.get(share).await.unwrap().invite_link.expect("the link");
        all.demo.simulator.accept("dario", "dario@nopal.example", &link).unwrap();
        all.app.clock.advance_seconds(60);
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        assert!(all.policy("ana").contains("dario@nopal.example"));
    }
}

#[tokio::test]
async fn nobody_is_let_in_under_the_owners_own_name_and_what_has_no_account_can_be_given_back() {
    let all = Neighbours::demo().await;
    let token = offered(&all).await;
    let asked = all.ask(Dario);
    let own = asked.offers.accept(token.clone(), "Ana@Arroyo.example".into()).await;
    assert!(matches!(&own, Err(Fault::Invalid(errors)) if errors[0].1.contains("owner's own")), "{own:?}");
    let placeholder = asked.offers.accept(token.clone(), "nobody@account.invalid".into()).await;
    assert!(matches!(placeholder, Err(Fault::Invalid(_))), "{placeholder:?}");
    let share = asked.offers.accept_without_account(token.clone()).await.unwrap();
    assert_eq!(asked.offers.accept_without_account(token).await, Ok(share), "one person, one share");
    let own = asked.shares.name_account(share, "ana@arroyo.example".into()).await;
    assert!(matches!(own, Err(Fault::Invalid(_))), "{own:?}");
    assert_eq!(all.ask(Ana).shares.name_account(share, "x@example.com".into()).await, Err(Fault::Forbidden));
    let policy = all.policy("ana");
    asked.shares.end(share).await.unwrap();
    all.drain().await;
    assert!(all.state(share).await.is_over());
    assert_eq!(all.policy("ana"), policy);
    let late = asked.shares.name_account(share, "dario@nopal.example".into()).await;
    assert!(matches!(late, Err(Fault::Conflict(_))), "{late:?}");
}
