use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::site;
use crate::workspace::{Profile, Workspace};

pub fn build(workspace: &Workspace, profile: Profile) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building the server");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--bin", "acequia"]);
    match profile {
        // With the features that the tests settle on: of 580 units 3 are built again for them, instead of 71.
        Profile::Dev => cargo.args(["--workspace", "--exclude", "xtask"]),
        Profile::Release => cargo.args(["--package", "server", "--release"]),
    };
    run_command(&mut cargo)?;
    say(format_args!("{}", workspace.binary(profile).display()));
    Ok(())
}

/// Builds and runs the demo until it is interrupted.
pub fn run(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    build(workspace, Profile::Dev)?;
    run_command(Command::new(workspace.binary(Profile::Dev)).arg("demo").args(options))
}
