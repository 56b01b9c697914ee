//! One statement with its values, whichever database it is for: one text, bound and run in the same way on a connection
//! of the pool and in a transaction.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Database, Encode, Error, Pool, Postgres, SqlSafeStr, Sqlite, Type};

use super::decode::{Column, FromRow, Listed, Stored};
use super::{Db, Tx};

/// What can be the value of a placeholder, in either database.
pub trait Value<'v>: Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres> {}
impl<'v, T: Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres>> Value<'v> for T {}

/// The values of `$1`, `$2` and so on, as a tuple.
pub trait Values<'v> {
    fn bind_to(self, statement: Statement<'_>) -> Statement<'_>;
}

impl Values<'_> for () {
    fn bind_to(self, statement: Statement<'_>) -> Statement<'_> {
        statement
    }
}

macro_rules! values {
    ($($($value:ident)+;)+) => {$(
        impl<'v, $($value: Value<'v>),+> Values<'v> for ($($value,)+) {
            #[expect(non_snake_case, reason = "a type parameter and its value have one name")]
            fn bind_to(self, statement: Statement<'_>) -> Statement<'_> {
                let ($($value,)+) = self;
                statement$(.bind($value))+
            }
        }
    )+};
}

values! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
    A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N;
    A B C D E F G H I J K L M N O;
    A B C D E F G H I J K L M N O P;
}

/// A statement of which nothing happens until it is run.
#[must_use = "a statement has to be run"]
pub enum Statement<'c> {
    Sqlite(Query<'c, Sqlite, SqliteArguments>, At<'c, Sqlite>),
    Postgres(Query<'c, Postgres, PgArguments>, At<'c, Postgres>),
}

/// Where a statement is run.
pub enum At<'c, DB: Database> {
    Pool(&'c Pool<DB>),
    Transaction(&'c mut DB::Connection),
}

impl Db {
    /// A statement that stands alone, with the values of its placeholders.
    pub fn query<'v>(&self, sql: impl SqlSafeStr, values: impl Values<'v>) -> Statement<'_> {
        values.bind_to(match self {
            Self::Sqlite(pool) => Statement::Sqlite(sqlx::query(sql), At::Pool(pool)),
            Self::Postgres(pool) => Statement::Postgres(sqlx::query(sql), At::Pool(pool)),
        })
    }
}

impl Tx {
    /// A statement of this transaction.
    pub fn query<'v>(&mut self, sql: impl SqlSafeStr, values: impl Values<'v>) -> Statement<'_> {
        values.bind_to(match self {
            Self::Sqlite(tx) => Statement::Sqlite(sqlx::query(sql), At::Transaction(&mut **tx)),
            Self::Postgres(tx) => Statement::Postgres(sqlx::query(sql), At::Transaction(&mut **tx)),
        })
    }
}

impl Statement<'_> {
    /// The value of the next placeholder.
    pub fn bind<'v>(self, value: impl Value<'v>) -> Self {
        match self {
            Self::Sqlite(query, at) => Self::Sqlite(query.bind(value), at),
            Self::Postgres(query, at) => Self::Postgres(query.bind(value), at),
        }
    }

    /// Runs it. Gives how many rows it changed.
    pub async fn execute(self) -> sqlx::Result<u64> {
        Ok(match self {
            Self::Sqlite(query, At::Pool(pool)) => query.execute(pool).await?.rows_affected(),
            Self::Sqlite(query, At::Transaction(tx)) => query.execute(tx).await?.rows_affected(),
            Self::Postgres(query, At::Pool(pool)) => query.execute(pool).await?.rows_affected(),
            Self::Postgres(query, At::Transaction(tx)) => query.execute(tx).await?.rows_affected(),
        })
    }

    async fn rows(self) -> sqlx::Result<Vec<Stored>> {
        Ok(match self {
            Self::Sqlite(query, At::Pool(pool)) => stored(query.fetch_all(pool).await?),
            Self::Sqlite(query, At::Transaction(tx)) => stored(query.fetch_all(tx).await?),
            Self::Postgres(query, At::Pool(pool)) => stored(query.fetch_all(pool).await?),
            Self::Postgres(query, At::Transaction(tx)) => stored(query.fetch_all(tx).await?),
        })
    }

    /// All rows.
    ///
    /// # Errors
    /// When one is damaged, or the database fails.
    pub async fn fetch_all<T: FromRow>(self) -> sqlx::Result<Vec<T>> {
        let read = |row: &Stored| row.read().map_err(Error::from);
        self.rows().await?.iter().map(read).collect()
    }

    /// All rows, the damaged ones apart.
    pub async fn fetch_listed<T: FromRow>(self) -> sqlx::Result<Listed<T>> {
        Ok(self.rows().await?.iter().map(Stored::read).collect())
    }

    /// The first row, if there is one.
    pub async fn fetch_optional<T: FromRow>(self) -> sqlx::Result<Option<T>> {
        // All rows are taken from the database: what goes wrong after the first one is told to nobody else.
        Ok(self.rows().await?.first().map(Stored::read).transpose()?)
    }

    /// The first row.
    pub async fn fetch_one<T: FromRow>(self) -> sqlx::Result<T> {
        self.fetch_optional().await?.ok_or(Error::RowNotFound)
    }

    /// The first column of all rows.
    pub async fn fetch_column<T: Column>(self) -> sqlx::Result<Vec<T>> {
        Ok(self.fetch_all::<(T,)>().await?.into_iter().map(|(value,)| value).collect())
    }

    /// The number in the first column of the first row.
    pub async fn count(self) -> sqlx::Result<i64> {
        self.fetch_one::<(i64,)>().await.map(|(count,)| count)
    }
}

fn stored<R>(rows: Vec<R>) -> Vec<Stored>
where
    Stored: From<R>,
{
    rows.into_iter().map(Stored::from).collect()
}
