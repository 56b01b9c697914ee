use std::path::Path;
use std::process::Stdio;

use anyhow::Context;

use crate::postgres::{self, Postgres};
use crate::shell::{run as run_command, say};
use crate::workspace::{Profile, Workspace};
use crate::{browser, machine, memory_disk, permitted, site};

/// All tests, on a machine that may be fresh. The last thing printed is what `cargo test` prints.
pub fn run(workspace: &Workspace, filter: &[String]) -> anyhow::Result<()> {
    machine::prepare();
    browser::prepare(workspace);
    permitted::tell(workspace);
    site::build(workspace)?;
    if filter.is_empty() {
        run_command(workspace.cargo().args(["test", "--package", "xtask"]))?;
    }
    let memory = memory_disk::folder();
    let postgres = database(memory.clone().unwrap_or_else(std::env::temp_dir).as_path());

    // One call for all crates: their features are settled together, nothing is built twice. Without xtask, whose
    // running program would be built anew with the features of the others.
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--exclude", "xtask", "--no-fail-fast"]).args(filter);
    // `ACEQUIA_TEST_…` is no setting to the app, which refuses variables that it does not know.
    cargo.env("ACEQUIA_TEST_BIN", workspace.binary(Profile::Dev)).stdin(Stdio::null());
    if let Some(folder) = memory {
        cargo.env("TMPDIR", folder);
    }
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        cargo.env("RUST_TEST_THREADS", threads().to_string());
    }
    if let Some(postgres) = &postgres {
        cargo.env("ACEQUIA_TEST_POSTGRES", postgres.url());
    }
    let result = run_command(&mut cargo);
    drop(postgres);
    result.context("there are failing tests")
}

/// Half as many again as there are cores: a third of the time tests wait, for a process that was killed or a database.
fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores + cores.div_ceil(2)
}

/// A missing PostgreSQL was said by [`machine::prepare`]; one that does not start is a line of its own.
fn database(folder: &Path) -> Option<Postgres> {
    let programs = postgres::folder()?;
    Postgres::start(&programs, folder)
        .inspect_err(|error| say(format_args!("skipping store tests on PostgreSQL: {error:#}")))
        .ok()
}
