//! What is kept is for one user, whatever the umask, and a start names what is not.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::instance::{Instance, Ran, Serving};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn with_umask(umask: &str) -> [&str; 4] {
    ["sh", "-c", "umask $0; exec \"$@\"", umask]
}

#[test]
fn whatever_is_kept_is_for_its_owner_only_whatever_the_umask() {
    for umask in ["000", "022", "277"] {
        let instance = Instance::with("");
        let data = instance.data();
        let server = Serving::start(instance.command_through(&with_umask(umask), &["serve"])).unwrap();
        assert_eq!(mode(&data), 0o700, "umask {umask}");
        let kept = files(&data);
        for name in ["acequia.db", "acequia.db-wal", "acequia.db-shm", "key", "lock", "server.lock"] {
            assert!(kept.contains(&data.join(name)), "{name} is not among {kept:?}");
        }
        for file in kept {
            assert_eq!(mode(&file), 0o600, "{} under umask {umask}", file.display());
        }
        drop(server);
        let rotated = instance.command_through(&with_umask(umask), &["rotate-key"]).output().unwrap();
        assert!(rotated.status.success(), "{rotated:?}");
        assert!(files(&data).iter().all(|file| mode(file) == 0o600), "after a change of the key");
    }
}

#[test]
fn a_demo_keeps_its_data_as_private_and_so_does_a_database_elsewhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    let database = elsewhere.path().join("other.db");
    let instance = Instance::with(&format!("database = 'sqlite:{}'\n", database.display()));
    let _server = Serving::start(instance.command_through(&with_umask("000"), &["serve"])).unwrap();
    let kept = files(elsewhere.path());
    assert!(kept.len() >= 3 && kept.iter().all(|file| mode(file) == 0o600), "{kept:?}");

    let data = tempfile::tempdir().unwrap();
    // An empty folder that is there already becomes private.
    fs::set_permissions(data.path(), Permissions::from_mode(0o755)).unwrap();
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--data", data.path().to_str().unwrap()];
    let _demo = Serving::start(instance.command_through(&with_umask("000"), &arguments)).unwrap();
    assert_eq!(mode(data.path()), 0o700);
    assert!(files(data.path()).iter().all(|file| mode(file) == 0o600), "{:?}", files(data.path()));
}

#[test]
fn whatever_is_open_to_others_is_named_at_start_with_the_command_that_mends_it() {
    let instance = Instance::sqlite();
    drop(instance.serve().unwrap());
    let data = instance.data();
    // Killed, so that the files beside the database are still there.
    let mut wide = files(&data);
    assert!(wide.contains(&data.join("acequia.db-wal")), "{wide:?}");
    wide.push(data.clone());
    for path in wide {
        let private = mode(&path);
        for bits in [0o004, 0o040, 0o020] {
            fs::set_permissions(&path, Permissions::from_mode(private | bits)).unwrap();
            for command in ["serve", "setup-code", "rotate-key"] {
                let Ran { code, err, .. } = instance.run(&[command]);
                assert_eq!(code, Some(2), "{command}, {}: {err}", path.display());
                let mends = format!("chmod {private:o} {}", path.display());
                assert!(err.contains(&mends), "{command}: {mends} is not in {err}");
            }
        }
        let mends = format!("chmod {private:o} '{}'", path.display());
        assert!(Command::new("sh").args(["-c", &mends]).status().unwrap().success());
    }
    assert_eq!(instance.run(&["setup-code"]).code, Some(0));
}
