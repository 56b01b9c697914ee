//! Key file and database belong together, or nothing starts.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use server::store::Db;

use crate::harness::instance::{Instance, Ran, Serving};

const BACK: &str = "put the key file back that belongs to this database";
const TAILNET: &str = "01900000-0000-7000-8000-000000000000";

/// Every command that needs the key.
const COMMANDS: [&[&str]; 4] =
    [&["serve"], &["setup-code"], &["rotate-key"], &["network", "export", "--tailnet", TAILNET]];

/// The set-up code: sealed in the database, so whoever reads it has the right key.
fn code(instance: &Instance) -> String {
    let ran = instance.run(&["setup-code"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out
}

fn refuse(instance: &Instance, sentence: &str) {
    for command in COMMANDS {
        refused(&instance.run(command), sentence);
    }
    let data = instance.data().display().to_string();
    if instance.beside().is_none() {
        refused(&instance.run(&["demo", "--listen", "127.0.0.1:0", "--data", &data]), sentence);
    }
}

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains(sentence), "{ran:?}");
    assert!(!ran.err.contains("listening on"), "{ran:?}");
}

fn put(instance: &Instance, key: &[u8]) {
    fs::write(instance.key(), key).unwrap();
    fs::set_permissions(instance.key(), Permissions::from_mode(0o600)).unwrap();
}

async fn execute(db: &Db, sql: &'static str) {
    server::on!(db, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_foreign_key_file_is_refused_by_every_command_and_never_replaced() {
    for instance in Instance::each() {
        let before = code(&instance);
        let own = fs::read(instance.key()).unwrap();
        let other = Instance::sqlite();
        code(&other);
        let foreign = fs::read(other.key()).unwrap();

        let db = instance.db().await;
        // As it is; with nothing sealed but the mark; from before there was a mark; and with nothing sealed at all.
        for change in [
            "SELECT 1",
            "UPDATE settings SET name = 'other' WHERE name = 'set_up_code_sealed'",
            "UPDATE settings SET name = CASE name WHEN 'other' THEN 'set_up_code_sealed' ELSE 'kept' END \
             WHERE name IN ('other', 'key_mark_sealed')",
        ] {
            execute(&db, change).await;
            fs::remove_file(instance.key()).unwrap();
            refuse(&instance, BACK);
            assert!(!instance.key().exists(), "{change}");
            fs::copy(other.key(), instance.key()).unwrap();
            refuse(&instance, BACK);
            assert_eq!(fs::read(instance.key()).unwrap(), foreign, "{change}");
            put(&instance, &own);
        }
        execute(&db, "DELETE FROM settings WHERE name = 'key_mark_sealed'").await;
        execute(&db, "UPDATE settings SET name = 'plain' WHERE name = 'set_up_code_sealed'").await;
        fs::remove_file(instance.key()).unwrap();
        refuse(&instance, BACK);
        assert!(!instance.key().exists());

        put(&instance, &own);
        execute(&db, "UPDATE settings SET name = 'set_up_code_sealed' WHERE name = 'plain'").await;
        assert_eq!(code(&instance), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_is_made_with_a_new_database_and_one_that_is_there_is_used() {
    for instance in Instance::each() {
        for command in [COMMANDS[2], COMMANDS[3]] {
            if instance.beside().is_none() {
                refused(&instance.run(command), "there is no database");
                assert!(!instance.data().exists(), "a typing error makes no instance");
            }
        }
        // As after a crash between the two.
        let first = code(&Instance::sqlite());
        fs::create_dir(instance.data()).unwrap();
        drop(instance.db().await);
        fs::set_permissions(instance.data(), Permissions::from_mode(0o700)).unwrap();
        assert_ne!(code(&instance), first);

        let second = Instance::sqlite();
        fs::create_dir(second.data()).unwrap();
        fs::set_permissions(second.data(), Permissions::from_mode(0o700)).unwrap();
        fs::copy(instance.key(), second.key()).unwrap();
        code(&second);
        assert_eq!(fs::read(second.key()).unwrap(), fs::read(instance.key()).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_starts_while_the_key_is_being_changed_is_refused_before_the_key_is_read() {
    for instance in Instance::each() {
        let before = code(&instance);
        let db = instance.db().await;
        // The change has the lock and waits for the database.
        let (rotating, early) = match &db {
            Db::Sqlite(pool) => {
                let tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
                let ran = start_meanwhile(&instance);
                tx.rollback().await.unwrap();
                ran
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                sqlx::query("LOCK TABLE settings IN ACCESS EXCLUSIVE MODE").execute(&mut *tx).await.unwrap();
                let ran = start_meanwhile(&instance);
                tx.rollback().await.unwrap();
                ran
            }
        };
        for (command, ran) in COMMANDS.iter().zip(early) {
            let second_change = command[0] == "rotate-key";
            refused(&ran, if second_change { "stop it first" } else { "its key is being changed" });
        }
        let done = Ran::from(rotating.wait_with_output().unwrap());
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(code(&instance), before);
    }
}

fn start_meanwhile(instance: &Instance) -> (std::process::Child, Vec<Ran>) {
    let rotating = instance.command(&["rotate-key"]).spawn().unwrap();
    // Seen from outside: a look by taking the lock would be in its way.
    let holds = |line: &str| line.contains("FLOCK") && line.contains(&format!(" WRITE {} ", rotating.id()));
    let patience = Instant::now() + Duration::from_mins(1);
    while !fs::read_to_string("/proc/locks").unwrap().lines().any(holds) {
        assert!(Instant::now() < patience, "the key is not being changed");
        std::thread::yield_now();
    }
    let early = COMMANDS.iter().map(|command| instance.run(command)).collect();
    (rotating, early)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_and_a_change_of_the_key_at_the_same_time_leave_one_key_that_opens_everything() {
    for instance in Instance::each() {
        let before = code(&instance);
        for _ in 0..5 {
            let rotating = instance.command(&["rotate-key"]).spawn().unwrap();
            let served = instance.serve();
            let rotated = Ran::from(rotating.wait_with_output().unwrap());
            match (&served, rotated.code) {
                (Ok(_), Some(0 | 2)) | (Err(_), Some(0)) => {}
                _ => panic!("{rotated:?}, {:?}", served.err()),
            }
            if let Err(ran) = &served {
                refused(ran, "its key is being changed");
            }
            assert_eq!(code(&instance), before);
        }
    }
}

#[test]
fn a_change_of_the_key_waits_for_no_server_and_takes_it_from_none() {
    for instance in Instance::each() {
        code(&instance);
        let _server = instance.serve().unwrap();
        let key = fs::read(instance.key()).unwrap();
        refused(&instance.run(&["rotate-key"]), "stop it first");
        // The same from another machine with the same database.
        if let Some(other) = instance.beside() {
            fs::create_dir(other.data()).unwrap();
            fs::copy(instance.key(), other.key()).unwrap();
            fs::set_permissions(other.data(), Permissions::from_mode(0o700)).unwrap();
            refused(&other.run(&["rotate-key"]), "stop it first");
        }
        assert_eq!(fs::read(instance.key()).unwrap(), key);
    }
}

#[test]
fn many_who_start_first_get_one_key_and_a_stranger_to_it_leaves_none_behind() {
    for instance in Instance::each() {
        let all: Vec<_> = (0..4).map(|_| instance.command(&["setup-code"]).spawn().unwrap()).collect();
        let other = instance.beside();
        let elsewhere = other.as_ref().map(|other| other.run(&["setup-code"]));
        let ran: Vec<Ran> =
            all.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap())).collect();
        let Some((other, elsewhere)) = other.zip(elsewhere) else {
            assert!(ran.iter().all(|ran| ran.code == Some(0)), "{ran:?}");
            assert_eq!(fs::read_to_string(instance.key()).unwrap().lines().count(), 1);
            code(&instance);
            continue;
        };
        // One machine was first; the other one is told, and has no key that opens nothing.
        let (first, second) =
            if elsewhere.code == Some(0) { (&other, &instance) } else { (&instance, &other) };
        code(first);
        refused(&second.run(&["setup-code"]), BACK);
        assert!(first.key().exists() && !second.key().exists());
    }
}

#[test]
fn of_sqlite_there_is_one_server_at_a_time() {
    let instance = Instance::sqlite();
    let _server: Serving = instance.serve().unwrap();
    let second = instance.run(&["serve"]);
    refused(&second, "a server runs on it already");
    let data = instance.data().display().to_string();
    refused(
        &instance.run(&["demo", "--listen", "127.0.0.1:0", "--data", &data]),
        "a server runs on it already",
    );
    code(&instance);
}
