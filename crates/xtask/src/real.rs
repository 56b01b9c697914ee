use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::site;
use crate::workspace::{Profile, Workspace};

/// The app on a real Headscale with real clients, in network namespaces. Where one of the programs is missing, that is said
/// in one line.
pub fn run(workspace: &Workspace, mode: &[String]) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building the app and the stage");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "server", "--package", "real", "--bins"]);
    run_command(&mut cargo)?;
    let app = workspace.binary(Profile::Dev);
    run_command(Command::new(app.with_file_name("real")).arg(&app).args(mode))
}
