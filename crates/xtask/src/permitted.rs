//! What this machine does not let tests do. A test that skips itself says so too, but what a passing test prints is
//! not shown.

use std::path::Path;
use std::process::Command;

use crate::shell::{is_root, output, say};
use crate::workspace::Workspace;

/// One line for each part that will not run.
pub fn tell(workspace: &Workspace) {
    let namespaces = |form| {
        // Both: a namespace, and a mount of its own inside it.
        let probe = ["sh", "-c", "mount -t tmpfs none /run"];
        output(Command::new("unshare").arg(form).args(probe)).is_ok()
    };
    if !namespaces("-nm") && !namespaces("-rnm") {
        say(
            "skipping the firewall tests with real tools and packets: network and mount namespaces are not permitted here",
        );
    } else if !is_root() {
        say("skipping what ufw and firewalld do for real: they need root, a namespace of users does not do");
    }
    let disk = ["-nm", "sh", "-c", "mount -t tmpfs none /run"];
    if !is_root() || output(Command::new("unshare").args(disk)).is_err() {
        say("skipping what happens on a full disk: mounting a small one is not permitted here");
    }
    let vectors = std::env::var_os("ACEQUIA_VECTORS").is_some_and(|folder| Path::new(&folder).is_dir());
    if !vectors {
        say("skipping captures of the real control plane: ACEQUIA_VECTORS names no folder");
    }
    if !workspace.target.join("tools/bin/cargo-deny").exists() {
        say("skipping what .ci/advisories does: no cargo-deny, which .ci/run builds");
    }
    let mut node = Command::new("node");
    node.args(["-e", "require.resolve('minecraft-protocol')"]).current_dir(workspace.root.join("end2end"));
    if output(&mut node).is_err() {
        say(
            "a small responder takes the place of a real Minecraft server: npm's minecraft-protocol (455 MB) is not installed",
        );
    }
}
