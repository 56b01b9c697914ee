use std::process::Command;

use crate::shell::{output, run as run_command, say};
use crate::workspace::Workspace;

/// Kept equal to what the reasons in `.cargo/mutants.toml` were written for: other versions make other mutants.
const VERSION: &str = "27.1.0";

/// What decides about shares, and the tests that have to notice when it decides otherwise.
struct Part {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    tests: &'static [&'static str],
}

const PARTS: [Part; 4] = [
    Part { name: "model", package: "model", files: &["crates/model/src/**"], tests: &[] },
    Part {
        name: "policy",
        package: "policy",
        files: &["crates/policy/src/share/**", "crates/policy/src/posture.rs"],
        tests: &["--lib", "--test", "share", "--test", "engine"],
    },
    Part { name: "sharing", package: "sharing", files: &["crates/sharing/src/**"], tests: &[] },
    Part {
        name: "server",
        package: "server",
        files: &[
            "server/src/shares/**",
            "server/src/jobs/share.rs",
            "server/src/jobs/drift.rs",
            "server/src/use_cases/review.rs",
        ],
        tests: &["--test", "it", "share_"],
    },
];

/// Changes the code in place, one change after the other, and takes each back: do not edit meanwhile. Fails when a change
/// is noticed by no test; what is left alone stands with its reason in `.cargo/mutants.toml`.
pub fn run(workspace: &Workspace, which: &[String]) -> anyhow::Result<()> {
    for name in which {
        anyhow::ensure!(
            PARTS.iter().any(|part| part.name == name),
            "there are: model, policy, sharing, server"
        );
    }
    let tool = workspace.target.join("tools/bin/cargo-mutants");
    if !output(Command::new(&tool).args(["mutants", "--version"])).is_ok_and(|said| said.contains(VERSION)) {
        say("installing cargo-mutants");
        let build = workspace.target.join("tools/build");
        let mut cargo = workspace.cargo();
        cargo
            .args(["install", "--quiet", "--locked", "--debug"])
            .arg("--root")
            .arg(workspace.target.join("tools"));
        run_command(cargo.arg("--target-dir").arg(build).arg(format!("cargo-mutants@{VERSION}")))?;
    }
    for part in PARTS.iter().filter(|part| which.is_empty() || which.iter().any(|name| name == part.name)) {
        say(format_args!("mutants of {}", part.name));
        let mut mutants = Command::new(&tool);
        mutants.args(["mutants", "--in-place", "--package", part.package]).current_dir(&workspace.root);
        mutants.arg("--output").arg(workspace.target.join("mutants").join(part.name));
        for file in part.files {
            mutants.args(["--file", file]);
        }
        std::fs::create_dir_all(workspace.target.join("mutants").join(part.name))?;
        run_command(mutants.arg("--").args(part.tests))?;
    }
    Ok(())
}
