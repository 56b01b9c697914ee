//! A PostgreSQL server of a test's own, which it may stop.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Gone when dropped.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// None without PostgreSQL on this machine.
    pub fn start() -> Option<Self> {
        // Debian keeps them off `PATH`, one folder per version.
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let folders = versions.map(|version| version.path().join("bin"));
        let Some(programs) = folders.filter(|folder| folder.join("pg_ctl").is_file()).max() else {
            eprintln!("skipping a PostgreSQL that stops: it is not installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { programs, folder: tempfile::tempdir().unwrap(), port };
        if is_root() {
            // It refuses to run as root.
            run(Command::new("chown").arg("postgres:").arg(cluster.folder.path()));
        }
        let init = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"];
        run(cluster.program("initdb").arg("-D").arg(cluster.data()).args(init));
        cluster.resume();
        Some(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Waits until it takes connections.
    pub fn resume(&self) {
        let options =
            format!("-h 127.0.0.1 -p {} -k {} -c fsync=off", self.port, self.folder.path().display());
        let log = self.folder.path().join("log");
        run(self.control().arg("start").arg("-l").arg(log).arg("-o").arg(options));
    }

    /// It ends every connection, as for an upgrade.
    pub fn stop(&self) {
        run(self.control().args(["stop", "-m", "fast"]));
    }

    fn control(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("-D").arg(self.data()).args(["-w", "-t", "120"]);
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
            .arg(program)
            .current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self
            .control()
            .args(["stop", "-m", "immediate"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

fn run(command: &mut Command) {
    // No pipes: the server would keep them open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(Path::new("/proc/self")).unwrap()) == 0
}
