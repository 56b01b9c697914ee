use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::shell::{output, run, say};
use crate::workspace::Workspace;
use crate::{files, shell};

const TARGET: &str = "wasm32-unknown-unknown";
/// One profile everywhere, so that sizes are true and it is built once.
const PROFILE: &str = "wasm-release";

/// Compiles the islands and writes `app.js` and `app_bg.wasm`, the names that Leptos asks for.
pub fn build(workspace: &Workspace) -> anyhow::Result<()> {
    ensure_target()?;
    say("building the islands for the browser");
    run(workspace
        .cargo()
        .args(["rustc", "--package", "app", "--lib", "--crate-type", "cdylib", "--target", TARGET])
        .args(["--profile", PROFILE, "--features", "hydrate"]))?;

    let wasm = workspace.target.join(TARGET).join(PROFILE).join("app.wasm");
    let folder = workspace.site().join("pkg");
    if files::is_stale(&folder.join("app_bg.wasm"), &wasm) {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(&wasm).web(true)?.typescript(false);
        bindgen.remove_name_section(true).remove_producers_section(true).debug(false);
        bindgen.generate(&folder)?;
    }
    Ok(())
}

/// Only rustup can add a target; without it the person who installed Rust has to.
fn ensure_target() -> anyhow::Result<()> {
    let installed = output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    if std::path::Path::new(&installed).is_dir() {
        return Ok(());
    }
    if shell::find("rustup").is_none() {
        anyhow::bail!("the target `{TARGET}` is missing and there is no rustup to add it; install it first");
    }
    say(format_args!("adding the target {TARGET} with rustup"));
    run(Command::new("rustup").args(["target", "add", TARGET]))
}
