//! The way to what is kept: folder, lock, database, key, always in this order. Whoever read the key before it has the
//! lock would go on sealing with one that is being forgotten.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context as _;

use super::lock::{self, Lock, Wish};
use super::private;
use crate::clock::System;
use crate::config::{Config, Database};
use crate::random::Random;
use crate::secrets::Sealer;
use crate::state::{AppState, open_database};
use crate::store::Db;

/// Held as long as the data is used.
#[derive(Debug)]
#[expect(dead_code, reason = "held until it is dropped")]
pub struct Held {
    lock: Lock,
    server: Option<File>,
}

/// What a server works with. On SQLite it is the only one: at start it takes over what a killed one left locked.
///
/// # Errors
/// While the key is being changed, another server runs, or the key is not the database's.
pub async fn for_server(config: Config) -> anyhow::Result<(AppState, Held)> {
    private::make_folder(&config.data)?;
    let (db, sealer, mut held) = open(&config, Wish::Share).await?;
    if matches!(db, Db::Sqlite(_)) {
        held.server = Some(lock::serve(&config.data)?);
    }
    Ok((services(config, db, sealer), held))
}

/// What a command works with that may be the first one ever.
///
/// # Errors
/// While the key is being changed, or if it is not the database's.
pub async fn for_command(config: Config) -> anyhow::Result<(AppState, Held)> {
    private::make_folder(&config.data)?;
    let (db, sealer, held) = open(&config, Wish::Share).await?;
    Ok((services(config, db, sealer), held))
}

/// What a command works with that asks what others have made.
///
/// # Errors
/// As [`for_command`], and if there is nothing yet.
pub async fn for_question(config: Config) -> anyhow::Result<(AppState, Held)> {
    has_database(&config)?;
    for_command(config).await
}

/// Database and key for a change of the key: nobody else uses them.
///
/// # Errors
/// While anybody does, or if there is nothing yet.
pub async fn for_change(config: &Config) -> anyhow::Result<(Db, Sealer, Held)> {
    has_database(config)?;
    open(config, Wish::Alone).await
}

async fn open(config: &Config, wish: Wish) -> anyhow::Result<(Db, Sealer, Held)> {
    private::check(config)?;
    let lock = Lock::take(&config.data, wish)?;
    let opening = lock::opening(&config.data)?;
    let db = open_database(config).await.context("cannot open the database")?;
    drop(opening);
    let lock = lock.with(&db, wish).await?;
    let sealer = db.key_of(&config.key_file).await?;
    Ok((db, sealer, Held { lock, server: None }))
}

/// A typing error in a path must not make a second, empty instance.
fn has_database(config: &Config) -> anyhow::Result<()> {
    let Database::Sqlite(file) = &config.database else { return Ok(()) };
    let there =
        file.try_exists().with_context(|| format!("cannot look for the database `{}`", file.display()))?;
    anyhow::ensure!(there, "there is no database `{}`; `acequia serve` makes one", file.display());
    Ok(())
}

fn services(config: Config, db: Db, sealer: Sealer) -> AppState {
    AppState::new(config, db, Arc::new(System), Random::system(), sealer)
}
