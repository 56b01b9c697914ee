//! One file with everything: made while others write, killed on the way, restored into either database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::on;
use server::store::Db;
use server::store::backup::Backup;
use tempfile::TempDir;

use crate::access::Scene;
use crate::access::table::{Role, TABLE};
use crate::harness::TestApp;
use crate::harness::Who::{Ana, Dario};
use crate::harness::app::config;
use crate::harness::database::{PostgresDatabase, TestDatabase, postgres_server};
use crate::harness::neighbours::Neighbours;
use crate::harness::rows;

mod command;
mod upgrades;

/// Where backups are put and restored from. Removed when dropped.
struct Place {
    folder: TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres: None }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn restored_sqlite(&self, backup: &Path, name: &str) -> Db {
        let file = self.file(name);
        Db::look_into(backup).await.unwrap().into_sqlite(&file).await.unwrap();
        Db::open_sqlite(&file).await.unwrap()
    }

    /// If there is such a server.
    async fn restored_postgres(&mut self, backup: &Path) -> Option<Db> {
        let database = self.postgres.insert(PostgresDatabase::create(&postgres_server()?));
        let db = Db::connect_postgres(&database.url).await.unwrap();
        Db::look_into(backup).await.unwrap().into_postgres(&db).await.unwrap();
        db.migrate().await.unwrap();
        Some(db)
    }
}

/// A neighbourhood with an open share, one that is over, and one that waits.
async fn lived_in(database: TestDatabase) -> Neighbours {
    let all = Neighbours::on(database, |_| {}).await;
    let tailnet = all.connect(Ana).await;
    all.connect(Dario).await;
    let node = all.node(tailnet, "maple").await;
    let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
    all.approved(Ana, share).await;
    all.drain().await;
    all.accepted(Ana, node, "tcp:9090", Dario).await;
    all.drain().await;
    all.app.left_over.may_be("what is stored is looked at, not what becomes of it");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_comes_back_on_both_databases_and_there_and_back_again() {
    for database in TestDatabase::each().await {
        let all = lived_in(database).await;
        let db = &all.app_state().db;
        let mut place = Place::new();
        let first = place.file("first.db");
        let made = db.back_up(&first).await.unwrap();
        let before = rows::all(db).await;
        let stored: usize = before.values().map(Vec::len).sum();
        assert_eq!(usize::try_from(made.rows).unwrap(), stored);
        assert_eq!(made.tables, before.len());
        assert!(before["shares"].len() == 2 && before["audit"].len() > 5 && !before["look_texts"].is_empty());

        let sqlite = place.restored_sqlite(&first, "second.db").await;
        assert_eq!(rows::all(&sqlite).await, before);
        let Some(postgres) = place.restored_postgres(&first).await else { continue };
        assert_eq!(rows::all(&postgres).await, before);
        let back = place.file("back.db");
        let again = postgres.back_up(&back).await.unwrap();
        assert_eq!(Backup { key: None, ..again }, Backup { key: None, ..made });
        assert_eq!(rows::all(&place.restored_sqlite(&back, "third.db").await).await, before);
        postgres.close().await;
    }
}

/// Whoever moved does not notice: every page for everybody is what it was.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_a_restored_instance_is_the_one_of_before() {
    let mut scene = Scene::new().await;
    let mut place = Place::new();
    let file = place.file("backup.db");
    scene.app.state.db.back_up(&file).await.unwrap();
    let sqlite = place.restored_sqlite(&file, "other.db").await;
    let postgres = place.restored_postgres(&file).await;
    let before = crawl(&scene).await;
    assert!(before.len() > 100, "{}", before.len());
    for db in [Some(sqlite), postgres].into_iter().flatten() {
        let config = server::config::Config { demo: true, ..config() };
        scene.app = TestApp::on(config, TestDatabase::opened(db.clone()));
        for (page, told) in crawl(&scene).await {
            assert_eq!(told, before[&page], "{page:?}");
        }
        db.close().await;
    }
}

/// What each page says to each of them. Not the list of one's browsers: it names the one that asks.
async fn crawl(scene: &Scene) -> BTreeMap<(&'static str, String), String> {
    let elsewhere = [
        "/account",
        "/metrics",
        "/sign-in/callback/",
        "/pkg/",
        "/api/",
        "/events",
        "/healthz",
        "/readyz",
        "/help",
        // What runs: the store is another one.
        "/settings",
    ];
    let mut all = BTreeMap::new();
    let pages = TABLE.iter().filter(|row| row.method == "GET");
    for row in pages.filter(|row| !elsewhere.iter().any(|part| row.path.contains(part))) {
        for role in Role::ALL {
            let mut browser = scene.browser(role).await;
            let mut fields = Vec::new();
            for name in row.fields {
                fields.push(((*name).to_owned(), scene.value(name, role).await));
            }
            let answer = scene.send(&mut browser, row, &fields, true).await;
            all.insert((row.path, format!("{role:?}")), format!("{} {}", answer.status, answer.text()));
        }
    }
    all
}

/// Two rows are written together, again and again; a backup has both or neither, and no writer waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_beside_writers_is_of_one_moment() {
    for database in TestDatabase::each().await {
        let db = database.db.clone();
        // Something that takes a while.
        fill(&db, 3_000).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (db, stop) = (db.clone(), Arc::clone(&stop));
                tokio::spawn(async move {
                    let mut written = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let mut tx = db.begin().await.unwrap();
                        for half in ["left", "right"] {
                            let put = "INSERT INTO settings (name, value) VALUES ($1, 'x')";
                            tx.query(put, (format!("{writer}.{written}.{half}"),)).execute().await.unwrap();
                        }
                        tx.commit().await.unwrap();
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        let place = Place::new();
        let mut counts = Vec::new();
        for number in 0..3 {
            let file = place.file(&format!("{number}.db"));
            db.back_up(&file).await.unwrap();
            let copy = place.restored_sqlite(&file, &format!("{number}.copy")).await;
            let half = |half: &str| {
                let copy = copy.clone();
                let like = format!("%.{half}");
                async move {
                    let sql = "SELECT count(*) FROM settings WHERE name LIKE $1";
                    copy.query(sql, (like,)).count().await.unwrap()
                }
            };
            let (left, right) = (half("left").await, half("right").await);
            assert_eq!(left, right, "half of a transaction");
            counts.push(left);
            copy.close().await;
        }
        stop.store(true, Ordering::Relaxed);
        let mut written = 0;
        for writer in writers {
            written += writer.await.unwrap();
        }
        assert!(
            counts.is_sorted() && counts[0] < counts[2] && counts[2] <= written,
            "{counts:?} of {written}"
        );
    }
}

/// Many rows, so that copying them is not done at once.
async fn fill(db: &Db, rows: i64) {
    let sql = "INSERT INTO settings (name, value) WITH RECURSIVE n (i) AS (
            SELECT CAST($1 AS BIGINT) UNION ALL SELECT i - 1 FROM n WHERE i > 1)
        SELECT 'filler.' || CAST(i AS TEXT), 'a value that is as long as such values are' FROM n";
    on!(db, pool => sqlx::query(sql).bind(rows).execute(pool).await.map(drop)).unwrap();
}
