//! A new version of the program changes the schema of its database: not before there is a copy of how it was.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::config::{Config, Database};
use crate::store::Db;
use crate::store::backup::with_companions;

/// Room that a small database is held to need at least.
const LEAST: u64 = 1 << 20;

/// Copies a database of an older version into the data folder, then brings it up to date.
///
/// # Errors
/// When it was made by a newer version, there is no room for the copy, or a migration fails.
pub async fn bring_up_to_date(config: &Config, db: &Db) -> anyhow::Result<()> {
    let before = db.schema().await.context("cannot open the database")?;
    before.is_known()?;
    if before.is_new() || !before.is_older() {
        return db.migrate().await.context("cannot open the database");
    }
    let copy = config.data.join(format!("backups/schema-{:04}.db", before.version()));
    let copied = async {
        let folder = copy.parent().unwrap_or(&config.data);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        has_room(folder, size(config, db).await?)?;
        db.back_up(&copy).await
    };
    copied.await.with_context(|| {
        format!(
            "this version changes the database, and could not make a copy of it before (`{}`)",
            copy.display()
        )
    })?;
    let kept = copy.display();
    tracing::info!(
        "the database has schema {} and is brought up to date; as it was: `{kept}`",
        before.version()
    );
    let again = || format!("the database could not be brought up to date; how it was stands in `{kept}`");
    db.migrate().await.with_context(again)
}

fn has_room(folder: &Path, needed: u64) -> anyhow::Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    ensure!(
        free >= needed,
        "there is not enough room in `{}`: {} are needed, {} are free. Nothing was changed; make room and start again",
        folder.display(),
        mib(needed),
        mib(free)
    );
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

/// How large a copy can become.
async fn size(config: &Config, db: &Db) -> anyhow::Result<u64> {
    let size = match &config.database {
        Database::Sqlite(file) => {
            let parts: Vec<PathBuf> = with_companions(file);
            parts.iter().filter_map(|part| fs::metadata(part).ok()).map(|data| data.len()).sum()
        }
        Database::Postgres(_) => {
            let size = db.query("SELECT pg_database_size(current_database())", ()).count().await?;
            size.unsigned_abs()
        }
    };
    Ok(size.max(LEAST))
}
