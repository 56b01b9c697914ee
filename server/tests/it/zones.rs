//! Times are read and typed in the zone of whoever sits at the browser.

use app::paths;
use app::ports::shares::EndForm;
use markup::Page;
use model::PersonId;

use crate::harness::app::{START, config};
use crate::harness::database::TestDatabase;
use crate::harness::{Browser, TestApp, World};
use crate::page_costs::scene::{Scene, pages};

const COOKIE: &str = "acequia-zone";
const DAY: i64 = 86_400;

/// A browser whose script told this zone; or none, as one without script.
async fn browser_in(app: &TestApp, person: PersonId, zone: Option<&str>) -> Browser {
    let mut browser = app.signed_in(person).await;
    if let Some(zone) = zone {
        browser.set_cookie(COOKIE, zone);
    }
    browser
}

/// Fills the form of an offer as its page has it, and gives the page that comes.
async fn offers(browser: &mut Browser, world: &World, date: &str) -> String {
    let path = paths::new_offer(Some(world.service));
    let zone = Page::parse(&browser.get(&path).await.body).value("zone").unwrap();
    let service = world.service.to_string();
    let fields = [("service", &*service), ("to", "link"), ("until", "date"), ("date", date), ("zone", &zone)];
    let to = browser.post("/fn/offers/create", &fields).await.location().unwrap().to_owned();
    browser.get(&to).await.body
}

#[tokio::test]
async fn eight_in_the_evening_that_is_typed_is_read_as_eight_in_the_evening_over_a_change_of_clocks() {
    let (india, newfoundland) = (Some("Asia/Kolkata"), Some("America/St_Johns"));
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let world = World::seed(&app).await;
        for (zone, day, utc, offset) in [
            (india, "2027-03-13", "2027-03-13T14:30:00Z", "UTC+5:30"),
            (india, "2027-03-14", "2027-03-14T14:30:00Z", "UTC+5:30"),
            (newfoundland, "2027-03-13", "2027-03-13T23:30:00Z", "UTC-3:30"),
            (newfoundland, "2027-03-14", "2027-03-14T22:30:00Z", "UTC-2:30"),
            (newfoundland, "2027-11-06", "2027-11-06T22:30:00Z", "UTC-2:30"),
            (newfoundland, "2027-11-07", "2027-11-07T23:30:00Z", "UTC-3:30"),
            (None, "2027-03-14", "2027-03-14T20:00:00Z", "UTC"),
        ] {
            let mut ana = browser_in(&app, world.owner, zone).await;
            let page = offers(&mut ana, &world, &format!("{day}T20:00")).await;
            let time = format!("<time datetime=\"{utc}\" title=\"{day} 20:00 {offset}\">");
            assert!(page.contains(&time), "{zone:?} {day}: {page}");
            // The same end, as the form of the next offer has it.
            let form = Page::parse(&ana.get(&paths::new_offer(Some(world.service))).await.body);
            assert_eq!(form.value("date").as_deref(), Some(&*format!("{day}T20:00")), "{zone:?}");
        }
        let mut ana = browser_in(&app, world.owner, newfoundland).await;
        let never = offers(&mut ana, &world, "2027-03-14T02:30").await;
        assert!(never.contains("there is no such hour: 2027-03-14 03:30 UTC-2:30 is meant"), "{never}");
        let twice = offers(&mut ana, &world, "2027-11-07T01:30").await;
        assert!(twice.contains("the first of them is meant, 2027-11-07 01:30 UTC-2:30"), "{twice}");
    }
}

#[tokio::test]
async fn what_was_refused_comes_back_as_it_was_typed_in_the_zone_in_which_it_was() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut ana = browser_in(&app, world.owner, Some("America/St_Johns")).await;
    let service = world.service.to_string();
    let fields = [
        ("service", &*service),
        ("to", "link"),
        ("until", "date"),
        ("date", "2020-01-01T20:00"),
        ("zone", "America/St_Johns"),
    ];
    let to = ana.post("/fn/offers/create", &fields).await.location().unwrap().to_owned();
    ana.set_cookie(COOKIE, "Asia/Kolkata");
    let answer = ana.get(&to).await;
    let page = Page::parse(&answer.body);
    assert_eq!(page.value("date").as_deref(), Some("2020-01-01T20:00"));
    assert_eq!(page.value("zone").as_deref(), Some("America/St_Johns"));
    assert!(answer.text().contains("Day and hour, in America/St_Johns"), "{answer:?}");
    assert!(answer.text().contains("This has passed already"), "{answer:?}");
}

#[tokio::test]
async fn what_somebody_chose_goes_before_what_their_browser_tells() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let ana = app.person("Ana").await;
        let (mut india, mut silent) =
            (browser_in(&app, ana, Some("Asia/Kolkata")).await, browser_in(&app, ana, None).await);
        let account = paths::account();
        let reads = async |browser: &mut Browser| {
            let text = browser.get(&account).await.text();
            text.split("Times are in ").last().unwrap().split(')').next().unwrap().to_owned()
        };
        assert_eq!(reads(&mut india).await, "Asia/Kolkata (UTC+5:30");
        assert!(reads(&mut silent).await.starts_with("UTC."));
        assert!(india.get(&account).await.text().contains("as your browser says: Asia/Kolkata."));
        assert!(silent.get(&account).await.text().contains("This one has not said it"));

        let choose = async |browser: &mut Browser, zone: &str| {
            let to = browser.post("/fn/account/zone", &[("zone", zone)]).await.location().unwrap().to_owned();
            browser.get(&to).await
        };
        choose(&mut india, "america/st_johns").await;
        for browser in [&mut india, &mut silent] {
            assert_eq!(reads(browser).await, "America/St_Johns (UTC-3:30");
            let page = Page::parse(&browser.get(&account).await.body);
            assert_eq!(page.value("zone").as_deref(), Some("America/St_Johns"), "as the database calls it");
        }
        let trail = app.ask(ana).audit.list(app::ports::audit::Query::default()).await.unwrap();
        assert!(
            trail.entries.iter().any(|entry| entry.after.as_deref() == Some("America/St_Johns")),
            "{trail:?}"
        );

        // A city is found, and nothing is changed before it is chosen.
        let asked = choose(&mut india, "kolkata").await;
        assert!(asked.text().contains("did you mean Asia/Kolkata?"), "{asked:?}");
        assert_eq!(Page::parse(&asked.body).value("zone").as_deref(), Some("kolkata"));
        let refused = choose(&mut india, "Mars/Olympus").await;
        assert!(refused.text().contains("This time zone is not known here"), "{refused:?}");
        assert_eq!(reads(&mut india).await, "America/St_Johns (UTC-3:30");

        choose(&mut india, "UTC").await;
        assert!(reads(&mut india).await.starts_with("UTC."), "a choice as any other");
        choose(&mut india, " ").await;
        assert_eq!(reads(&mut india).await, "Asia/Kolkata (UTC+5:30");

        // A zone that a later database does not have keeps nobody out.
        let sql = "UPDATE people SET zone = 'Mars/Olympus', zone_told = 'Mars/Olympus'";
        app.state.db.query(sql, ()).execute().await.unwrap();
        assert_eq!(reads(&mut india).await, "Asia/Kolkata (UTC+5:30");
        assert!(reads(&mut silent).await.starts_with("UTC."));
    }
}

#[tokio::test]
async fn what_a_browser_tells_is_a_zone_or_nothing_and_its_text_is_on_no_page() {
    let app = TestApp::start().await;
    let ana = app.person("Ana").await;
    let long = "A".repeat(5_000);
    for told in
        ["Mars/Olympus", "<b>Mars</b>", "../../etc/passwd", "Asia/Kolkata%0A", "Etc/Unknown", "", &long]
    {
        let mut browser = browser_in(&app, ana, Some(told)).await;
        let answer = browser.get(&paths::account()).await;
        assert!(answer.status.is_success(), "{told}: {answer:?}");
        assert!(answer.text().contains("Times are in UTC."), "{told}: {answer:?}");
        assert!(told.is_empty() || !answer.body.contains(told), "{told}");
    }
    assert_eq!(app.state.db.zones_of(ana).await.unwrap().told, None, "and none of it is kept");
}

/// Kept for mails, at once the first time and then once a day: somebody with browsers in two zones writes no row with each page.
#[tokio::test]
async fn the_zone_that_a_browser_tells_is_kept_once_a_day() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(config(), database);
        let ana = app.person("Ana").await;
        let told = async || app.state.db.zones_of(ana).await.unwrap().told;
        let mut home = browser_in(&app, ana, None).await;
        home.get("/").await;
        assert_eq!(told().await, None);
        home.set_cookie(COOKIE, "Asia/Kolkata");
        home.get("/").await;
        assert_eq!(told().await.as_deref(), Some("Asia/Kolkata"));
        home.set_cookie(COOKIE, "America/St_Johns");
        home.get("/").await;
        assert_eq!(told().await.as_deref(), Some("Asia/Kolkata"));
        app.clock.advance_seconds(DAY + 1);
        home.get("/").await;
        assert_eq!(told().await.as_deref(), Some("America/St_Johns"));
    }
}

/// Sentences of the server as well as those of the pages.
#[tokio::test]
async fn every_time_on_every_page_is_in_the_zone_of_who_reads_and_none_is_left_in_another() {
    let scene = Scene::of(50).await;
    let app = &scene.all.app;
    // Something with an end in a sentence: what a friend asks for, on the inbox of who gives it.
    let (ana, friend, share) = (scene.ana.id, scene.share.friend, scene.share.id);
    let month = EndForm { until: "month".into(), ..EndForm::default() };
    app.ask(ana).shares.set_end(share, month).await.unwrap();
    let wish = EndForm { until: "date".into(), date: "2027-03-14T20:00".into(), ..EndForm::default() };
    app.ask(friend).shares.ask_longer(share, wish).await.unwrap();
    let mut wrong = Vec::new();
    for who in [ana, friend] {
        let mut browser = browser_in(app, who, Some("Asia/Kolkata")).await;
        // What somebody asks for comes back as they wrote it.
        for page in pages().filter(|page| !page.contains("{day}")) {
            let answer = browser.get(&scene.path(page)).await;
            assert!(who != ana || answer.status.is_success(), "{page}: {answer:?}");
            let found = Page::parse(&answer.body).foreign_times("UTC+5:30");
            wrong.extend(found.into_iter().map(|text| format!("{page}: {text}")));
        }
        let own = browser.get(&paths::share_time(share)).await;
        assert_eq!(own.body.contains("2027-03-15 01:30 UTC+5:30"), who == ana, "{own:?}");
        wrong.extend(Page::parse(&own.body).foreign_times("UTC+5:30"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let home = browser_in(app, ana, Some("Asia/Kolkata")).await.get("/").await;
    assert!(home.text().contains("Until 2027-03-15 01:30 UTC+5:30."), "{home:?}");
    let home = browser_in(app, ana, None).await.get("/").await;
    assert!(home.text().contains("Until 2027-03-14 20:00 UTC."), "{home:?}");
}

#[tokio::test]
async fn a_day_that_is_asked_for_is_one_of_who_asks() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    // Half past one of the next day in India.
    app.clock.set(START.plus_seconds(8 * 3600));
    app.ask(world.owner).accounts.rename("Ana of the mill".into()).await.unwrap();
    let found = async |zone, day: &str| {
        let mut ana = browser_in(&app, world.owner, zone).await;
        let page = ana.get(&format!("/audit?q=changed&from={day}&until={day}")).await;
        page.text().contains("changed their name")
    };
    let india = Some("Asia/Kolkata");
    assert!(found(None, "2026-12-01").await && !found(None, "2026-12-02").await);
    assert!(found(india, "2026-12-02").await && !found(india, "2026-12-01").await);
    let mut ana = browser_in(&app, world.owner, india).await;
    let day = async |browser: &mut Browser, day| {
        let path = paths::reach_on_day(world.tailnet, "maple", day);
        browser.get(&path).await.text()
    };
    assert!(!day(&mut ana, "2026-12-02").await.contains("has not begun yet"), "it has there");
    let mut utc = browser_in(&app, world.owner, None).await;
    assert!(day(&mut utc, "2026-12-02").await.contains("has not begun yet"));
}
