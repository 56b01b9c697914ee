//! The binary with a folder of its own, as somebody runs it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::Arc;

use server::store::Db;
use tempfile::TempDir;

use super::database::{PostgresDatabase, postgres_server};

/// A configuration, and what is kept. Removed when dropped.
pub struct Instance {
    folder: TempDir,
    postgres: Option<Arc<PostgresDatabase>>,
}

impl Instance {
    pub fn sqlite() -> Self {
        Self::with("")
    }

    /// On SQLite, with more settings.
    pub fn with(settings: &str) -> Self {
        Self::on(None, settings)
    }

    pub fn postgres() -> Option<Self> {
        Some(Self::on(Some(Arc::new(PostgresDatabase::create(&postgres_server()?))), ""))
    }

    /// One on each kind of database.
    pub fn each() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres()].into_iter().flatten().collect()
    }

    /// On another machine with the same database, if it is one that machines can share.
    pub fn beside(&self) -> Option<Self> {
        self.postgres.clone().map(|database| Self::on(Some(database), ""))
    }

    fn on(postgres: Option<Arc<PostgresDatabase>>, settings: &str) -> Self {
        let one = Self { folder: tempfile::tempdir().unwrap(), postgres };
        let database = one
            .postgres
            .as_ref()
            .map(|database| format!("database = '{}'\n", database.url))
            .unwrap_or_default();
        let data = one.data().display().to_string();
        let text = format!(
            "base_url = 'https://gate.example.org'\nlisten = '127.0.0.1:0'\ndata = '{data}'\n{database}{settings}"
        );
        fs::write(one.config(), text).unwrap();
        one
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("acequia.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn key(&self) -> PathBuf {
        self.data().join("key")
    }

    /// What is in the database now.
    pub async fn db(&self) -> Db {
        match &self.postgres {
            Some(database) => Db::open_postgres(&database.url).await.unwrap(),
            None => Db::open_sqlite(&self.data().join("acequia.db")).await.unwrap(),
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_through(&[], arguments)
    }

    /// Run by another program, such as a shell.
    pub fn command_through(&self, through: &[&str], arguments: &[&str]) -> Command {
        let mut words =
            through.iter().copied().chain([env!("CARGO_BIN_EXE_acequia")]).chain(arguments.iter().copied());
        let mut command = Command::new(words.next().unwrap());
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin").env("ACEQUIA_CONFIG", self.config());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Serves, or says why not.
    pub fn serve(&self) -> Result<Serving, Ran> {
        Serving::start(self.command(&["serve"]))
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// A server that listens. Killed when dropped.
pub struct Serving {
    child: Child,
    /// Host and port.
    pub address: String,
    /// Read to the line that says so; kept, because a server that cannot log any more stops.
    log: BufReader<ChildStderr>,
}

impl Serving {
    pub fn start(mut command: Command) -> Result<Self, Ran> {
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut serving = Self { child, address: String::new(), log };
        let mut said = String::new();
        loop {
            let from = said.len();
            if serving.log.read_line(&mut said).unwrap() == 0 {
                let code = serving.child.wait().unwrap().code();
                return Err(Ran { code, out: String::new(), err: said });
            }
            if let Some((_, address)) = said[from..].split_once("listening on ") {
                address.trim().clone_into(&mut serving.address);
                return Ok(serving);
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
