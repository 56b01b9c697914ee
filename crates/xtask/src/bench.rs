use std::path::PathBuf;
use std::process::Command;

use crate::shell::{run as run_command, say};
use crate::site;
use crate::workspace::{Profile, Workspace};

/// Measures what pages cost in the named world. A release of the app is built, or one is named that is there already:
/// so two versions are measured by the same hand.
pub fn run(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    let (named, options) = match options {
        [option, path, rest @ ..] if option == "--binary" => (Some(PathBuf::from(path)), rest),
        all => (None, all),
    };
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--package", "load", "--bin", "bench"]);
    if named.is_none() {
        site::build(workspace)?;
        cargo.args(["--package", "server", "--bin", "acequia"]);
    }
    say("building what measures, and what is measured");
    run_command(&mut cargo)?;
    let release = workspace.binary(Profile::Release);
    let app = named.unwrap_or_else(|| release.clone());
    run_command(Command::new(release.with_file_name("bench")).arg(app).args(options))
}
