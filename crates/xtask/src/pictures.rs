use crate::shell::{find, run, say};
use crate::workspace::{Profile, Workspace};
use crate::{browser, demo};

/// The README's pictures, taken by the journey that knows how to walk through the demo.
pub fn take(workspace: &Workspace) -> anyhow::Result<()> {
    if find("chromium").is_none() {
        anyhow::bail!("pictures need chromium; `cargo xtask test` installs it");
    }
    browser::prepare(workspace);
    demo::build(workspace, Profile::Dev)?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--package", "end2end", "--bin", "pictures"]);
    run(cargo
        .env("ACEQUIA_TEST_BIN", workspace.binary(Profile::Dev))
        .arg("--")
        .arg(workspace.root.join("end2end/pictures")))?;
    say("pictures are in end2end/pictures");
    Ok(())
}
