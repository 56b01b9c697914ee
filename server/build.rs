//! New migrations and site files are compiled in, and what `--version` says.

#[path = "build/commit.rs"]
mod commit;

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
    println!("cargo:rerun-if-changed=../target/site");
    println!("cargo:rerun-if-changed=../docs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-env-changed=ACEQUIA_COMMIT");
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let named = std::env::var("ACEQUIA_COMMIT").ok();
    // Only what is given to others says where it comes from by itself: otherwise each commit would build everything anew.
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let root = Path::new("..");
    let commit = if is_release || named.is_some() { commit::commit(root, named) } else { None };
    if let Some(log) = commit::log_of_commits(root).filter(|_| is_release) {
        println!("cargo:rerun-if-changed=../{log}");
    }
    let version = commit.map_or_else(|| version.clone(), |commit| format!("{version} ({commit})"));
    // Not `ACEQUIA_…`: cargo hands it to what its tests start too, and the app refuses settings that it does not know.
    println!("cargo:rustc-env=VERSION_WITH_COMMIT={version}");
}
