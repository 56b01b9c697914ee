//! Damaged rows: whatever cannot be read opens nothing, is named with its place, and holds up nobody else.

use std::collections::{BTreeMap, BTreeSet};

use firewall::{Input, TailnetAddress};
use model::{JobKind, NodeId, Protocol, ShareState};
use server::hosts;
use server::jobs::{Runner, end_what_is_over, finish_endings};
use server::on;
use server::queue;
use server::state::AppState;
use server::store::Db;
use sqlx::AssertSqlSafe;

mod columns;

use columns::{DECIDING, UNTOUCHED};

use crate::harness::Browser;
use crate::harness::Who::{self, Ana, Dario};
use crate::harness::app::START;
use crate::harness::neighbours::Neighbours;
use crate::harness::rest::{Rest, close, copy, words};

/// What a damaged text may look like: cut off, emptied, or another value of JSON.
const DAMAGES: [&str; 5] = ["nonsense", "", "[]", "{}", "null"];

/// What is open, as everybody outside sees it.
async fn open(rest: &Rest, state: &AppState) -> Open {
    let db = &state.db;
    let mut open = Open { policy: lines(&rest.all.policy("ana")), ..Open::default() };
    open.invites = rest.all.invites("ana");
    for (state, count) in words(db, "SELECT state FROM shares").await {
        open.shares.insert(state, count);
    }
    let applied = words(db, "SELECT state FROM edits").await;
    open.edits = applied.get("applied").copied().unwrap_or_default();
    let arrived = words(db, "SELECT state FROM joinings").await;
    open.arrived = arrived.get("arrived").copied().unwrap_or_default();
    let text = sqlx_text(db, rest.node).await;
    if let Some(input) = text.and_then(|text| Input::from_json(&text).ok()) {
        for source in ["100.101.102.103", "100.101.102.200", "fd7a:115c:a1e0::99"] {
            let address: TailnetAddress = source.parse().unwrap();
            for port in [22, 8080, 9090, 25565] {
                if input.allows(address, Protocol::Tcp, port, state.now()) {
                    open.ports.insert((source, port));
                }
            }
        }
    }
    open
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Open {
    policy: BTreeSet<String>,
    invites: usize,
    /// Sources and ports that the host's own text lets in.
    ports: BTreeSet<(&'static str, u16)>,
    shares: BTreeMap<String, usize>,
    edits: usize,
    arrived: usize,
}

impl Open {
    /// The first thing that is open here and not there.
    fn beyond(&self, before: &Self) -> Option<String> {
        let more = |what: &str, more: bool| more.then(|| format!("{what}: {self:?}"));
        let opened = |state: &str| self.shares.get(state) > before.shares.get(state);
        more("the policy has other lines", !self.policy.is_subset(&before.policy))
            .or_else(|| more("an invite was made", self.invites > before.invites))
            .or_else(|| more("the host lets more in", !self.ports.is_subset(&before.ports)))
            .or_else(|| more("a share is worked on", opened("applying") || opened("active")))
            .or_else(|| more("a share is called over", opened("ended")))
            .or_else(|| more("an edit was written", self.edits > before.edits))
            .or_else(|| more("a machine is said to have come", self.arrived > before.arrived))
    }
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(|line| line.trim().to_owned()).collect()
}

async fn sqlx_text(db: &Db, node: NodeId) -> Option<String> {
    let sql = "SELECT input FROM revisions WHERE node_id = $1 ORDER BY revision DESC LIMIT 1";
    let row: Option<(String,)> =
        on!(db, pool => sqlx::query_as(sql).bind(node).fetch_optional(pool).await).unwrap();
    row.map(|(text,)| text)
}

/// Puts a text into a column of every row, or of one where it has to be unique. False: the column refuses it, or is empty.
async fn damage(db: &Db, table: &str, column: &str, text: &str) -> bool {
    let all = format!("UPDATE {table} SET {column} = $1 WHERE {column} IS NOT NULL");
    let one = format!("UPDATE {table} SET {column} = $1 WHERE rowid = (SELECT MIN(rowid) FROM {table})");
    for sql in [all, one] {
        let done = on!(db, pool => sqlx::query(AssertSqlSafe(sql)).bind(text).execute(pool).await.map(|done| done.rows_affected()));
        if let Ok(rows) = done {
            return rows > 0;
        }
    }
    false
}

/// Whether a column has lists or objects.
async fn is_json(db: &Db, table: &str, column: &str) -> bool {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '[%' OR {column} LIKE '{{%'");
    let (count,): (i64,) = on!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).fetch_one(pool).await).unwrap();
    count > 0
}

/// Every column with text of every table.
async fn columns(db: &Db) -> Vec<(String, String)> {
    let sql = "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND c.type = 'TEXT'
               ORDER BY m.name, c.cid";
    on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap()
}

/// All that happens by itself: a start, the round of the runner with its sync, and a look at what fetches.
async fn go_on(state: &AppState, node: NodeId) -> anyhow::Result<()> {
    end_what_is_over(state).await?;
    finish_endings(state, std::time::Duration::from_secs(20)).await?;
    Runner::new(state.clone()).round().await?;
    let _ = hosts::renew(state, node).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_damaged_text_of_any_column_opens_anything_or_stops_the_work() {
    let rest = Rest::new().await;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    // Later than the interval of syncs, so that every round reads the tailnets.
    rest.all.app.clock.set(START.plus_seconds(400));
    copy(rest.all.app_state(), &whole).await;
    let before = open(&rest, rest.all.app_state()).await;
    assert!(before.ports.contains(&("100.101.102.103", 25565)), "Dario is let in: {before:?}");
    assert!(!before.ports.contains(&("100.101.102.200", 25565)), "and nobody else: {before:?}");

    let mut columns = columns(&rest.all.app_state().db).await;
    assert!(columns.len() > 80, "{columns:?}");
    // Undamaged first: what it does by itself opens nothing.
    columns.insert(0, (String::new(), String::new()));
    let (mut wrong, mut untouched) = (Vec::new(), Vec::new());
    for (at, (table, column)) in columns.iter().enumerate() {
        // A word or a sentence is damaged in fewer ways.
        let ways =
            if table.is_empty() || is_json(&rest.all.app_state().db, table, column).await { 5 } else { 1 };
        for (way, text) in DAMAGES.into_iter().enumerate().take(ways) {
            let file = folder.path().join(format!("{at}-{way}.db"));
            std::fs::copy(&whole, &file).unwrap();
            let db = Db::open_sqlite(&file).await.unwrap();
            let services = AppState { db, ..rest.all.app_state().clone() };
            if !table.is_empty() && !damage(&services.db, table, column, text).await {
                untouched.push(format!("{table}.{column}"));
                continue;
            }
            let went_on = go_on(&services, rest.node).await;
            let open = open(&rest, &services).await;
            if let Err(error) = went_on {
                wrong.push(format!("{table}.{column} = {text:?} stops everything: {error:#}"));
            }
            if let Some(more) = open.beyond(&before) {
                wrong.push(format!("{table}.{column} = {text:?} opens: {more}"));
            }
            let policy = rest.all.policy("ana");
            if lines(&policy) != before.policy {
                wrong.push(format!("{table}.{column} = {text:?} changed the policy to {policy}"));
                break;
            }
            close(&services.db, &file).await;
        }
    }
    untouched.dedup();
    assert_eq!(untouched, UNTOUCHED, "whatever else there is has rows, or takes no other text");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A row of a session as it is stored.
type Session = (String, String, Option<uuid::Uuid>, String, String, i64, i64, i64);

/// What every page reads, and the pages of the thing itself.
async fn pages(rest: &Rest, state: &AppState) -> Vec<(Who, String, u16, String)> {
    let mut paths: Vec<(Who, String)> = Vec::new();
    for who in [Ana, Dario] {
        paths.extend([(who, "/".into()), (who, "/shares".into()), (who, app::paths::share(rest.active))]);
    }
    let (tailnet, node) = (app::paths::tailnet(rest.tailnet), app::paths::firewall(rest.tailnet, rest.node));
    paths.extend([
        (Ana, "/directory".into()),
        (Ana, app::paths::new_node(rest.tailnet)),
        (Ana, tailnet),
        (Ana, node),
    ]);
    for (sql, page) in [
        ("SELECT id FROM edits WHERE share_id IS NULL", "edits"),
        ("SELECT id FROM joinings", "joinings"),
        ("SELECT id FROM strays", "strays"),
        ("SELECT id FROM services LIMIT 1", "services"),
    ] {
        let rows: Vec<(uuid::Uuid,)> =
            on!(&state.db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap();
        for (id,) in rows {
            paths.push((
                Ana,
                match page {
                    "edits" => app::paths::edit(rest.tailnet, model::Id::new(id)),
                    "joinings" => app::paths::joining(rest.tailnet, model::Id::new(id)),
                    "strays" => app::paths::unmanaged(model::Id::new(id)),
                    _ => app::paths::service(model::Id::new(id)),
                },
            ));
        }
    }
    let router = server::router::router(state.clone());
    let mut answers = Vec::new();
    for (who, path) in paths {
        let mut browser = Browser::new(router.clone());
        let session = rest.all.app.signed_in(rest.all.people[who].id).await;
        let cookie = session.cookie(rest.all.app.cookie_name()).unwrap().to_owned();
        browser.set_cookie(rest.all.app.cookie_name(), &cookie);
        // The session lies in the database that is not damaged.
        let row =
            "SELECT id_hash, handle, person_id, data_sealed, agent, created, last_seen, expires FROM sessions
                   ORDER BY created DESC, rowid DESC LIMIT 1";
        let s: Session =
            on!(&rest.all.app_state().db, pool => sqlx::query_as(row).fetch_one(pool).await).unwrap();
        on!(&state.db, pool => sqlx::query("INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(s.0).bind(s.1).bind(s.2).bind(s.3).bind(s.4).bind(s.5).bind(s.6).bind(s.7)
            .execute(pool).await.map(drop))
        .unwrap();
        let answer = browser.get(&path).await;
        answers.push((who, path, answer.status.as_u16(), answer.text()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_about_something_damaged_says_so_and_the_others_go_on() {
    let rest = Rest::new().await;
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    copy(rest.all.app_state(), &whole).await;
    for (at, (table, column)) in DECIDING.into_iter().enumerate() {
        let file = folder.path().join(format!("{at}.db"));
        std::fs::copy(&whole, &file).unwrap();
        let db = Db::open_sqlite(&file).await.unwrap();
        let services = AppState { db, ..rest.all.app_state().clone() };
        assert!(damage(&services.db, table, column, "nonsense").await);
        let mut said = false;
        for (who, path, status, text) in pages(&rest, &services).await {
            let plain = text.contains("cannot be read");
            said |= plain;
            assert!(
                status < 500 || (status == 500 && plain),
                "{table}.{column}: {path} for {who:?} answers {status}: {text}"
            );
            assert!(!text.contains("omething broke"), "{table}.{column}: {path}: {text}");
            assert!(!text.contains("nonsense") || table != "shares", "{table}.{column}: {path}: {text}");
            assert!(
                status == 200 || !matches!(path.as_str(), "/" | "/shares" | "/directory"),
                "{table}.{column}: {path} stands for everything else: {text}"
            );
        }
        assert!(said, "no page says that {table}.{column} cannot be read");
    }
}

#[tokio::test]
async fn an_error_names_table_column_and_row() {
    let rest = Rest::new().await;
    let db = &rest.all.app_state().db;
    let id = rest.active.to_string();
    assert!(damage(db, "shares", "state_data", "{\"state\":\"flying\"}").await);
    let error = db.find_share(rest.active).await.unwrap_err().to_string();
    assert!(error.contains("`state_data` of `shares`") && error.contains(&id), "{error}");
    assert!(damage(db, "friend_addresses", "addresses", "[\"100.101.102.103\"").await);
    let error = db.list_friend_addresses(rest.node).await.unwrap().whole().unwrap_err().to_string();
    let row = format!("{}/dario@nopal.example", rest.node);
    assert!(error.contains("`addresses` of `friend_addresses`") && error.contains(&row), "{error}");
    assert!(damage(db, "tailnets", "settings", "").await);
    let tailnet = db.find_tailnet(rest.tailnet).await.unwrap().unwrap();
    let error = tailnet.policy_is_elsewhere().unwrap_err().to_string();
    assert!(
        error.contains("`settings` of `tailnets`") && error.contains(&rest.tailnet.to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn addresses_of_a_friend_that_cannot_be_read_leave_the_last_text_and_are_mended_by_the_next_reading() {
    let rest = Rest::new().await;
    let services = rest.all.app_state();
    let text = rest.all.ask(Ana).firewall.text(rest.node).await.unwrap();
    for damaged in DAMAGES.into_iter().chain(["[\"100.101.102.103\"", "[\"1.2.3.4\"]"]) {
        assert!(damage(&services.db, "friend_addresses", "addresses", damaged).await);
        assert!(hosts::renew(services, rest.node).await.is_err(), "{damaged}");
        assert_eq!(rest.all.ask(Ana).firewall.text(rest.node).await.unwrap(), text, "{damaged}");
    }
    assert!(rest.all.ask(Ana).hosts.get(rest.node).await.unwrap().unread_friends);
    // What ends meanwhile is shut out all the same.
    rest.all.ask(Ana).shares.end(rest.active).await.unwrap();
    let without = rest.all.ask(Ana).firewall.text(rest.node).await.unwrap();
    assert!(!without.contains("25565"), "{without}");
    rest.told().await;
    assert!(hosts::renew(services, rest.node).await.is_ok());
    assert!(!rest.all.ask(Ana).hosts.get(rest.node).await.unwrap().unread_friends);
}

#[tokio::test]
async fn work_of_an_unknown_kind_is_not_done_and_not_lost() {
    let rest = Rest::new().await;
    let db = &rest.all.app_state().db;
    rest.all.drain().await;
    queue::enqueue(rest.all.app_state(), JobKind::Sync, rest.tailnet).await.unwrap();
    assert!(damage(db, "jobs", "kind", "dig").await);
    let waiting = words(db, "SELECT kind FROM jobs").await;
    assert!(waiting.contains_key("dig"), "{waiting:?}");
    rest.all.demo.simulator.clear_log();
    rest.all.drain().await;
    assert_eq!(words(db, "SELECT kind FROM jobs").await, waiting);
    assert!(rest.all.demo.simulator.log().is_empty(), "nothing is asked of a control plane");
}

#[tokio::test]
async fn a_share_that_cannot_be_read_does_not_keep_another_one_open() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let node = all.node(ana, "maple").await;
    let mut shares = Vec::new();
    for (ports, friend) in [("tcp:25565", Dario), ("tcp:8080", Dario)] {
        let share = all.accepted_until(Ana, node, ports, friend, ("evening", "")).await;
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }));
        shares.push(share);
    }
    let db = &all.app_state().db;
    let sql = "UPDATE shares SET state_data = 'nonsense' WHERE id = $1";
    on!(db, pool => sqlx::query(sql).bind(shares[0]).execute(pool).await.map(drop)).unwrap();
    all.app.clock.advance_seconds(9 * 3600);
    all.demo.simulator.pin_clock(all.app_state().now().to_string().parse().unwrap());
    all.round().await;
    let policy = all.policy("ana");
    assert!(!policy.contains(&shares[1].to_string()), "the other one has ended: {policy}");
    // Its own rule stays, because nobody can tell what it is; the host's text lets nobody in by it.
    let input = Input::from_json(&sqlx_text(db, node).await.unwrap()).unwrap();
    assert_eq!(input.shares().count(), 0);
    let page = all.ask(Ana).shares.get(shares[0]).await.unwrap_err();
    assert!(page.to_string().contains("cannot be read"), "{page}");
    let home = all.ask(Ana).inbox.home().await.unwrap();
    assert!(home.items.iter().any(|item| item.title == "A share cannot be read"), "{home:?}");
}
