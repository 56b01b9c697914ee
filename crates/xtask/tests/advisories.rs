//! `.ci/advisories` tells a hole in a dependency from a database that cannot be had: with the real cargo-deny, and a
//! database of our own, made as theirs is.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders up").to_owned()
}

/// The one that `.ci/run` built.
fn cargo_deny() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let program = root().join(target).join("tools/bin/cargo-deny");
    if !program.exists() {
        eprintln!("skipping advisories: no cargo-deny at {}; .ci/run builds it", program.display());
        return None;
    }
    Some(program)
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
    let output =
        Command::new("git").current_dir(folder).args(identity).args(arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}

/// Writes the one advisory of the database: about every version of `package`.
fn publish(repository: &Path, package: &str) {
    let all = repository.join("crates");
    if all.exists() {
        std::fs::remove_dir_all(&all).expect("it is there");
    }
    let place = all.join(package);
    std::fs::create_dir_all(&place).expect("a folder");
    let text = format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"{package}\"\ndate = \"2026-01-01\"\n\
         categories = [\"memory-corruption\"]\n\n[versions]\npatched = []\n```\n\n# Made up for a test\n\nNothing is wrong.\n"
    );
    std::fs::write(place.join("RUSTSEC-2026-0001.md"), text).expect("a file");
    git(repository, &["add", "--all"]);
    git(repository, &["commit", "--quiet", "--message", package]);
}

/// Serves the repositories below a folder; ends when dropped.
struct Daemon(Child);

impl Daemon {
    fn start(folder: &Path, port: u16) -> Self {
        // Not `git daemon`, which would start this one and leave it behind.
        let path = Command::new("git").arg("--exec-path").output().expect("git runs").stdout;
        let program = Path::new(String::from_utf8(path).expect("a path").trim()).join("git-daemon");
        let mut command = Command::new(program);
        command.arg("--export-all").arg(format!("--base-path={}", folder.display()));
        command.args(["--reuseaddr", "--listen=127.0.0.1", &format!("--port={port}")]);
        let daemon = Self(command.stderr(Stdio::null()).spawn().expect("git-daemon starts"));
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "git-daemon does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Our own configuration with another database.
fn config(folder: &Path, port: u16) -> PathBuf {
    let ours = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let kept = folder.join("kept");
    let section = format!(
        "[advisories]\ndb-urls = [\"git://localhost:{port}/database\"]\ndb-path = \"{}\"\n",
        kept.display()
    );
    let text = ours.replacen("[advisories]\n", &section, 1);
    assert_ne!(ours, text, "deny.toml has advisories");
    let file = folder.join("deny.toml");
    std::fs::write(&file, text).expect("a file");
    file
}

fn check(deny: &Path, config: &Path) -> (bool, String) {
    let output =
        Command::new(root().join(".ci/advisories")).arg(deny).arg(config).output().expect("bash runs");
    let words = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&words).into_owned())
}

#[test]
fn a_hole_fails_and_a_database_that_cannot_be_had_is_one_line() {
    let Some(deny) = cargo_deny() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let config = config(folder.path(), port);

    // Nothing listens there, and nothing was kept.
    let (passed, said) = check(&deny, &config);
    assert!(passed, "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("advisories: not checked, their database cannot be had ("), "{said}");

    // It is there, and about a crate that we do not use.
    let repository = folder.path().join("database");
    std::fs::create_dir(&repository).expect("a folder");
    git(&repository, &["init", "--quiet"]);
    publish(&repository, "no-crate-of-ours");
    let daemon = Daemon::start(folder.path(), port);
    let (passed, said) = check(&deny, &config);
    assert!(passed && said.contains("advisories ok"), "{said}");

    // About one that we do.
    publish(&repository, "serde");
    let (passed, said) = check(&deny, &config);
    assert!(!passed && said.contains("RUSTSEC-2026-0001"), "{said}");

    // It is away again: the one that was kept finds the same, and is said to be old.
    drop(daemon);
    let (passed, said) = check(&deny, &config);
    assert!(!passed && said.contains("RUSTSEC-2026-0001"), "{said}");
    assert!(said.starts_with("advisories: no newer database"), "{said}");
}

#[test]
fn a_configuration_that_is_none_is_no_closed_network() {
    let Some(deny) = cargo_deny() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deny.toml");
    std::fs::write(&file, "[advisories").expect("a file");
    let (passed, said) = check(&deny, &file);
    assert!(!passed, "{said}");
}
