//! When the database does not do what it is asked: why, in words.

use std::fmt;

use sqlx::Error;
use sqlx::error::DatabaseError;

/// Trouble that is not about what was asked, but about the place where everything is kept. It passes when somebody
/// sees to that place, and what was asked is then worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no room for what has to be kept.
    Full,
    /// Reading or writing its files fails.
    Broken,
    /// It was given too little memory.
    Memory,
    /// Somebody else holds it, and does not let go.
    Locked,
    /// It may be read, and no more.
    ReadOnly,
    /// It does not answer.
    Away,
}

impl Trouble {
    /// None for what is no trouble of the place: a wrong statement, a row that is there already.
    pub fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Database(error) => {
                let code = error.code()?;
                if is_sqlite(error.as_ref()) {
                    Self::of_sqlite(code.parse().ok()?)
                } else {
                    Self::of_sqlstate(&code)
                }
            }
            Error::Io(_) | Error::Tls(_) | Error::PoolTimedOut | Error::WorkerCrashed => Some(Self::Away),
            _ => None,
        }
    }

    /// The first in a chain of errors.
    pub fn beneath(error: &anyhow::Error) -> Option<Self> {
        error.chain().filter_map(|error| error.downcast_ref()).find_map(Self::of)
    }

    /// By the lower byte of the extended result code, <https://sqlite.org/rescode.html>.
    const fn of_sqlite(extended: i64) -> Option<Self> {
        match extended & 0xff {
            13 => Some(Self::Full),
            // IOERR, CORRUPT, CANTOPEN, NOTADB
            10 | 11 | 14 | 26 => Some(Self::Broken),
            7 => Some(Self::Memory),
            // BUSY, LOCKED, PROTOCOL: the locks of the write-ahead log
            5 | 6 | 15 => Some(Self::Locked),
            8 => Some(Self::ReadOnly),
            _ => None,
        }
    }

    /// By SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_sqlstate(code: &str) -> Option<Self> {
        match code {
            "53100" => Some(Self::Full),
            "53200" => Some(Self::Memory),
            "58030" | "XX001" | "XX002" => Some(Self::Broken),
            "55P03" => Some(Self::Locked),
            "25006" => Some(Self::ReadOnly),
            // Too many connections; stopping, crashed, starting.
            "53300" | "57P01" | "57P02" | "57P03" => Some(Self::Away),
            _ => code.starts_with("08").then_some(Self::Away),
        }
    }
}

fn is_sqlite(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
}

/// A sentence without its beginning and end, as in "the database takes no writes: …".
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "its disk is full",
            Self::Broken => "its disk answers with errors",
            Self::Memory => "it has too little memory",
            Self::Locked => "another process holds it",
            Self::ReadOnly => "it may only be read",
            Self::Away => "it does not answer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_codes_count_as_their_kind() {
        // SQLITE_IOERR_WRITE, SQLITE_IOERR_NOMEM, SQLITE_BUSY_SNAPSHOT, SQLITE_FULL, SQLITE_CONSTRAINT_UNIQUE
        let codes = [778, 3082, 517, 13, 2067];
        let found = codes.map(Trouble::of_sqlite);
        let (broken, locked, full) = (Some(Trouble::Broken), Some(Trouble::Locked), Some(Trouble::Full));
        assert_eq!(found, [broken, broken, locked, full, None]);
    }

    #[test]
    fn states_of_a_server_that_goes_and_comes_are_trouble_and_states_of_a_statement_are_not() {
        for code in ["57P01", "57P03", "08006", "53300"] {
            assert_eq!(Trouble::of_sqlstate(code), Some(Trouble::Away), "{code}");
        }
        for code in ["23505", "40001", "42601", "25P02", "57014"] {
            assert_eq!(Trouble::of_sqlstate(code), None, "{code}");
        }
    }
}
