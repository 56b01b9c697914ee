//! The way to what is kept: folder, lock, database, key, always in this order. Whoever read the key before it has the
//! lock would go on sealing with one that is being forgotten.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use super::lock::{self, Lock, Wish};
use super::{private, upgrade};
use crate::clock::System;
use crate::config::{Config, Database};
use crate::random::Random;
use crate::secrets::Sealer;
use crate::state::{AppState, connect_database};
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
    let state = services(config, db, sealer);
    bring_up_to_date(&state).await?;
    state
        .db
        .put_mail_on(state.config.mail.is_some())
        .await
        .context("cannot note whether mails can be sent")?;
    Ok((state, held))
}

/// What is worked out from other rows, where another version worked it out.
async fn bring_up_to_date(state: &AppState) -> anyhow::Result<()> {
    state.db.renew_notices(state.now()).await.context("cannot work out what waits for whom")?;
    state.db.renew_looks().await.context("cannot work out which names look alike")
}

/// What a command works with that may be the first one ever.
///
/// # Errors
/// While the key is being changed, or if it is not the database's.
pub async fn for_command(config: Config) -> anyhow::Result<(AppState, Held)> {
    private::make_folder(&config.data)?;
    let (db, sealer, held) = open(&config, Wish::Share).await?;
    let state = services(config, db, sealer);
    bring_up_to_date(&state).await?;
    Ok((state, held))
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

/// The database as it is, whatever version it is of, while others may use it too.
///
/// # Errors
/// While the key is being changed, or if there is nothing yet.
pub async fn for_copy(config: &Config) -> anyhow::Result<(Db, Held)> {
    has_database(config)?;
    private::check(config)?;
    let lock = Lock::take(&config.data, Wish::Share)?;
    let db = connect_database(config).await.context("cannot open the database")?;
    let lock = lock.with(&db, Wish::Share).await?;
    Ok((db, Held { lock, server: None }))
}

/// A place in which nobody works: a folder, and where the configuration names one the database of a server.
///
/// # Errors
/// While anybody does.
pub async fn for_restore(config: &Config) -> anyhow::Result<(Place, Held)> {
    private::make_folder(&config.data)?;
    private::check(config)?;
    let mut lock = Lock::take(&config.data, Wish::Alone)?;
    let place = match &config.database {
        Database::Sqlite(file) => Place::File(file.clone()),
        Database::Postgres(_) => {
            let db = connect_database(config).await.context("cannot open the database")?;
            lock = lock.with(&db, Wish::Alone).await?;
            Place::Server(db)
        }
    };
    Ok((place, Held { lock, server: None }))
}

/// Where a backup is restored to.
#[derive(Debug)]
pub enum Place {
    /// A file that is not there yet.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(Db),
}

async fn open(config: &Config, wish: Wish) -> anyhow::Result<(Db, Sealer, Held)> {
    private::check(config)?;
    let lock = Lock::take(&config.data, wish)?;
    let opening = lock::opening(&config.data)?;
    let db = connect_database(config).await.context("cannot open the database")?;
    upgrade::bring_up_to_date(config, &db).await?;
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
