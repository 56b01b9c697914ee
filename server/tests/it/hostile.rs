//! Text is text, through the whole app: two instances that differ in their texts alone, one harmless and one not, and
//! every route of the table as everybody.
//!
//! They are put into every column that holds a text, so that no door is forgotten: what doors refuse is tested there.

use axum::http::header;
use markup::{Form, Page, hostile, plain};
use server::hosts;
use server::on;
use server::store::Db;

use crate::access::table::{Role, Row, TABLE};
use crate::access::{Scene, is_about_nobody};
use crate::harness::{Answer, Browser};

mod past;

/// Columns that hold no free text: names that the code gives, ids, JSON (filled by [`put_json`]), what is never shown.
const NO_TEXTS: &[(&str, &[&str])] = &[
    ("audit", &["code", "object_kind", "parameters", "policy_change"]),
    ("beforehand", &["kind"]),
    ("channels", &["channel"]),
    ("credentials", &["kind", "facts"]),
    ("deliveries", &["channel", "kind", "heard_as", "notice", "part", "data", "to_address"]),
    ("dismissals", &["kind", "part"]),
    ("edits", &["what", "gained", "lost", "state"]),
    ("exposures", &["login", "found", "no_fix", "accepted"]),
    ("friend_addresses", &["login", "addresses"]),
    ("guest_keys", &["account_id", "known", "key_id"]),
    ("guests", &["way", "name", "known", "account_id"]),
    ("heard_choices", &["heard_as", "kind", "channel"]),
    ("hosts", &["fetched_hold", "seen_hold"]),
    ("identities", &["provider", "subject"]),
    ("jobs", &["kind"]),
    ("joinings", &["system", "choices", "key_id", "known", "state", "arrived"]),
    ("leases", &["name"]),
    ("look_texts", &["name", "packed"]),
    ("looks", &["revision", "policy", "network"]),
    (
        "nodes",
        &[
            "control_id",
            "legacy_id",
            "tags",
            "addresses",
            "advertised_routes",
            "enabled_routes",
            "firewall_backend",
            "firewall_interface",
            "account_id",
            "given_to",
        ],
    ),
    ("offers", &["to_email"]),
    ("people", &["standing", "look", "small_look"]),
    ("policies_seen", &["accounted"]),
    ("probes", &["told"]),
    ("proofs", &["held"]),
    ("renewals", &["known"]),
    ("revisions", &["backend", "input"]),
    ("service_asks", &["until", "answer"]),
    ("services", &["kind", "ports", "audience", "join_port"]),
    ("sessions", &["handle"]),
    ("settings", &["name", "value"]),
    ("shares", &["login", "ports", "ports_asked", "longer", "state", "state_data", "deeds"]),
    ("snapshots", &["policy", "network", "revision", "dialect"]),
    ("steps", &["phase", "step"]),
    ("notices", &["kind", "part", "data"]),
    ("strays", &["kind"]),
    ("tailnets", &["control_plane", "base_url", "settings", "kind", "away_why", "policy_why", "names_clash"]),
    ("users", &["control_id", "kind"]),
];

/// Lists whose texts stand in JSON, as they are once they are filled.
fn json_columns(text: &str) -> Vec<(&'static str, &'static str, serde_json::Value)> {
    use serde_json::json;
    let reach = json!([{ "who": text, "node": text, "what": text }]);
    vec![
        ("audit", "parameters", json!({ "step": "rule", "need": "look", "reason": text })),
        ("nodes", "tags", json!([format!("tag:{text}")])),
        ("nodes", "advertised_routes", json!([text])),
        ("nodes", "enabled_routes", json!([text])),
        (
            "shares",
            "longer",
            json!({ "asked": "2026-11-23T18:00:00Z", "until": "2027-01-01T10:00:00Z", "note": text }),
        ),
        ("edits", "gained", reach.clone()),
        ("edits", "lost", reach.clone()),
        (
            "audit",
            "policy_change",
            json!({
                "lines": [{ "old": null, "new": 1, "text": text }, { "old": null, "new": null, "text": "" }],
                "more_lines": 1, "gained": reach, "more_gained": 1, "lost": reach, "more_lost": 0,
            }),
        ),
    ]
}

/// The text columns of every table, as the migrations made them.
async fn text_columns(db: &Db) -> Vec<(String, String)> {
    let Db::Sqlite(pool) = db else { panic!("the scene is on SQLite") };
    let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE '\\_%' ESCAPE '\\'";
    let columns: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    let is_text = |table: &str, column: &str| {
        let no_text =
            NO_TEXTS.iter().find(|(name, _)| *name == table).is_some_and(|(_, all)| all.contains(&column));
        !no_text && !["_hash", "_sealed"].iter().any(|end| column.ends_with(end))
    };
    columns.into_iter().filter(|(table, column)| is_text(table, column)).collect()
}

async fn execute(db: &Db, sql: String, text: &str) {
    on!(db, pool => sqlx::query(sqlx::AssertSqlSafe(sql)).bind(text.to_owned()).execute(pool).await.map(drop)).unwrap();
}

/// The scene with this behind every text that it holds.
async fn scene(text: &str) -> Scene {
    let scene = Scene::new().await;
    let db = &scene.app.state.db;
    put_rows(&scene, db).await;
    for (table, column) in text_columns(db).await {
        let sql = format!("UPDATE {table} SET {column} = COALESCE({column}, '') || $1");
        execute(db, sql, text).await;
    }
    for (table, column, value) in json_columns(text) {
        execute(db, format!("UPDATE {table} SET {column} = $1"), &value.to_string()).await;
    }
    execute(db, "UPDATE audit SET code = $1".into(), "stopped").await;
    put_json(&scene, db, text).await;
    hosts::renew(&scene.app.state, scene.world.node).await.unwrap();
    scene
}

/// One row where the scene has none.
async fn put_rows(scene: &Scene, db: &Db) {
    let (tailnet, node, share) = (scene.world.tailnet, scene.world.node, scene.world.share);
    let rows = [
        (
            "INSERT INTO users (tailnet_id, control_id, login, name, role, kind, devices) \
          VALUES ($1, 'u1', 'ana@example.com', 'Ana', 'owner', 'member', 1)",
            tailnet.uuid(),
        ),
        (
            "INSERT INTO credentials (tailnet_id, kind, secret_sealed, hint, facts, checked) \
          VALUES ($1, 'oauth_client', '', 'tskey', 'null', 1)",
            tailnet.uuid(),
        ),
        (
            "INSERT INTO steps (share_id, phase, step, at, detail) VALUES ($1, 'apply', 'rule', 1, 'one rule')",
            share.uuid(),
        ),
        (
            r#"INSERT INTO friend_addresses (node_id, login, addresses, read) VALUES ($1, 'dario@example.com', '["100.64.7.7"]', 1)"#,
            node.uuid(),
        ),
    ];
    for (sql, id) in rows {
        on!(db, pool => sqlx::query(sql).bind(id).execute(pool).await.map(drop)).unwrap();
    }
}

/// The texts inside of JSON, and a network with its policy.
async fn put_json(scene: &Scene, db: &Db, text: &str) {
    use serde_json::json;
    let world = &scene.world;
    let told = json!({ "version": text, "players": [1, 2], "motd": text });
    let sql =
        "INSERT INTO probes (service_id, answered, at, since, told, until) VALUES ($1, $2, $3, $3, $4, $5)";
    let now = scene.app.state.now();
    on!(db, pool => sqlx::query(sql).bind(world.service).bind(true).bind(now).bind(told.to_string())
        .bind(now.plus_seconds(3600)).execute(pool).await.map(drop))
    .unwrap();
    let login = format!("dario@example.com{text}");
    let network = json!({
        "users": [{ "id": 1, "name": "ana", "email": format!("ana@example.com{text}") },
                  { "id": 2, "name": "dario", "email": login, "type": "shared" }],
        "nodes": { format!("maple{text}"): { "hostname": text, "ipv4": "100.64.0.1", "user": "ana", "shared_to": [login] } },
    });
    let policy = format!(
        "// {text}\n{{\"acls\": [{{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}}]}}\n"
    );
    past::put_look(scene, &policy, &network.to_string(), text).await;
    let sql = "INSERT INTO snapshots (tailnet_id, policy, etag, network, revision, read, trouble_at, trouble) \
               VALUES ($1, $2, 'e', $3, 'r', $4, $4, $5)";
    on!(db, pool => sqlx::query(sql).bind(world.tailnet).bind(policy).bind(network.to_string()).bind(now)
        .bind(text).execute(pool).await.map(drop))
    .unwrap();
}

/// The two instances.
struct Pair {
    harmless: Scene,
    hurt: Scene,
    wrong: Vec<String>,
    /// Pages on which the hostile text stands.
    shown: usize,
}

impl Pair {
    async fn new() -> Self {
        Self { harmless: scene(&plain()).await, hurt: scene(hostile()).await, wrong: Vec::new(), shown: 0 }
    }

    async fn browsers(&self, role: Role) -> (Browser, Browser) {
        async fn browser(scene: &Scene, role: Role) -> Browser {
            match scene.person(role) {
                Some(person) => scene.app.signed_in(person).await,
                None => scene.app.browser(),
            }
        }
        (browser(&self.harmless, role).await, browser(&self.hurt, role).await)
    }

    /// Both answers read as a browser reads them; the forms of the page.
    fn compare(&mut self, what: &str, harmless: &Answer, hurt: &Answer) -> Vec<Form> {
        if harmless.status != hurt.status {
            self.wrong.push(format!("{what}: {} became {}", harmless.status, hurt.status));
        }
        for (name, value) in &hurt.headers {
            if value.as_bytes().iter().any(|byte| b"<>\r\n".contains(byte))
                && name != header::CONTENT_SECURITY_POLICY
            {
                self.wrong.push(format!("{what}: a text in the header {name}"));
            }
        }
        if !hurt.header("content-type").starts_with("text/html") {
            return Vec::new();
        }
        // A part of the text that no escaping changes.
        self.shown += usize::from(hurt.status.is_success() && hurt.body.contains("onerror=alert(1)"));
        let (harmless, hurt) = (Page::parse(&harmless.body), Page::parse(&hurt.body));
        let (left, right) = (harmless.tree(), hurt.tree());
        if left != right {
            let at = left.iter().zip(&right).position(|(l, r)| l != r).unwrap_or(left.len().min(right.len()));
            self.wrong.push(format!("{what}: element {at}, {:?} became {:?}", left.get(at), right.get(at)));
        }
        for (name, to) in hurt.addresses() {
            let local = to.starts_with('/') && !to[1..].starts_with(['/', '\\']);
            let fine = to.is_empty() || to.starts_with(['#', '?']) || local;
            if !fine && !["http://", "https://", "mailto:?"].iter().any(|scheme| to.starts_with(scheme)) {
                self.wrong.push(format!("{what}: {name}={to}"));
            }
        }
        hurt.forms()
    }

    /// `at_least` so many pages were there and had the text on them: on an error page nothing can go wrong.
    fn end(self, at_least: usize) {
        assert!(self.shown >= at_least, "only {} pages show the text", self.shown);
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// Everything that a page may echo from its address.
fn echo(text: &str) -> String {
    let names = [
        "q",
        "kind",
        "who",
        "node",
        "port",
        "next",
        "before",
        "system",
        "key_file",
        "login_server",
        "interface",
    ];
    let pairs = names.map(|name| (name, text));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What shows something that is stored. The page that ends mails does not, and has another token in each address.
fn is_shown(row: &Row) -> bool {
    !is_about_nobody(row) && !row.path.starts_with("/unsubscribe/")
}

#[tokio::test]
async fn no_text_is_markup_on_any_route_to_anybody() {
    let mut pair = Pair::new().await;
    for role in Role::ALL {
        let (mut calm, mut sharp) = pair.browsers(role).await;
        for row in TABLE.iter().filter(|row| row.method == "GET" && is_shown(row)) {
            let mut asked = String::new();
            for field in row.fields {
                let value = pair.hurt.value(field, role).await;
                asked = format!("{asked}{field}={}&", app::paths::encoded(&value));
            }
            let path = pair.hurt.path(row.path, true);
            assert_eq!(path, pair.harmless.path(row.path, true), "both have the same ids");
            for echoes in [false, true] {
                let query = |text: &str| if echoes { echo(text) } else { String::new() };
                let harmless = calm.get(&format!("{path}?{asked}{}", query(&plain()))).await;
                let hurt = sharp.get(&format!("{path}?{asked}{}", query(hostile()))).await;
                pair.compare(&format!("{path} as {role:?} ({echoes})"), &harmless, &hurt);
            }
        }
    }
    pair.end(220);
}

/// Every form of every page is filled with more than any of its fields takes, so that it comes back with what was typed.
#[tokio::test]
async fn what_comes_back_into_a_form_is_no_markup() {
    let mut pair = Pair::new().await;
    for role in [Role::TailnetOwner, Role::Friend, Role::Stranger] {
        let (mut calm, mut sharp) = pair.browsers(role).await;
        for row in TABLE.iter().filter(|row| row.method == "GET" && is_shown(row)) {
            let mut asked = String::new();
            for field in row.fields {
                let value = pair.hurt.value(field, role).await;
                asked = format!("{asked}{field}={}&", app::paths::encoded(&value));
            }
            let path = format!("{}?{asked}", pair.hurt.path(row.path, true));
            for length in [3_000, 1 << 20] {
                let (harmless, hurt) = (calm.get(&path).await, sharp.get(&path).await);
                for form in
                    pair.compare(&path, &harmless, &hurt).into_iter().filter(|form| !form.typed.is_empty())
                {
                    if form.method == "get" && length > 3_000 {
                        continue; // once is enough: an address is not that long
                    }
                    let harmless = fill(&mut calm, &form, &plain(), length).await;
                    let hurt = fill(&mut sharp, &form, hostile(), length).await;
                    assert!(!hurt.status.is_server_error(), "{path} {}: {hurt:?}", form.action);
                    assert!(hurt.body.len() < 400_000, "{path} {}: {} bytes", form.action, hurt.body.len());
                    pair.compare(&format!("{path} after {} ({length})", form.action), &harmless, &hurt);
                }
            }
        }
    }
    pair.end(110);
}

/// Sends the form with the text in each field into which one types; the page that it leads to.
async fn fill(browser: &mut Browser, form: &Form, text: &str, length: usize) -> Answer {
    // No request is read that is much longer than the longest text; and in an address a character takes up to twelve.
    let longest = if form.method == "get" { 200 } else { 1 << 20 };
    let each = length.min(longest / form.typed.len());
    let text: String = text.chars().cycle().take(each).collect();
    let value = |(name, value): &(String, String)| {
        (name.clone(), if form.typed.contains(name) { text.clone() } else { value.clone() })
    };
    let fields: Vec<(String, String)> = form.fields.iter().map(value).collect();
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = if form.method == "get" {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        browser.get(&format!("{}?{query}", form.action)).await
    } else {
        browser.post(&form.action, &fields).await
    };
    match answer.location().map(str::to_owned) {
        Some(to) if to.starts_with('/') => browser.get(&to).await,
        _ => answer,
    }
}

/// A spreadsheet takes a cell for a formula that begins like one, also after a space or a quote.
#[tokio::test]
async fn no_cell_of_the_table_is_a_formula_or_ends_early() {
    let pair = Pair::new().await;
    let (mut calm, mut sharp) = pair.browsers(Role::TailnetOwner).await;
    for (path, name, width) in
        [("/tailnets/{tailnet}/reach.csv", "reach.csv", 7), ("/audit.csv", "audit.csv", 14)]
    {
        let path = pair.hurt.path(path, true);
        let (harmless, hurt) = (calm.get(&path).await, sharp.get(&path).await);
        // Line ends within a cell are alone; those of rows are not.
        let rows = |table: &str| table.trim_end().split("\r\n").count();
        assert!(rows(&harmless.body) > 1, "{harmless:?}");
        assert_eq!(rows(&harmless.body), rows(&hurt.body));
        assert_eq!(hurt.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        for line in hurt.body.trim_end().split("\r\n").skip(1) {
            let cells = cells(line);
            assert_eq!(cells.len(), width, "{line}");
            for cell in cells {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }
}

/// One line of the table as a spreadsheet reads it (RFC 4180).
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let (mut inside, mut chars) = (false, line.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.next_if_eq(&'"').is_some() => cells.last_mut().unwrap().push('"'),
            '"' => inside = !inside,
            ',' if !inside => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}
