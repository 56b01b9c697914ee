use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::workspace::{Profile, Workspace};

/// Makes the named world with so many machines, for `acequia demo --world` and for measurements.
pub fn make(workspace: &Workspace, machines: &str) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo();
    // With the features that the tests settle on, as in `demo`.
    run_command(cargo.args(["build", "--workspace", "--exclude", "xtask", "--bin", "world"]))?;
    let file = workspace.target.join(format!("worlds/{machines}.json"));
    run_command(
        Command::new(workspace.binary(Profile::Dev).with_file_name("world")).arg(machines).arg(&file),
    )?;
    say(format_args!("acequia demo --world {}", file.display()));
    Ok(())
}
