use crate::memory_disk;
use crate::shell::{run as run_command, say};
use crate::workspace::Workspace;

/// What is done when nothing else is asked for.
const USUAL: &str = "count=2000 steps=30";

/// Many more random histories than a test run has time for. `seed=N count=1` shows one again, `long=N` is one history of
/// so many steps.
pub fn run(workspace: &Workspace, words: &[String]) -> anyhow::Result<()> {
    let words = if words.is_empty() { USUAL.to_owned() } else { words.join(" ") };
    say(format_args!("random histories: {words}"));
    let mut cargo = workspace.cargo();
    // Without link-time optimisation: it takes longer than it saves.
    cargo.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    cargo.args([
        "test",
        "--release",
        "--package",
        "server",
        "--test",
        "it",
        "histories",
        "--",
        "--nocapture",
    ]);
    if let Some(folder) = memory_disk::folder() {
        cargo.env("TMPDIR", folder);
    }
    run_command(cargo.env("ACEQUIA_TEST_HISTORIES", words))
}
