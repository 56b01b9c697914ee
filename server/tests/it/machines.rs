//! The lists of a tailnet's page: everything is seen once, what is looked for is found, and what is not there is said.

use control_plane::{Device, DeviceId, User, UserId, UserKind};
use model::TailnetId;

use crate::harness::database::TestDatabase;
use crate::harness::statements::statements;
use crate::harness::{Browser, TestApp, World, app};

fn device(app: &TestApp, number: u8) -> Device {
    let id = format!("n{number:03}CNTRL");
    let routes = match number {
        7 => vec!["10.7.0.0/24".to_owned()],
        8 => vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()],
        _ => Vec::new(),
    };
    Device {
        id: DeviceId::new(&id),
        legacy_id: DeviceId::new(&id),
        name: format!("box-{number:03}.olmo.ts.net"),
        hostname: format!("box-{number:03}"),
        addresses: vec![format!("100.64.7.{number}").parse().unwrap()],
        os: "linux".into(),
        client_version: "1.90.0".into(),
        user_login: format!("user-{}@example.com", number % 70),
        user_id: None,
        node_key: None,
        tags: if number.is_multiple_of(2) { vec!["tag:even".into()] } else { Vec::new() },
        created: None,
        last_seen: Some(app.state.now().plus_seconds(-3600)),
        connected: !number.is_multiple_of(3),
        external: false,
        authorized: true,
        ephemeral: false,
        key_expires: None,
        blocks_incoming: false,
        advertised_routes: routes.clone(),
        enabled_routes: routes,
    }
}

fn user(number: u8, kind: UserKind) -> User {
    User {
        id: UserId::new(format!("u{number}")),
        login: format!("user-{number}@example.com"),
        display_name: format!("Person {number}"),
        name: String::new(),
        email: None,
        provider_id: None,
        kind,
        role: "member".into(),
        status: "active".into(),
        created: None,
        last_seen: None,
    }
}

/// The tailnet of the world's owner with so many machines and seventy accounts.
async fn filled(app: &TestApp, tailnet: TailnetId, machines: u8) {
    let devices: Vec<Device> = (1..=machines).map(|number| device(app, number)).collect();
    let kind = |number| if number < 60 { UserKind::Member } else { UserKind::Shared };
    let users: Vec<User> = (0..70).map(|number| user(number, kind(number))).collect();
    let new_id = || app.state.new_id::<()>().uuid();
    let db = &app.state.db;
    db.put_inventory(tailnet, &devices, true, &users, app.state.now(), new_id).await.unwrap();
}

/// What the rows of a table are called, over all pages, in their order.
async fn rows(browser: &mut Browser, path: &str, at: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut to = Some(path.to_owned());
    while let Some(path) = to {
        let page = browser.get(&path).await;
        assert!(page.status.is_success(), "{path}: {page:?}");
        let (_, section) = page.body.split_once(&format!("id=\"{at}\"")).expect("the section");
        let section = section.split_once("<section").map_or(section, |(section, _)| section);
        let heads = section.split("<th scope=\"row\">").skip(1);
        let found: Vec<String> = heads
            .map(|head| {
                let text = head.split_once("<a href=").filter(|(before, _)| before.is_empty());
                let text = text.map_or(head, |(_, link)| link.split_once('>').expect("a link").1);
                text.split('<').next().unwrap_or_default().to_owned()
            })
            .collect();
        assert!(found.len() <= 50, "{path} has {}", found.len());
        all.extend(found);
        let next = section.split_once("rel=\"next\"").map(|(before, _)| before);
        let href = next.and_then(|before| before.rsplit_once("href=\"")).map(|(_, href)| href);
        let href = href.and_then(|href| href.split('"').next()).map(|href| href.replace("&amp;", "&"));
        to = href.and_then(|href| href.split('#').next().map(str::to_owned));
    }
    all
}

#[tokio::test]
async fn of_many_machines_each_is_seen_once_and_what_is_looked_for_is_found() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        filled(&app, world.tailnet, 130).await;
        let mut owner = app.signed_in(world.owner).await;
        let page = format!("/tailnets/{}", world.tailnet);
        let names = |keep: fn(u8) -> bool| -> Vec<String> {
            (1..=130).filter(|number| keep(*number)).map(|number| format!("box-{number:03}")).collect()
        };

        let all = rows(&mut owner, &page, "machines").await;
        let online = names(|number| number % 3 != 0);
        let away = names(|number| number % 3 == 0);
        // The world's own machine is not in the list that was read: it is gone, and last.
        let (gone, here) = all.split_last().unwrap();
        assert_eq!(here, [online.clone(), away.clone()].concat());

        let find = async |owner: &mut Browser, query: &str| {
            rows(owner, &format!("{page}?{query}"), "machines").await
        };
        assert_eq!(find(&mut owner, "only=online").await, online);
        assert_eq!(find(&mut owner, "only=away").await, [away, vec![gone.clone()]].concat());
        assert_eq!(find(&mut owner, "only=routers").await, ["box-007", "box-008"]);
        assert_eq!(
            find(&mut owner, "only=listed").await,
            std::slice::from_ref(gone),
            "the world lists a service there"
        );
        assert_eq!(find(&mut owner, "q=TAG%3Aeven&only=routers").await, ["box-008"]);
        assert_eq!(find(&mut owner, "q=10.7.0.0").await, ["box-007"]);
        assert_eq!(find(&mut owner, "q=100.64.7.99").await, ["box-099"]);
        assert_eq!(find(&mut owner, "q=user-5%40").await, ["box-005", "box-075"]);
        // Neither is a sign of anything.
        for q in ["q=%25", "q=_ox-001"] {
            let none = owner.get(&format!("{page}?{q}")).await;
            assert!(none.text().contains("No machine fits"), "{q}: {}", none.text());
        }

        let users = rows(&mut owner, &page, "people").await;
        assert_eq!(users.len(), 70);
        assert!(users[..60].iter().is_sorted() && users[60..].iter().is_sorted(), "{users:?}");
        assert!(users[60..].contains(&"user-69@example.com".to_owned()), "share recipients come last");
        let found = rows(&mut owner, &format!("{page}?users_q=person+69"), "people").await;
        assert_eq!(found, ["user-69@example.com"]);
        let none = owner.get(&format!("{page}?users_q=nobody")).await;
        assert!(none.text().contains("No user fits"), "{}", none.text());
    }
}

#[tokio::test]
async fn ten_times_the_machines_ask_for_no_more() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        let mut owner = app.signed_in(world.owner).await;
        let pages = [
            "/tailnets".to_owned(),
            format!("/tailnets/{}", world.tailnet),
            format!("/tailnets/{}/nodes/{}", world.tailnet, world.node),
        ];
        let mut before = Vec::new();
        for machines in [13, 130] {
            filled(&app, world.tailnet, machines).await;
            let mut asked = Vec::new();
            for page in &pages {
                // The first visit of a day writes down that there was one.
                owner.get(page).await;
                let (answer, mut run) = statements(owner.get(page)).await;
                assert!(answer.status.is_success(), "{page}: {answer:?}");
                run.sort_unstable();
                asked.push(run);
            }
            if machines == 13 {
                before = asked;
            } else {
                assert_eq!(asked, before);
            }
        }
    }
}
