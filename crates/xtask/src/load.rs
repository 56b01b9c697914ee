use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::site;
use crate::workspace::{Profile, Workspace};

/// Builds releases of the app and of what asks it, because a debug build is slow in other places, and puts the one under
/// the load of the other.
pub fn run(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building releases of the app and of its load");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "server", "--package", "load", "--bins"]);
    run_command(&mut cargo)?;
    let app = workspace.binary(Profile::Release);
    run_command(Command::new(app.with_file_name("load")).arg(&app).args(options))
}
