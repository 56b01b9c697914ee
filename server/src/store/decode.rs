//! Reading what is stored: a text that cannot be understood is an error with its place, never a default. A default
//! may open something: an empty list of a friend's addresses lets everybody in, an unknown state is worked on.

use std::fmt;
use std::str::FromStr;

use model::Id;
use serde::de::DeserializeOwned;

/// A stored text that cannot be understood, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{column}` of `{table}` cannot be read in row `{row}`: {why}")]
pub struct Damaged {
    pub table: &'static str,
    pub column: &'static str,
    /// The key of the row, its parts joined by `/`.
    pub row: String,
    pub why: String,
}

impl From<Damaged> for sqlx::Error {
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

/// One row, while its columns are read.
#[derive(Debug)]
pub struct Row {
    table: &'static str,
    key: String,
}

impl Row {
    pub fn of<T>(table: &'static str, id: Id<T>) -> Self {
        Self::named(table, id)
    }

    pub fn named(table: &'static str, key: impl fmt::Display) -> Self {
        Self { table, key: key.to_string() }
    }

    pub fn damaged(&self, column: &'static str, why: impl fmt::Display) -> Damaged {
        Damaged { table: self.table, column, row: self.key.clone(), why: why.to_string() }
    }

    /// A list, or an enum with data.
    pub fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T, Damaged> {
        serde_json::from_str(text).map_err(|error| self.damaged(column, error))
    }

    /// What has a text form of its own.
    pub fn parse<T: FromStr<Err: fmt::Display>>(
        &self,
        column: &'static str,
        text: &str,
    ) -> Result<T, Damaged> {
        text.parse().map_err(|error| self.damaged(column, error))
    }

    /// One of a few words.
    pub fn word<T: Copy>(
        &self,
        column: &'static str,
        text: &str,
        words: impl IntoIterator<Item = T>,
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<T, Damaged> {
        let known = words.into_iter().find(|word| as_str(*word) == text);
        known.ok_or_else(|| self.damaged(column, "it is none of the words that are known here"))
    }
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
