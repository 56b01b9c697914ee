use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::site;
use crate::workspace::{Profile, Workspace};

pub fn build(workspace: &Workspace, profile: Profile) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building the server");
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "server", "--bin", "acequia"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    run_command(&mut cargo)?;
    say(format_args!("{}", workspace.binary(profile).display()));
    Ok(())
}

/// Builds and runs the demo until it is interrupted.
pub fn run(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    build(workspace, Profile::Dev)?;
    run_command(Command::new(workspace.binary(Profile::Dev)).arg("demo").args(options))
}
