use anyhow::Context;

use crate::shell::{run as run_command, say};
use crate::workspace::Workspace;

/// Random worlds when nothing else is asked for; a test run has time for two thousand.
const USUAL: u64 = 100_000;

/// Asks the policy engine and the naive evaluator the same in many more random worlds than a test run has time for.
/// `ACEQUIA_RANDOM_SEED=N` begins elsewhere; a world that they do not agree on is named by its seed.
pub fn run(workspace: &Workspace, worlds: &[String]) -> anyhow::Result<()> {
    let worlds = match worlds {
        [] => USUAL,
        [number] => number.parse::<u64>().with_context(|| format!("`{number}` is no number of worlds"))?,
        _ => anyhow::bail!("one number of worlds is enough"),
    };
    say(format_args!("the policy engine and the naive evaluator in {worlds} random worlds"));
    let mut cargo = workspace.cargo();
    // Without link-time optimisation: it takes longer than it saves.
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    cargo.args(["test", "--release", "--package", "policy", "--test", "agreement", "--", "--nocapture"]);
    run_command(cargo.env("ACEQUIA_RANDOM_WORLDS", worlds.to_string()))
}
