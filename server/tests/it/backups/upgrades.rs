//! A new version on the database of an old one, and an old one on that of a new one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use axum::http::StatusCode;
use model::PersonId;
use server::on;
use server::secrets::Sealer;
use server::store::Db;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::Place;
use crate::harness::TestApp;
use crate::harness::app::config;
use crate::harness::database::TestDatabase;
use crate::harness::instance::Instance;
use crate::harness::rows;
use crate::harness::tmpfs::Tmpfs;

/// Databases as versions before this one left them, by their schema. How the next one is made stands in
/// `migrations/README.md`.
const STORED: &[(i64, &str)] =
    &[(13, include_str!("stored/0013.sql")), (67, include_str!("stored/0067.sql"))];

/// What migrations changed on purpose, of rows that were there before.
const CHANGED: &[(&str, &str)] = &[("shares", "state"), ("shares", "state_data")];

async fn make(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).foreign_keys(false);
    let mut db = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut db).await.unwrap();
    sqlx::Connection::close(db).await.unwrap();
    fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

fn id(number: u16) -> String {
    format!("019b79a0000070008000{number:012x}")
}

/// Everything that stood there stands there afterwards, and the app works with it. Fails if a migration drops a row of any
/// table, or a table.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_version_is_brought_up_to_date_with_all_that_is_in_it() {
    for (version, sql) in STORED {
        let mut place = Place::new();
        let file = place.file("old.db");
        make(&file, sql).await;
        let old = Db::connect_sqlite(&file).await.unwrap();
        assert_eq!(old.schema().await.unwrap().version(), *version);
        let backup = place.file("backup.db");
        old.back_up(&backup).await.unwrap();
        let copied = place.restored_sqlite(&backup, "new.db").await;
        let moved = place.restored_postgres(&backup).await;
        // As a start does it, without any copy between.
        let upgraded = place.file("upgraded.db");
        fs::copy(&file, &upgraded).unwrap();
        let upgraded = Db::open_sqlite(&upgraded).await.unwrap();
        for db in [Some(upgraded), Some(copied), moved].into_iter().flatten() {
            assert!(!db.schema().await.unwrap().is_older());
            kept(&old, &db).await;
            if *version == 13 {
                worked_out(&db).await;
                answers(&db).await;
            }
            db.close().await;
        }
    }
}

async fn kept(old: &Db, new: &Db) {
    for (table, stored) in rows::all(old).await {
        assert!(!stored.is_empty(), "there is something in `{table}`, so that it is looked at");
        let after = rows::columns(new, &table).await;
        let mut columns = rows::columns(old, &table).await;
        columns
            .retain(|column| after.contains(column) && !CHANGED.contains(&(table.as_str(), column.as_str())));
        let (before, after) =
            (rows::some(old, &table, &columns).await, rows::some(new, &table, &columns).await);
        assert_eq!(before, after, "{table}");
    }
}

/// What later versions keep besides, read off what was there.
async fn worked_out(db: &Db) {
    let sql = "SELECT state, count(*) FROM shares GROUP BY state ORDER BY state";
    let states: Vec<(String, i64)> = on!(db, pool => sqlx::query_as(sql).fetch_all(pool).await).unwrap();
    let states: Vec<(&str, i64)> = states.iter().map(|(state, count)| (state.as_str(), *count)).collect();
    assert_eq!(
        states,
        [("accepted", 1), ("active", 1), ("drifted", 1), ("ended", 1), ("needs_attention", 1)]
    );
    for (sql, expected) in [
        ("SELECT count(*) FROM offers WHERE uses = uses_left", 0),
        ("SELECT count(*) FROM audit WHERE object_kind = 'share' AND node_id IS NULL", 0),
        ("SELECT count(*) FROM hosts h JOIN people p ON p.id = h.token_by AND p.name = 'Ana'", 1),
        ("SELECT count(*) FROM jobs WHERE owner_id IS NULL", 0),
    ] {
        assert_eq!(db.query(sql, ()).count().await.unwrap(), expected, "{sql}");
    }
}

async fn answers(db: &Db) {
    let app = TestApp::on(config(), TestDatabase::opened(db.clone()));
    app.left_over.may_be("nobody works on what an old version left");
    db.renew_notices(app.state.now()).await.unwrap();
    db.renew_looks().await.unwrap();
    for (person, pages) in [
        (2, vec!["/".into(), "/shares".into(), "/audit".into(), "/directory".into(), "/tailnets".into()]),
        (2, (0x60..=0x64).map(|share| format!("/shares/{}", id(share))).collect()),
        (2, [0x40, 0x41].iter().map(|service| format!("/services/{}", id(*service))).collect()),
        (2, vec![format!("/tailnets/{}", id(0x20)), format!("/tailnets/{}/nodes/{}", id(0x20), id(0x30))]),
        (2, vec![format!("/tailnets/{}/policy/edits/{}", id(0x20), id(0x80))]),
        (4, vec!["/".into(), "/shares".into(), format!("/shares/{}", id(0x60)), "/tailnets".into()]),
        (1, vec!["/people".into()]),
    ] {
        let person: PersonId = id(person).parse().unwrap();
        let mut browser = app.signed_in(person).await;
        for page in pages {
            let answer = browser.get(&page).await;
            assert_eq!(answer.status, StatusCode::OK, "{page}: {answer:?}");
            assert!(!answer.body.contains("cannot be read"), "{page}: {answer:?}");
        }
    }
}

/// What an instance of version 13 keeps, with nothing in it that is sealed.
async fn old_instance(data: &Path) {
    fs::create_dir_all(data).unwrap();
    fs::set_permissions(data, Permissions::from_mode(0o700)).unwrap();
    let file = data.join("acequia.db");
    make(&file, STORED[0].1).await;
    let db = Db::connect_sqlite(&file).await.unwrap();
    for sql in
        ["DELETE FROM credentials", "DELETE FROM sessions", "UPDATE shares SET invite_url_sealed = NULL"]
    {
        db.query(sql, ()).execute().await.unwrap();
    }
    db.close().await;
    Sealer::ephemeral().make_file(&data.join("key")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_database_is_changed_there_is_a_copy_of_how_it_was() {
    let place = Place::new();
    old_instance(&place.file("first")).await;
    let old = Db::connect_sqlite(&place.file("first/acequia.db")).await.unwrap();
    let before = rows::all(&old).await;
    let backup = place.file("backup.db");
    old.back_up(&backup).await.unwrap();
    for instance in Instance::each() {
        let restored = instance.run(&["restore", "--from", backup.to_str().unwrap()]);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        fs::copy(place.file("first/key"), instance.key()).unwrap();
        // It may be a backup of another program, so a backup does not change the schema.
        let other = place.file("other.db");
        let made = instance.run(&["backup", "--to", other.to_str().unwrap()]);
        assert!(made.err.contains("(schema 13)"), "{made:?}");

        drop(instance.serve().unwrap());
        let copy = instance.data().join("backups/schema-0013.db");
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!instance.db().await.schema().await.unwrap().is_older());
        let copied = Db::connect_sqlite(&copy).await.unwrap();
        let mut copied = rows::all(&copied).await;
        copied.get_mut("settings").unwrap().retain(|row| !row.contains("last_backup"));
        assert_eq!(copied, before);
        // Once is enough.
        fs::remove_file(&copy).unwrap();
        drop(instance.serve().unwrap());
        assert!(!copy.exists());
    }
    let new = Instance::sqlite();
    drop(new.serve().unwrap());
    assert!(!new.data().join("backups").exists(), "of a new database there is nothing to keep");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_the_copy_nothing_is_changed_and_the_words_say_so() {
    let place = Place::new();
    old_instance(&place.file("data")).await;
    let size = fs::metadata(place.file("data/acequia.db")).unwrap().len() >> 10;
    let Some(disk) = Tmpfs::mount(&format!("{}k", size + 600)) else { return };
    let data = disk.path().join("data");
    fs::create_dir(&data).unwrap();
    for name in ["acequia.db", "key"] {
        fs::copy(place.file("data").join(name), data.join(name)).unwrap();
    }
    fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    let instance = Instance::sqlite();
    let command = || {
        let mut command = instance.command(&["setup-code"]);
        command.env("ACEQUIA_DATA", &data).output().unwrap()
    };
    let refused = command();
    let words = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{words}");
    assert!(words.contains("there is not enough room") && words.contains("Nothing was changed"), "{words}");
    let db = Db::connect_sqlite(&data.join("acequia.db")).await.unwrap();
    assert_eq!(db.schema().await.unwrap().version(), 13);
    db.close().await;
    let more = Command::new("mount").args(["-o", "remount,size=20m"]).arg(disk.path()).status().unwrap();
    assert!(more.success());
    // The owner of this instance is there since long.
    assert_eq!(command().status.code(), Some(1));
    assert!(data.join("backups/schema-0013.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_leaves_the_database_of_a_newer_one_alone() {
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'from tomorrow', TRUE, '', 0)";
    for instance in Instance::each() {
        assert_eq!(instance.run(&["setup-code"]).code, Some(0));
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("backup.db");
        let backup = backup.to_str().unwrap();
        assert_eq!(instance.run(&["backup", "--to", backup]).code, Some(0));
        let db = instance.db().await;
        let before = rows::all(&db).await;
        db.query(newer, ()).execute().await.unwrap();
        for command in [
            &["serve"][..],
            &["setup-code"],
            &["people", "list"],
            &["rotate-key"],
            &["backup", "--to", backup],
        ] {
            let ran = instance.run(command);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(
                ran.err.contains("written by a newer Acequia: its schema is 9999"),
                "{command:?}: {ran:?}"
            );
        }
        assert_eq!(rows::all(&db).await, before);
        assert!(!instance.data().join("backups").exists());

        let mut file = SqliteConnectOptions::new().filename(backup).connect().await.unwrap();
        sqlx::query(newer).execute(&mut file).await.unwrap();
        let other = Instance::sqlite();
        let ran = other.run(&["restore", "--from", backup]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains("written by a newer Acequia"), "{ran:?}");
    }
}
