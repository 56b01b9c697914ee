//! Who reads what there is to read of a tailnet, and changes nothing.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::access::table::{Access, Role, TABLE};
use crate::access::{Scene, is_about_nobody};
use crate::harness::database::TestDatabase;
use crate::harness::{TestApp, World, app};
use server::store::Db;

#[tokio::test]
async fn the_owner_makes_an_auditor_who_then_reads_and_takes_it_back() {
    for database in TestDatabase::each().await {
        let app = TestApp::on(app::config(), database);
        let world = World::seed(&app).await;
        let (mut owner, mut lea) = (app.signed_in(world.owner).await, app.signed_in(world.listed).await);
        let tailnet = world.tailnet.to_string();
        let page = format!("/tailnets/{tailnet}");
        assert_eq!(lea.get(&page).await.status, 404);

        let lea_id = world.listed.to_string();
        let fields = [("tailnet", tailnet.as_str()), ("person", &lea_id), ("role", "auditor")];
        for _ in 0..2 {
            let answer = owner.post("/fn/stewards/add", &fields).await;
            assert_eq!(answer.outcome(), format!("303 to {page}/stewards"));
        }
        let listed = owner.get(&format!("{page}/stewards")).await;
        assert!(listed.text().contains("Auditors") && listed.text().contains("Lea"), "{listed:?}");
        for readable in ["", "/reach", "/reach/graph", "/reach/day"] {
            assert_eq!(lea.get(&format!("{page}{readable}")).await.status, 200, "{readable}");
        }
        let list = lea.get("/tailnets").await;
        assert!(list.text().contains("Tailnets that you audit"), "{list:?}");
        let trail = lea.get(&format!("/audit?tailnet={tailnet}")).await;
        assert!(trail.text().contains("made Lea an auditor"), "{trail:?}");
        let nobody = app.state.db.list_stewards(world.tailnet).await.unwrap();
        assert_eq!(nobody.len(), 1, "an auditor is no steward: {nobody:?}");

        // Only the owner takes it back.
        let (mut sven, gone) = (app.signed_in(world.steward).await, &fields[..2]);
        sven.post("/fn/stewards/remove", gone).await;
        assert_eq!(lea.get(&page).await.status, 200);
        let asked = owner.get(&format!("{page}/stewards/{lea_id}/remove")).await;
        assert!(asked.text().contains("Take the audit from Lea?"), "{asked:?}");
        owner.post("/fn/stewards/remove", gone).await;
        assert_eq!(lea.get(&page).await.status, 404);
        assert!(!lea.get("/audit").await.text().contains("made Lea an auditor"));
    }
}

#[tokio::test]
async fn a_steward_is_no_auditor_besides_and_an_auditor_may_become_a_steward() {
    let app = TestApp::start().await;
    let world = World::seed(&app).await;
    let mut owner = app.signed_in(world.owner).await;
    let (tailnet, sven, lea) =
        (world.tailnet.to_string(), world.steward.to_string(), world.listed.to_string());
    let db = &app.state.db;
    let mut add = async |person: &str, role: &str| {
        let fields = [("tailnet", tailnet.as_str()), ("person", person), ("role", role)];
        let answer = owner.post("/fn/stewards/add", &fields).await;
        owner.get(answer.location().unwrap()).await.text()
    };
    assert!(add(&sven, "auditor").await.contains("Sven is a steward"));
    assert!(db.list_auditors(world.tailnet).await.unwrap().is_empty());
    add(&lea, "auditor").await;
    add(&lea, "steward").await;
    assert!(db.list_auditors(world.tailnet).await.unwrap().is_empty());
    assert!(db.is_steward(world.tailnet, world.listed).await.unwrap());
}

/// Every row of every table but those of browsers.
async fn everything(db: &Db) -> BTreeMap<String, Vec<String>> {
    let Db::Sqlite(pool) = db else { panic!("asked of SQLite") };
    let tables = "SELECT m.name, (SELECT group_concat('quote(' || c.name || ')', ' || '','' || ')
            FROM pragma_table_info(m.name) c)
         FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT IN ('sessions', 'sqlite_sequence')";
    let tables: Vec<(String, String)> = sqlx::query_as(tables).fetch_all(pool).await.unwrap();
    let mut all = BTreeMap::new();
    for (table, columns) in tables {
        let sql = AssertSqlSafe(format!("SELECT {columns} FROM {table} ORDER BY 1"));
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
        all.insert(table, rows.into_iter().map(|(row,)| row).collect());
    }
    all
}

#[tokio::test]
async fn nothing_that_an_auditor_sends_changes_anything_of_the_tailnet() {
    let scene = Scene::new().await;
    let before = everything(&scene.app.state.db).await;
    assert!(before.len() > 20 && !before["auditors"].is_empty(), "{:?}", before.keys());
    let mut tried = 0;
    for row in TABLE.iter().filter(|row| row.method == "POST" && !is_about_nobody(row)) {
        // What everybody may do who is signed in is about themselves.
        if row.access(Role::SignedIn) == Access::Allowed {
            continue;
        }
        tried += 1;
        let (found, how) = scene.call(row, Role::Auditor, true).await;
        assert_ne!(found, Access::Allowed, "{}: {how}", row.path);
        let after = everything(&scene.app.state.db).await;
        assert!(after == before, "{} changed something", row.path);
    }
    assert!(tried > 25, "{tried}");
}

#[tokio::test]
async fn no_page_of_the_tailnet_offers_an_auditor_anything_to_do_or_leads_them_where_they_may_not_go() {
    let scene = Scene::new().await;
    let mut browser = scene.browser(Role::Auditor).await;
    let mut read = 0;
    for row in TABLE.iter().filter(|row| row.method == "GET" && !is_about_nobody(row)) {
        let about_it = ["{id}", "{entry}", "/audit", "/tailnets"].iter().any(|part| row.path.contains(part));
        let elsewhere = [".json", ".csv", "/new"].iter().any(|part| row.path.ends_with(part));
        if row.access(Role::Auditor) != Access::Allowed || !about_it || elsewhere {
            continue;
        }
        read += 1;
        let answer = browser.get(&scene.path(row.path, true)).await;
        // Of everybody: to sign out, and how pages look.
        for form in answer.body.split("<form").skip(1) {
            let tag = form.split('>').next().unwrap_or_default();
            let harmless = ["/sign-out\"", "/fn/theme\""].iter().any(|action| tag.contains(action));
            assert!(harmless || tag.contains("method=\"get\""), "{}: {tag}", row.path);
        }
        let main = answer.body.split("<main").nth(1).unwrap_or_default();
        for href in main.split("href=\"").skip(1) {
            let href = href.split('"').next().unwrap_or_default().replace("&amp;", "&");
            if href.starts_with('/') {
                let there = browser.get(&href).await;
                assert!(
                    there.status != 403 && there.status != 404,
                    "{} leads to {href}: {there:?}",
                    row.path
                );
            }
        }
    }
    assert!(read >= 9, "{read}");
}
