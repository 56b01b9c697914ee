//! Who uses the data: whoever needs the key shares it, a change of the key wants it alone, and of SQLite there is one
//! server at a time.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::store::Db;

/// Held as long as the key may not change, or is being changed.
#[derive(Debug)]
#[expect(dead_code, reason = "held until it is dropped")]
pub struct Lock {
    file: File,
    /// Servers on other machines have other folders: they meet in the database.
    session: Option<PgConnection>,
}

/// Which side of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To use the key as it is.
    Share,
    /// To change it.
    Alone,
}

/// Of all advisory locks of a PostgreSQL database, ours: "acequia" in ASCII.
const ADVISORY: i64 = 0x61_6365_7175_6961;

/// A command that ended a moment ago holds it until PostgreSQL has seen its connection close.
const PATIENCE: &str = "SET lock_timeout = '3s'";

/// `lock_not_available` in PostgreSQL's table of error codes (appendix A of its manual).
const NOT_AVAILABLE: &str = "55P03";

impl Lock {
    /// Takes the lock of a data folder, before its key is read.
    ///
    /// # Errors
    /// While somebody else holds it in a way that does not go together with this.
    pub fn take(data: &Path, wish: Wish) -> anyhow::Result<Self> {
        let lock = match wish {
            Wish::Share => File::try_lock_shared,
            Wish::Alone => File::try_lock,
        };
        Ok(Self { file: take(data, "lock", lock, busy(wish))?, session: None })
    }

    /// Takes the same lock in the database, which ends with the connection. SQLite has one folder: there is no need.
    ///
    /// # Errors
    /// As [`Lock::take`].
    pub async fn with(mut self, db: &Db, wish: Wish) -> anyhow::Result<Self> {
        let Db::Postgres(pool) = db else { return Ok(self) };
        let sql = match wish {
            Wish::Share => "SELECT pg_advisory_lock_shared($1)",
            Wish::Alone => "SELECT pg_advisory_lock($1)",
        };
        let mut session = PgConnection::connect_with(&pool.connect_options()).await?;
        sqlx::query(PATIENCE).execute(&mut session).await?;
        if let Err(error) = sqlx::query(sql).bind(ADVISORY).execute(&mut session).await {
            let held = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            anyhow::ensure!(held.as_deref() != Some(NOT_AVAILABLE), "the database is in use: {}", busy(wish));
            return Err(error.into());
        }
        self.session = Some(session);
        Ok(self)
    }
}

/// Makes sure that no other server has the folder.
///
/// # Errors
/// While one runs on it.
pub fn serve(data: &Path) -> anyhow::Result<File> {
    take(data, "server.lock", File::try_lock, "a server runs on it already")
}

/// Waits until nobody else opens the database: sqlx lets two who bring a new SQLite file up to date get into each
/// other's way.
///
/// # Errors
/// When there can be no such lock.
pub fn opening(data: &Path) -> anyhow::Result<File> {
    take(data, "open.lock", |file| file.lock().map_err(TryLockError::Error), "somebody opens it")
}

fn busy(wish: Wish) -> &'static str {
    match wish {
        Wish::Share => "its key is being changed; start again when that is done",
        Wish::Alone => "a server or another command runs on it; stop it first",
    }
}

fn take(
    data: &Path,
    name: &str,
    lock: impl Fn(&File) -> Result<(), TryLockError>,
    busy: &str,
) -> anyhow::Result<File> {
    let path = data.join(name);
    let open = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = open.with_context(|| format!("cannot open `{}`", path.display()))?;
    match lock(&file) {
        Ok(()) => Ok(file),
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
    fn whoever_uses_the_key_shares_it_and_a_change_of_it_wants_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let take = |wish| Lock::take(folder.path(), wish);
        let (one, two) = (take(Wish::Share).unwrap(), take(Wish::Share).unwrap());
        assert!(take(Wish::Alone).unwrap_err().to_string().contains("stop it first"));
        drop((one, two));
        let _alone = take(Wish::Alone).unwrap();
        assert!(take(Wish::Share).unwrap_err().to_string().contains("being changed"));
    }

    #[test]
    fn a_folder_has_one_server_beside_which_commands_run() {
        let folder = tempfile::tempdir().unwrap();
        let _server = serve(folder.path()).unwrap();
        assert!(serve(folder.path()).unwrap_err().to_string().contains("runs on it already"));
        assert!(Lock::take(folder.path(), Wish::Share).is_ok());
    }
}
