//! However much somebody offers, the pages of whom it is offered to are as quick and as short as before.

use ::app::ports::offers::OfferForm;
use model::{OfferId, ServiceId};
use server::config::{Config, Limits};
use server::secrets::hash_token;

use crate::harness::database::TestDatabase;
use crate::harness::statements::statements;
use crate::harness::{Browser, TestApp, World, app};

const MANY: usize = 10_000;
/// In bytes, as it is before it is compressed.
const LARGEST_PAGE: usize = 60 << 10;

fn lifted(database: TestDatabase) -> TestApp {
    let most = 1_000_000;
    let limits = Limits {
        offers_between_two: most,
        tailnets_per_person: most,
        open_waits_per_tailnet: most,
        offers_per_service: most,
        asks_per_person: most,
        circles_per_person: most,
        people_per_circle: most,
        services_per_tailnet: most,
        sessions_per_person: most,
        new_visitors_per_hour: most,
        requests_per_second: most,
    };
    TestApp::on(Config { limits, ..app::config() }, database)
}

/// The owner lists so many services more, for everybody, and offers each to `other`.
async fn crowd(app: &TestApp, world: &World, count: usize) -> sqlx::Result<Vec<OfferId>> {
    let services = &app.state;
    let now = services.now();
    let mut offers = Vec::new();
    let list = "INSERT INTO services (id, node_id, name, kind, ports, about, audience, created)
         VALUES ($1, $2, $3, 'minecraft', 'tcp:25565', 'Survival, no mods, be kind to the llamas.', 'everybody', $4)";
    let invite =
        "INSERT INTO offers (id, service_id, made_by, to_person, token_hash, note, uses_left, created, lapses)
         VALUES ($1, $2, $3, $4, $5, 'Come and play with us, any evening.', 1, $6, $7)";
    let mut tx = services.db.begin().await?;
    for number in 0..count {
        let (service, offer): (ServiceId, OfferId) = (services.new_id(), services.new_id());
        let name = format!("Minecraft of the house number {number}");
        tx.query(list, (service, world.node, name, now)).execute().await?;
        let (hash, lapses) = (hash_token(&offer.to_string()), now.plus_seconds(86_400));
        tx.query(invite, (offer, service, world.owner, world.other, hash, now, lapses)).execute().await?;
        offers.push(offer);
    }
    tx.commit().await?;
    services.db.rebuild_notices(now).await?;
    Ok(offers)
}

#[tokio::test]
async fn ten_thousand_offers_ask_for_no_more_and_make_no_page_long() {
    for database in TestDatabase::each().await {
        let app = lifted(database);
        let world = World::seed(&app).await;
        let mut browser = app.signed_in(world.other).await;
        let pages = ["/", "/account", "/directory", "/shares", "/tailnets", "/audit", "/offers/new"];
        let mut before = Vec::new();
        for page in pages {
            // The first visit of a day writes down that there was one.
            browser.get(page).await;
            let (answer, run) = statements(browser.get(page)).await;
            assert!(answer.status.is_success(), "{page}: {answer:?}");
            assert!(
                run.iter().any(|sql| sql.contains("FROM sessions")),
                "{page}: they were counted: {run:#?}"
            );
            before.push(run);
        }
        crowd(&app, &world, MANY).await.unwrap();
        for (page, mut before) in pages.iter().zip(before) {
            let (answer, mut run) = statements(browser.get(page)).await;
            before.sort_unstable();
            run.sort_unstable();
            assert_eq!(run, before, "{page}");
            if *page == "/directory" {
                assert!(run.len() <= 4, "session, people met, counter and search: {run:#?}");
            }
            assert!(answer.body.len() <= LARGEST_PAGE, "{page} has {} bytes", answer.body.len());
        }
        let home = browser.get("/").await;
        assert!(home.text().contains("More than 99 things wait for you."), "{}", home.text());
        assert_eq!(home.body.matches("href=\"/o/").count(), 50);
        let directory = browser.get("/directory").await;
        assert_eq!(directory.body.matches("class=\"notice\"").count(), 50);
    }
}

/// Where the link to the next page of a list leads, the first on the page if there are several.
fn next(body: &str) -> Option<String> {
    let (before, _) = body.split_once("rel=\"next\"")?;
    let (_, href) = before.rsplit_once("href=\"")?;
    let path = href.split('"').next()?.replace("&amp;", "&");
    Some(path.split('#').next()?.to_owned())
}

/// Goes on from page to page and gives the tags that have this `mark`, in their order.
async fn walk(browser: &mut Browser, path: &str, mark: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut to = Some(path.to_owned());
    while let Some(path) = to {
        let page = browser.get(&path).await;
        assert!(page.status.is_success(), "{path}: {page:?}");
        let tags = page.body.split('<').filter_map(|tag| tag.split('>').next());
        // What leads into the middle of a page is not its name.
        let found = tags.filter(|tag| tag.contains(mark) && !tag.contains("#ask")).map(str::to_owned);
        let found: Vec<String> = found.collect();
        assert!(found.len() <= 50, "{path} has {}", found.len());
        all.extend(found);
        to = next(&page.body);
        assert!(all.len() < 1_000, "{path} goes round");
    }
    all
}

#[tokio::test]
async fn page_by_page_everything_is_seen_once() {
    for database in TestDatabase::each().await {
        let app = lifted(database);
        let world = World::seed(&app).await;
        let offers = crowd(&app, &world, 120).await.unwrap();
        let other = app.signed_in(world.other).await;
        let owner = app.signed_in(world.owner).await;
        for _ in 0..119 {
            app.signed_in(world.other).await;
        }
        let service = format!("/services/{}", world.service);
        for _ in 0..120 {
            let form = OfferForm {
                service: world.service.to_string(),
                to: "link".into(),
                until: "ended".into(),
                ..OfferForm::default()
            };
            app.ask(world.owner).offers.create(form).await.unwrap();
        }
        let node = format!("/tailnets/{}/nodes/{}", world.tailnet, world.node);
        let all_are_seen = async |browser: &Browser, path: &str, mark: &str, count: usize| {
            let mut seen = walk(&mut browser.clone(), path, mark).await;
            assert_eq!(seen.len(), count, "{path}");
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count, "{path}: each once");
        };
        all_are_seen(&other, "/", "href=\"/o/", 120).await;
        all_are_seen(&other, "/directory", "href=\"/services/0", 120).await;
        all_are_seen(&other, "/account", "name=\"handle\"", 119).await;
        // One is in the world besides.
        all_are_seen(&owner, &service, "gate waiting offered", 121).await;
        all_are_seen(&owner, &node, "href=\"/services/0", 121).await;

        for offer in &offers[..60] {
            app.ask(world.other).offers.accept(offer.to_string(), "olaf@example.com".into()).await.unwrap();
        }
        let gate = "gate waiting accepted";
        all_are_seen(&other, "/", "href=\"/o/", 60).await;
        all_are_seen(&other, "/shares", gate, 60).await;
        all_are_seen(&owner, "/shares", gate, 61).await;
        all_are_seen(&owner, &format!("/tailnets/{}", world.tailnet), gate, 61).await;
        all_are_seen(&owner, "/", "/review\"", 61).await;
    }
}
