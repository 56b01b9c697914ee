//! `acequia backup` and `restore`, as somebody runs them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use server::on;
use server::store::Db;

use super::fill;
use crate::harness::instance::{Instance, Ran};
use crate::harness::rows;

/// One that was started once.
fn started() -> Vec<Instance> {
    let all = Instance::each();
    for instance in &all {
        good(&instance.run(&["setup-code"]));
    }
    all
}

fn good(ran: &Ran) -> &str {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    &ran.err
}

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains(sentence), "{sentence}: {ran:?}");
}

fn to(file: &Path) -> [&str; 3] {
    ["backup", "--to", file.to_str().unwrap()]
}

fn from(file: &Path) -> [&str; 3] {
    ["restore", "--from", file.to_str().unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_is_restored_into_an_empty_place_and_names_its_key() {
    for instance in started() {
        let code = instance.run(&["setup-code"]).out;
        let server = instance.serve().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        let said = instance.run(&to(&file));
        let key = fs::read_to_string(instance.key()).unwrap();
        let (_, id) = good(&said).split_once("need the key `").unwrap();
        let id = id.split('`').next().unwrap().to_owned();
        assert_eq!(id.len(), 8, "{said:?}");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(
            !fs::read(&file).unwrap().windows(20).any(|part| key.as_bytes().windows(20).any(|k| k == part))
        );
        let db = instance.db().await;
        let now = model::Timestamp::from_micros(i64::MAX / 2);
        assert!(db.last_backup(now).await.unwrap().is_some(), "the instance knows of it");
        refused(&instance.run(&from(&file)), "in use");
        drop(server);
        refused(&instance.run(&from(&file)), "already");

        for other in Instance::each() {
            let told = other.run(&from(&file));
            assert!(good(&told).contains(&format!("need the key `{id}`")), "{told:?}");
            let missing = other.run(&["setup-code"]);
            refused(&missing, "the key file");
            fs::copy(instance.key(), other.key()).unwrap();
            assert_eq!(other.run(&["setup-code"]).out, code, "the same instance");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_leaves_the_one_of_before_and_the_next_one_is_whole() {
    for instance in started() {
        let db = instance.db().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.db");
        good(&instance.run(&to(&file)));
        let before = fs::read(&file).unwrap();
        fill(&db, 30_000).await;
        let mut child = instance.command(&to(&file)).spawn().unwrap();
        let part = folder.path().join("backup.db.part");
        let patience = Instant::now() + Duration::from_mins(1);
        // Something stands in it, and the last of it is long to come.
        while !fs::metadata(&part).is_ok_and(|part| part.len() > 1 << 20) {
            assert!(Instant::now() < patience && child.try_wait().unwrap().is_none(), "it writes nothing");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(part.exists(), "it was killed half-way");
        assert!(fs::read(&file).unwrap() == before, "the one of before is as it was");
        refused(&Instance::sqlite().run(&from(&part)), "nothing was restored");

        good(&instance.run(&to(&file)));
        assert!(!part.exists());
        let other = Instance::sqlite();
        good(&other.run(&from(&file)));
        let mut stored = rows::all(&db).await;
        let mut restored = rows::all(&other.db().await).await;
        // Where it is kept that one was made.
        for rows in [&mut stored, &mut restored] {
            rows.get_mut("settings").unwrap().retain(|row| !row.contains("last_backup"));
        }
        assert!(stored["settings"].len() > 30_000);
        assert!(stored == restored);
    }
}

#[test]
fn what_is_no_whole_backup_of_this_version_and_key_is_restored_nowhere() {
    let instance = &started()[0];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    good(&instance.run(&to(&file)));
    let whole = fs::read(&file).unwrap();
    let restore = |what: &[u8], sentence: &str| {
        for other in Instance::each() {
            let broken = folder.path().join("broken.db");
            fs::write(&broken, what).unwrap();
            refused(&other.run(&from(&broken)), sentence);
            assert!(!other.data().join("acequia.db").exists());
            // Nothing of it is in the way of the right one.
            good(&other.run(&from(&file)));
        }
    };
    restore(b"a list of songs", "nothing was restored");
    restore(&[], "is no backup of an Acequia");
    restore(&whole[..whole.len() / 2], "nothing was restored");
    let mut scratched = whole.clone();
    let at = whole.len() / 2;
    scratched[at..at + 4_000].fill(0xAA);
    restore(&scratched, "nothing was restored");

    // The key of another instance.
    let other = Instance::sqlite();
    good(&other.run(&["setup-code"]));
    fs::remove_file(other.data().join("acequia.db")).unwrap();
    refused(&other.run(&from(&file)), "is not the one of this backup, which needs the key");
    assert!(!other.data().join("acequia.db").exists());
    refused(&Instance::sqlite().run(&from(Path::new("/nowhere/at-all.db"))), "/nowhere/at-all.db");
}

#[test]
fn a_file_that_is_no_backup_is_not_overwritten() {
    let instance = &started()[0];
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("songs", &b"a list of songs"[..]), ("empty", b"")] {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        refused(&instance.run(&to(&file)), "is there already and is no backup");
        assert_eq!(fs::read(&file).unwrap(), content);
    }
    // Least of all the database itself.
    let own = instance.data().join("acequia.db");
    refused(&instance.run(&to(&own)), "is there already and is no backup");
    refused(&Instance::sqlite().run(&to(&folder.path().join("new"))), "there is no database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_database_file_right_after_the_first_start_is_not_empty() {
    let instance = Instance::sqlite();
    let _server = instance.serve().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    let copy = folder.path().join("acequia.db");
    // The file alone, as somebody copies it who does not know what is beside it.
    fs::copy(instance.data().join("acequia.db"), &copy).unwrap();
    let db = Db::connect_sqlite(&copy).await.unwrap();
    assert!(!db.schema().await.unwrap().is_new());
    let sealed: Vec<(String,)> =
        on!(&db, pool => sqlx::query_as("SELECT name FROM settings ORDER BY name").fetch_all(pool).await)
            .unwrap();
    let names: Vec<&str> = sealed.iter().map(|(name,)| name.as_str()).collect();
    assert!(names.contains(&"key_mark_sealed") && names.contains(&"set_up_code_sealed"), "{names:?}");
}
