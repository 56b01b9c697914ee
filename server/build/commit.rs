//! Which commit is built: for the build script, and for the test of it.

use std::path::Path;
use std::process::Command;

/// The commit as whoever builds names it, or as git tells of the checkout; none in an unpacked archive, also where that lies
/// in a checkout of something else.
pub fn commit(root: &Path, named: Option<String>) -> Option<String> {
    let named = named.map(|commit| commit.trim().to_owned()).filter(|commit| !commit.is_empty());
    named.or_else(|| git(root, &["rev-parse", "--short=12", "HEAD"]))
}

/// Changes with every commit.
pub fn log_of_commits(root: &Path) -> Option<String> {
    git(root, &["rev-parse", "--git-path", "logs/HEAD"])
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    if !root.join(".git").exists() {
        return None;
    }
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
