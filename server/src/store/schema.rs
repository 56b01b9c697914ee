//! Which schema a database has: the migrations that were run on it.

use std::collections::BTreeSet;

use anyhow::ensure;
use sqlx::migrate::Migrator;

use super::{Db, Tx};
use crate::on;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// The numbers of the migrations that were run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(BTreeSet<i64>);

impl Schema {
    /// What this program works with.
    pub fn current() -> Self {
        Self(MIGRATIONS.iter().map(|migration| migration.version).collect())
    }

    /// Nothing was ever stored there.
    pub fn is_new(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this program would change it.
    pub fn is_older(&self) -> bool {
        Self::current().0.difference(&self.0).next().is_some()
    }

    /// The newest of its migrations; 0 for a new database.
    pub fn version(&self) -> i64 {
        self.0.last().copied().unwrap_or(0)
    }

    /// Refuses what a newer program has made: this one would not know what stands there.
    ///
    /// # Errors
    /// If it was made by a newer one, with what can be done about it.
    pub fn is_known(&self) -> anyhow::Result<()> {
        let current = Self::current();
        let strange = self.0.difference(&current.0).next();
        ensure!(
            strange.is_none(),
            "this was written by a newer Acequia: its schema is {}, and {} knows schemas up to {}. Nothing was \
             changed. Use the newer version again, or restore a backup that was made before the upgrade",
            self.version(),
            env!("CARGO_PKG_VERSION"),
            current.version()
        );
        Ok(())
    }

    /// What makes exactly this one out of an empty database.
    pub(super) fn migrator(&self) -> Migrator {
        let mine = MIGRATIONS.iter().filter(|migration| self.0.contains(&migration.version));
        Migrator::with_migrations(mine.cloned().collect())
    }
}

impl Db {
    /// # Errors
    /// When the database fails.
    pub async fn schema(&self) -> sqlx::Result<Schema> {
        self.begin_reading().await?.schema().await
    }

    /// Brings it up to date.
    ///
    /// # Errors
    /// When a migration fails, or it was made by a newer program.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.schema().await?.is_known()?;
        on!(self, pool => MIGRATIONS.run(pool).await)?;
        Ok(())
    }
}

impl Tx {
    /// # Errors
    /// When the database fails.
    pub async fn schema(&mut self) -> sqlx::Result<Schema> {
        let known = match self {
            Self::Sqlite(_) => "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
            Self::Postgres(_) => "SELECT count(*) FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')",
        };
        if self.query(known, ()).count().await? == 0 {
            return Ok(Schema::default());
        }
        let all = self.query("SELECT version FROM _sqlx_migrations", ()).fetch_column().await?;
        Ok(Schema(all.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_program_made_is_refused_and_what_an_older_one_made_is_not() {
        let mut schema = Schema::current();
        assert!(schema.is_known().is_ok() && !schema.is_older() && !schema.is_new());
        let newest = schema.version();
        schema.0.remove(&newest);
        assert!(schema.is_known().is_ok() && schema.is_older());
        schema.0.insert(newest + 1);
        let words = schema.is_known().unwrap_err().to_string();
        assert!(words.contains("written by a newer Acequia"), "{words}");
        assert!(words.contains(&format!("schema is {}", newest + 1)), "{words}");
    }
}
