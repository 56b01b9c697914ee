use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use anyhow::{Context, bail};

use crate::shell::{find, is_root, output, run, say};

/// A throw-away PostgreSQL for one test run: own folder, own port, gone when dropped.
pub struct Postgres {
    child: Child,
    data: PathBuf,
    port: u16,
}

/// Where `initdb` and `postgres` are; Debian keeps them off `PATH`, one folder per version.
pub fn folder() -> Option<PathBuf> {
    if let Some(initdb) = find("initdb") {
        return initdb.parent().map(Path::to_owned);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let bin = |entry: fs::DirEntry| entry.path().join("bin");
    versions.flatten().map(bin).filter(|bin| bin.join("initdb").is_file()).max()
}

impl Postgres {
    /// Makes a database below this folder and waits until it says that it is ready.
    pub fn start(programs: &Path, folder: &Path) -> anyhow::Result<Self> {
        let data = folder.join(format!("acequia-postgres-{}", std::process::id()));
        fs::create_dir(&data).with_context(|| format!("cannot make `{}`", data.display()))?;
        if is_root() {
            // PostgreSQL refuses to run as root, and wants to own its folder.
            run(Command::new("chown").arg("postgres:").arg(&data))?;
        }
        let initdb = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"];
        output(as_postgres(programs.join("initdb")).arg("-D").arg(&data).args(initdb))?;

        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = as_postgres(programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        // Nothing here has to survive a power cut.
        let settings = [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_wal_size=256MB",
            "max_connections=300",
        ];
        for setting in settings {
            server.args(["-c", setting]);
        }
        let mut child = server.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let log = child.stderr.take().context("stderr is piped")?;
        let started = Self { child, data, port };
        wait_until_ready(log)?;
        say(format_args!("PostgreSQL for the tests on port {port}"));
        Ok(started)
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: roll back, disconnect, stop.
        let asked = output(Command::new("kill").args(["-INT", &self.child.id().to_string()]));
        if asked.and_then(|_| Ok(self.child.wait()?)).is_err() {
            say(format_args!("PostgreSQL did not stop, process {}", self.child.id()));
        }
        if let Err(error) = fs::remove_dir_all(&self.data) {
            say(format_args!("`{}` stays: {error}", self.data.display()));
        }
    }
}

/// Runs as user postgres when we are root, and never outlives us.
fn as_postgres(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]).current_dir("/");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program);
    command
}

/// Reads on after that in a thread, because a full pipe would stop the server.
fn wait_until_ready(log: impl std::io::Read + Send + 'static) -> anyhow::Result<()> {
    let mut lines = BufReader::new(log).lines();
    let mut said = String::new();
    for line in lines.by_ref() {
        let line = line?;
        if line.ends_with("database system is ready to accept connections") {
            thread::spawn(move || lines.for_each(drop));
            return Ok(());
        }
        said = said + &line + "\n";
    }
    bail!("PostgreSQL did not start:\n{said}")
}
