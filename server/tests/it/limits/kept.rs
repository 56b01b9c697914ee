//! What anybody posts, they keep little of it here.

use std::collections::BTreeMap;
use std::path::Path;

use crate::access::table::{Role, Row, TABLE};
use server::config::{Config, Provider, ProviderKind, Secret};
use server::store::Db;

use crate::access::Scene;
use crate::harness::{TestApp, app};

/// What one request of a stranger may leave behind, in bytes: a session with a link, in whole pages of the database.
const BY_STRANGERS: i64 = 8 << 10;
/// The same of somebody who is signed in: a form that waits to be put right.
const BY_PEOPLE: i64 = 128 << 10;

/// Fields of forms that are read as one struct.
const FLATTENED: [(&str, &[&str]); 8] = [
    ("asks/create", &["until", "date", "zone", "note"]),
    ("asks/take", &["until", "date", "zone", "note"]),
    ("offers/create", &["service", "to", "person", "email", "until", "date", "zone", "note", "uses"]),
    ("shares/until", &["until", "date", "zone", "note"]),
    ("shares/longer", &["until", "date", "zone", "note"]),
    ("services/create", &["audience", "left_alone", "gates"]),
    ("services/update", &["audience", "left_alone", "gates"]),
    ("tailnets/connect", &["name", "base_url", "client_id", "client_secret", "user_token"]),
];

/// The fields of each server function, as its code names them.
fn fields() -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/api");
    let mut all = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let code = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for function in code.split("endpoint = \"").skip(1) {
            let (endpoint, rest) = function.split_once('"').unwrap();
            let head = rest.split_once(") -> ").unwrap().0;
            let mut names: Vec<String> = Vec::new();
            for field in head.split("#[server(default)] ").skip(1) {
                let (name, kind) = field.split_once(':').unwrap();
                let list = if kind.trim().starts_with("Vec<") { "[]" } else { "" };
                names.push(format!("{name}{list}"));
            }
            for (_, more) in FLATTENED.iter().filter(|(of, _)| *of == endpoint) {
                assert!(head.contains("#[server(flatten)]"), "{endpoint}");
                names.extend(more.iter().map(ToString::to_string));
            }
            assert!(names.len() >= head.matches("#[server(").count(), "{endpoint}: {head}");
            all.insert(format!("/fn/{endpoint}"), names);
        }
    }
    all
}

/// Fields of a row: those of its code, else those that some route of its kind reads.
fn fields_of(row: &Row, functions: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let own = row.fields.iter().map(ToString::to_string);
    let mut names: Vec<String> = match functions.get(row.path) {
        Some(function) => own.chain(function.iter().cloned()).collect(),
        None => own.chain(["next", "link", "q", "after", "state", "error"].map(str::to_owned)).collect(),
    };
    names.sort_unstable();
    names.dedup();
    names
}

/// In bytes, without what is free to be used again.
async fn size(app: &TestApp) -> i64 {
    let Db::Sqlite(pool) = &app.state.db else { panic!("a test on SQLite") };
    let sql = "SELECT (page_count - freelist_count) * page_size \
               FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
    let (size,): (i64,) = sqlx::query_as(sql).fetch_one(pool).await.unwrap();
    size
}

async fn scene() -> Scene {
    let provider = Provider {
        id: "github".into(),
        label: "GitHub".into(),
        client_id: "acequia".into(),
        client_secret: Some(Secret::new("hush")),
        kind: ProviderKind::GitHub {
            base_url: "https://github.example".parse().unwrap(),
            api_url: "https://api.github.example".parse().unwrap(),
        },
    };
    let config = Config { demo: true, providers: vec![provider], ..app::config() };
    Scene::of(TestApp::with(config).await).await
}

/// Posts a large value in each field of each row, and gives what left too much behind.
async fn too_much(role: Role, allowed: i64) -> Vec<String> {
    let functions = fields();
    assert!(functions.len() >= 40, "the code was read: {functions:?}");
    let scene = scene().await;
    let mut wrong = Vec::new();
    let mut posted = 0;
    for row in TABLE {
        let names = fields_of(row, &functions);
        for large in &names {
            // A query of more than 64 kB is refused before anybody looks at it.
            let length = if row.method == "POST" { 900_000 } else { 20_000 };
            for long in [format!("/{}", "x".repeat(length)), "\"<\u{e9} ".repeat(length / 12)] {
                let mut fields = Vec::new();
                for name in &names {
                    let value = if name == large { long.clone() } else { scene.value(name, role).await };
                    fields.push((name.clone(), value));
                }
                let mut browser = scene.browser(role).await;
                browser.headers.insert("user-agent", "u".repeat(length).parse().unwrap());
                let before = size(&scene.app).await;
                let answer = scene.send(&mut browser, row, &fields, true).await;
                let grown = size(&scene.app).await - before;
                posted += 1;
                if grown > allowed {
                    let to = answer.outcome().chars().take(80).collect::<String>();
                    wrong.push(format!("{} {} {large}: {grown} bytes, {to}", row.method, row.path));
                }
            }
        }
    }
    assert!(posted > 500, "{posted}");
    wrong
}

#[tokio::test]
async fn a_stranger_leaves_little_behind_whatever_they_send() {
    let wrong = too_much(Role::Stranger, BY_STRANGERS).await;
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn who_is_signed_in_leaves_little_behind_whatever_they_send() {
    let wrong = too_much(Role::TailnetOwner, BY_PEOPLE).await;
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
