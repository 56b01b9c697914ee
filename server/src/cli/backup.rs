//! `backup` and `restore`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};

use super::open::{self, Place};
use super::output::say;
use super::{read_config, runtime};
use crate::clock::{Clock as _, System};
use crate::config::Config;
use crate::secrets::Sealer;
use crate::store::Db;
use crate::store::backup::Backup;

/// Writes everything into one file.
pub fn backup(config: Option<&Path>, to: &Path) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let (db, _held) = open::for_copy(&config).await?;
        let begun = System.now();
        let made = db.back_up(to).await.context("no backup was made")?;
        say(format_args!("wrote {} into `{}`", counted(&made), to.display()));
        say_key(made.key.as_deref(), &config);
        if let Err(error) = db.put_last_backup(begun).await {
            say(format_args!("the database does not take the note that a backup was made: {error}"));
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Puts a backup into an empty place.
pub fn restore(config: Option<&Path>, from: &Path) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let (place, _held) = open::for_restore(&config).await?;
        let mut source = Db::look_into(from).await.context("nothing was restored")?;
        let has_key = config.key_file.try_exists()?;
        if has_key {
            let sealer = Sealer::read(&config.key_file)?;
            ensure!(
                source.fits(&sealer).await?,
                "the key file `{}` is not the one of this backup, which needs the key `{}`; nothing was restored",
                config.key_file.display(),
                source.key.as_deref().unwrap_or_default()
            );
        }
        let restored = match place {
            Place::File(file) => source.into_sqlite(&file).await,
            Place::Server(db) => source.into_postgres(&db).await,
        };
        let restored = restored.context("nothing was restored")?;
        say(format_args!("restored {} from `{}`", counted(&restored), from.display()));
        if !has_key {
            say_key(restored.key.as_deref(), &config);
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn counted(of: &Backup) -> String {
    format!("{} rows of {} tables (schema {})", of.rows, of.tables, of.schema.version())
}

/// Without the key, nobody can open what is sealed.
fn say_key(key: Option<&str>, config: &Config) {
    if let Some(key) = key {
        let file = config.key_file.display();
        say(format_args!(
            "its secrets need the key `{key}`, which belongs at `{file}` and is not in the backup"
        ));
    }
}
