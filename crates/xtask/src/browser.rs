use std::process::{Command, Stdio};

use crate::files;
use crate::shell::{find, run, say};
use crate::workspace::Workspace;

/// Brings what `end2end/package-lock.json` names, when that is newer than what is there.
pub fn prepare(workspace: &Workspace) {
    let folder = workspace.root.join("end2end");
    // npm writes this file last.
    let installed = folder.join("node_modules/.package-lock.json");
    if !files::is_stale(&installed, &folder.join("package-lock.json")) {
        return;
    }
    if find("npm").is_none() {
        say("skipping journeys in a real browser: no `npm`, which comes with node 20 or later");
        return;
    }
    say("npm ci in end2end: browser driver, axe, sign-in provider");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    if let Err(error) = run(npm.stdin(Stdio::null()).stdout(std::io::stderr())) {
        say(format_args!("skipping journeys in a real browser: {error:#}"));
    }
}
