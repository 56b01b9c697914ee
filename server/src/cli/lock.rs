//! Who uses the data folder: servers share it, a change of the key wants it alone.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::Context as _;

/// Held as long as the folder is used.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// # Errors
/// While its key is being changed.
pub fn share(data: &Path) -> anyhow::Result<Lock> {
    take(data, File::try_lock_shared, "its key is being changed; start again when that is done")
}

/// # Errors
/// While a server runs on it.
pub fn alone(data: &Path) -> anyhow::Result<Lock> {
    take(data, File::try_lock, "a server runs on it; stop it first")
}

fn take(data: &Path, lock: impl Fn(&File) -> Result<(), TryLockError>, busy: &str) -> anyhow::Result<Lock> {
    let path = data.join("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.with_context(|| format!("cannot open `{}`", path.display()))?;
    match lock(&file) {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("the data folder `{}` is in use: {busy}", data.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_share_a_data_folder_and_a_change_of_the_key_wants_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (share(folder.path()).unwrap(), share(folder.path()).unwrap());
        assert!(alone(folder.path()).unwrap_err().to_string().contains("stop it first"));
        drop((one, two));
        let _alone = alone(folder.path()).unwrap();
        assert!(share(folder.path()).is_err());
    }
}
