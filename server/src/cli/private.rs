//! What is kept is for the user whom the app runs as, and nobody else.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::{Config, Database};

/// Bits for everybody but the owner.
const OTHERS: u32 = 0o077;

/// Makes the data folder. An empty one that is there becomes private: nobody uses it for anything else.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(data: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.with_context(|| format!("cannot make the data folder `{}`", data.display()))?;
    let is_empty = fs::read_dir(data).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty && for_others(data)? {
        // Where this is not allowed, the check says so.
        let _ = fs::set_permissions(data, Permissions::from_mode(0o700));
    }
    Ok(())
}

/// Names everything kept that others may use, each with the command that mends it.
///
/// # Errors
/// When there is such a thing.
pub fn check(config: &Config) -> anyhow::Result<()> {
    let mut commands = Vec::new();
    for (path, mode) in kept(config) {
        if for_others(&path)? {
            commands.push(format!("`chmod {mode} {}`", path.display()));
        }
    }
    anyhow::ensure!(
        commands.is_empty(),
        "what is kept here can be used by others; run {}",
        commands.join(" and ")
    );
    Ok(())
}

fn kept(config: &Config) -> Vec<(PathBuf, &'static str)> {
    let mut all = vec![(config.data.clone(), "700")];
    let mut file = |path: PathBuf| all.push((path, "600"));
    file(config.key_file.clone());
    for lock in ["lock", "open.lock", "server.lock"] {
        file(config.data.join(lock));
    }
    if let Database::Sqlite(database) = &config.database {
        // What SQLite keeps beside a database (https://www.sqlite.org/tempfiles.html).
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = OsString::from(database);
            name.push(end);
            file(name.into());
        }
    }
    all
}

/// Whether there is such a file, and others may use it.
fn for_others(path: &Path) -> anyhow::Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.permissions().mode() & OTHERS != 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot look at `{}`", path.display())),
    }
}
