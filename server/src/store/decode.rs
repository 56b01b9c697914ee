//! Reading what is stored: a value that cannot be understood is an error with its place, never a default. A default
//! may open something: an empty list of a friend's addresses lets everybody in, an unknown state is worked on.

use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Uuid;
use sqlx::{ColumnIndex, Decode, Error, Postgres, Row as _, Sqlite, Type};

/// A stored value that cannot be understood, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{column}` of `{table}` cannot be read in row `{row}`: {why}")]
pub struct Damaged {
    pub table: &'static str,
    pub column: String,
    /// The key of the row, its parts joined by `/`.
    pub row: String,
    pub why: String,
}

impl From<Damaged> for Error {
    fn from(damaged: Damaged) -> Self {
        Self::Decode(Box::new(damaged))
    }
}

impl Damaged {
    /// The damage that an error is about, however deep it lies.
    pub fn beneath(error: &anyhow::Error) -> Option<&Self> {
        error.chain().find_map(|cause| cause.downcast_ref())
    }
}

/// What a column can be read as, in either database.
pub trait Column:
    Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}
impl<T> Column for T where
    T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>
{
}

/// A row as it came from its database.
pub enum Stored {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Stored {
    fn from(row: SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<PgRow> for Stored {
    fn from(row: PgRow) -> Self {
        Self::Postgres(row)
    }
}

impl Stored {
    pub(super) fn get<T: Column>(&self, column: impl Name) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub fn read<T: FromRow>(&self) -> Result<T, Damaged> {
        T::from_row(&Row { stored: self, table: T::TABLE, key: T::KEY })
    }
}

/// What names a column: its name, or its place.
pub trait Name: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + fmt::Display + Copy {}
impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + fmt::Display + Copy> Name for T {}

/// What is read of one row.
pub trait FromRow: Sized {
    /// The table that it is of, for errors.
    const TABLE: &'static str;
    /// The columns that tell its rows apart.
    const KEY: &'static [&'static str];

    fn from_row(row: &Row<'_>) -> Result<Self, Damaged>;
}

/// A row while its columns are read.
pub struct Row<'r> {
    stored: &'r Stored,
    table: &'static str,
    key: &'static [&'static str],
}

impl Row<'_> {
    /// What a column holds: of a database, or of ours with an own form there.
    pub fn get<T: Column>(&self, column: impl Name) -> Result<T, Damaged> {
        self.stored.get(column).map_err(|error| match error {
            Error::ColumnDecode { source, .. } => self.damaged(column, source),
            other => self.damaged(column, other),
        })
    }

    /// A list, or an enum with data.
    pub fn json<T: DeserializeOwned>(&self, column: impl Name) -> Result<T, Damaged> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|error| self.damaged(column, error))
    }

    /// What has a text form of its own.
    pub fn parse<T: FromStr<Err: fmt::Display>>(&self, column: impl Name) -> Result<T, Damaged> {
        let text: String = self.get(column)?;
        text.parse().map_err(|error| self.damaged(column, error))
    }

    /// The same where there may be none.
    pub fn parse_optional<T: FromStr<Err: fmt::Display>>(
        &self,
        column: impl Name,
    ) -> Result<Option<T>, Damaged> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| text.parse().map_err(|error| self.damaged(column, error))).transpose()
    }

    /// One of a few words.
    pub fn word<T: Copy>(
        &self,
        column: impl Name,
        words: impl IntoIterator<Item = T>,
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<T, Damaged> {
        let text: String = self.get(column)?;
        let known = words.into_iter().find(|word| as_str(*word) == text);
        known.ok_or_else(|| self.damaged(column, "it is none of the words that are known here"))
    }

    /// What the same row has of another table.
    pub fn part<T: FromRow>(&self) -> Result<T, Damaged> {
        T::from_row(&Row { table: T::TABLE, ..*self })
    }

    pub fn damaged(&self, column: impl Name, why: impl fmt::Display) -> Damaged {
        let id = |name: &str| self.stored.get::<Uuid>(name).map(|id| id.simple().to_string());
        let part = |name: &&str| id(name).or_else(|_| self.stored.get(*name)).unwrap_or_default();
        let row = self.key.iter().map(part).collect::<Vec<_>>().join("/");
        Damaged { table: self.table, column: column.to_string(), row, why: why.to_string() }
    }
}

/// Columns by their place, for what is no row of a table: ids, counts, names.
macro_rules! tuples {
    ($($($column:ident $place:literal),+;)+) => {$(
        impl<$($column: Column),+> FromRow for ($($column,)+) {
            const TABLE: &'static str = "a list";
            const KEY: &'static [&'static str] = &[];

            fn from_row(row: &Row<'_>) -> Result<Self, Damaged> {
                Ok(($(row.get::<$column>($place)?,)+))
            }
        }
    )+};
}

tuples! {
    A 0usize;
    A 0usize, B 1usize;
    A 0usize, B 1usize, C 2usize;
    A 0usize, B 1usize, C 2usize, D 3usize;
}

/// Rows of a list. One that is damaged does not hold up the others, and is not forgotten.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub damaged: Vec<Damaged>,
}

impl<T> Listed<T> {
    /// All of them.
    ///
    /// # Errors
    /// When one is damaged: for decisions that have to know of every one.
    pub fn whole(mut self) -> Result<Vec<T>, Damaged> {
        if self.damaged.is_empty() { Ok(self.rows) } else { Err(self.damaged.swap_remove(0)) }
    }

    /// Those that can be read; the others are in the log.
    pub fn readable(self) -> Vec<T> {
        for damaged in &self.damaged {
            tracing::error!("left out of a list: {damaged}");
        }
        self.rows
    }
}

impl<T> FromIterator<Result<T, Damaged>> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = Result<T, Damaged>>>(all: I) -> Self {
        let mut listed = Self { rows: Vec::new(), damaged: Vec::new() };
        for one in all {
            match one {
                Ok(row) => listed.rows.push(row),
                Err(damaged) => listed.damaged.push(damaged),
            }
        }
        listed
    }
}
