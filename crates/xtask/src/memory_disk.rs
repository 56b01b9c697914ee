use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{output, say};

/// Linux keeps this folder in memory.
const FOLDER: &str = "/dev/shm";
/// Tests keep some hundred megabytes there at a time.
const ROOM: u64 = 4 << 20;

/// Where the tests put their files: a disk takes milliseconds for each commit that waits for it, and no test is about a
/// power cut. `None`: wherever temporary files go.
pub fn folder() -> Option<PathBuf> {
    let told = output(Command::new("df").args(["-k", "--output=avail", FOLDER])).ok()?;
    let kilobytes: u64 = told.lines().last()?.trim().parse().ok()?;
    let folder = Path::new(FOLDER);
    if kilobytes < ROOM {
        return None;
    }
    say(format_args!("files of the tests are kept in memory, in {FOLDER}"));
    Some(folder.to_owned())
}
