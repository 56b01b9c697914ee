//! Nobody learns by asking whether there is something outside of their audience, and nobody answers for somebody else.

use app::fault::Fault;
use app::ports::offers::OfferForm;
use model::PersonId;

use super::{DAY, Stage};
use crate::harness::{Answer, Browser};

const UNKNOWN: &str = "01900000000070008000000000000000";

/// An answer to the byte, but for what is made anew with each: the id that was asked about, and nonces.
fn exactly(answer: &Answer, id: &str) -> (String, Vec<String>, String) {
    let mut body = String::new();
    for (at, part) in answer.body.split("nonce=\"").enumerate() {
        body.push_str(if at == 0 { part } else { part.split_once('"').unwrap().1 });
    }
    let headers = answer.headers.iter().filter(|(name, _)| {
        !["x-request-id", "content-security-policy", "date", "set-cookie"].contains(&name.as_str())
    });
    let mut headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap().replace(id, "ID")))
        .collect();
    headers.sort();
    (answer.outcome().replace(id, "ID"), headers, body.replace(id, "ID"))
}

/// Everything that one can say about a service and an ask, with the page that each leads to.
async fn said(browser: &mut Browser, id: &str) -> Vec<(String, Vec<String>, String)> {
    let wish = [("service", id), ("until", "evening"), ("note", "Please")];
    let wrong = [("service", id), ("until", "date"), ("date", "yesterday")];
    let ask = [("ask", id)];
    let posts: [(&str, &[(&str, &str)]); 5] = [
        ("/fn/asks/create", &wish),
        ("/fn/asks/create", &wrong),
        ("/fn/asks/withdraw", &ask),
        ("/fn/asks/decline", &ask),
        ("/fn/asks/later", &ask),
    ];
    let mut all = Vec::new();
    for page in ["/services/", "/asks/", "/offers/new?ask="] {
        let answer = browser.get(&format!("{page}{id}")).await;
        assert_eq!(answer.status, 404, "{page}: {}", answer.text());
        all.push(exactly(&answer, id));
    }
    for (path, fields) in posts {
        let answer = browser.post(path, fields).await;
        let next = browser.get(answer.location().unwrap()).await;
        all.extend([exactly(&answer, id), exactly(&next, id)]);
    }
    all
}

#[tokio::test]
async fn what_is_outside_of_ones_audience_is_answered_as_what_does_not_exist_to_the_byte() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let ask = stage.asks(world.listed).await.unwrap();
        let mut olaf = app.signed_in(world.other).await;
        let nothing = said(&mut olaf, UNKNOWN).await;
        assert_eq!(nothing.len(), 13);
        for id in [world.service.to_string(), ask.to_string()] {
            for (there, nowhere) in said(&mut olaf, &id).await.into_iter().zip(&nothing) {
                assert!(there == *nowhere, "{there:?}\nis not\n{nowhere:?}");
            }
        }
        assert_eq!(app.state.db.find_ask_of(world.service, world.other).await.unwrap(), None);
        assert_eq!(stage.told(world.owner).await.len(), 1, "Lea's");
    }
}

#[tokio::test]
async fn nobody_answers_or_takes_back_what_somebody_else_asked_for() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let id = stage.asks(world.listed).await.unwrap();
        let refused = async |who: PersonId| {
            let asked = app.ask(who);
            [
                asked.asks.get(id).await.map(drop),
                asked.asks.withdraw(id).await.map(drop),
                asked.asks.decline(id, "No.".into()).await,
                asked.asks.later(id).await,
                asked.offers.form_for(id).await.map(drop),
            ]
        };
        // Dario has a share of the same service: he may know of that, and not of who asks for it.
        for stranger in [world.friend, world.other, world.instance_owner] {
            assert_eq!(refused(stranger).await, [(); 5].map(|()| Err(Fault::NotFound)));
        }
        let [get, _, decline, later, form] = refused(world.friend).await;
        assert!([get, decline, later, form].iter().all(Result::is_err));
        // Who asked does not answer it, and those who give it do not take it back.
        let lea = app.ask(world.listed);
        assert_eq!(lea.asks.decline(id, String::new()).await, Err(Fault::Forbidden));
        assert_eq!(lea.asks.later(id).await, Err(Fault::Forbidden));
        assert_eq!(app.ask(world.owner).asks.withdraw(id).await, Err(Fault::Forbidden));
        let ask = app.state.db.find_ask(id).await.unwrap().unwrap();
        assert!(ask.waits(app.state.now()) && ask.later.is_none(), "{ask:?}");
    }
}

#[tokio::test]
async fn an_offer_that_is_over_says_so_first_and_who_may_see_the_service_asks_again() {
    for stage in Stage::each().await {
        let (app, world) = (&stage.app, &stage.world);
        let offered = async || {
            let form = OfferForm {
                service: world.service.to_string(),
                to: "link".into(),
                until: "ended".into(),
                ..OfferForm::default()
            };
            app.ask(world.owner).offers.create(form).await.unwrap()
        };
        let (id, withdrawn) = offered().await;
        app.ask(world.owner).offers.withdraw(id).await.unwrap();
        let (_, lapsed) = offered().await;
        let again = format!("/services/{}#ask", world.service);
        let mut browsers = Vec::new();
        app.clock.advance_seconds(15 * DAY);
        for who in [world.other, world.instance_owner, world.friend, world.steward, world.listed] {
            browsers.push((app.signed_in(who).await, who == world.listed));
        }
        browsers.push((app.browser(), false));
        for (token, why) in [(withdrawn, "withdrawn this offer"), (lapsed, "has lapsed")] {
            for (browser, may) in &mut browsers {
                let page = browser.get(&format!("/o/{token}")).await;
                let main = page.body.split_once("<main").unwrap().1;
                let (first, rest) = main.split_once("<h1").unwrap();
                assert!(first.contains(why), "{why}: {main}");
                assert!(!rest.contains("What it means"), "{rest}");
                assert_eq!(main.contains(&again), *may, "{main}");
                assert_eq!(main.contains(&world.service.to_string()), *may, "{main}");
            }
        }
        stage.asks(world.listed).await.unwrap();
    }
}
