//! An empty database per test, of each kind that there is.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Once;
use std::{env, fs};

use server::store::Db;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Removed when dropped.
pub struct TestDatabase {
    pub db: Db,
    keep: Keep,
}

enum Keep {
    /// Somebody else removes it.
    Elsewhere,
    Folder {
        _folder: TempDir,
    },
    Postgres {
        database: PostgresDatabase,
    },
}

impl TestDatabase {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("acequia.db");
        fs::write(&file, migrated().await).unwrap();
        let db = Db::open_sqlite(&file).await.unwrap();
        Self { db, keep: Keep::Folder { _folder: folder } }
    }

    /// A fresh database on the server of `ACEQUIA_TEST_POSTGRES`, if that is set.
    pub async fn postgres() -> Option<Self> {
        let server = postgres_server()?;
        let template = template(&server).await;
        let database = PostgresDatabase::create_as(&server, &format!("TEMPLATE {template}"));
        let db = Db::open_postgres(&database.url).await.unwrap();
        Some(Self { db, keep: Keep::Postgres { database } })
    }

    /// One that is there already.
    pub fn opened(db: Db) -> Self {
        Self { db, keep: Keep::Elsewhere }
    }

    /// Where it is, if it is a PostgreSQL.
    pub fn url(&self) -> Option<String> {
        match &self.keep {
            Keep::Postgres { database } => Some(database.url.clone()),
            _ => None,
        }
    }

    /// One of each kind.
    pub async fn each() -> Vec<Self> {
        let mut all = vec![Self::sqlite().await];
        all.extend(Self::postgres().await);
        all
    }
}

/// A file that all migrations have gone over: each of them waits for the disk, which tests need not do hundreds of times.
pub async fn migrated() -> &'static [u8] {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let made = FILE.get_or_init(|| async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("acequia.db");
        Db::open_sqlite(&file).await.unwrap().close().await;
        fs::read(file).unwrap()
    });
    made.await
}

/// The name of a database that all migrations have gone over, of which others are copies: as [`migrated`]. A server that lasts
/// keeps one for each set of migrations.
async fn template(server: &str) -> &'static str {
    static NAME: OnceCell<String> = OnceCell::const_new();
    let made = NAME.get_or_init(|| async {
        let mut hash = std::hash::DefaultHasher::new();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            fs::read(file).unwrap().hash(&mut hash);
        }
        let name = format!("acequia_template_{:016x}", hash.finish());
        let pool = sqlx::PgPool::connect(server).await.unwrap();
        let known = "SELECT COUNT(*) FROM pg_database WHERE datname = $1";
        let known: i64 = sqlx::query_scalar(known).bind(&name).fetch_one(&pool).await.unwrap();
        pool.close().await;
        if known == 0 {
            let mut made = PostgresDatabase::create(server);
            Db::open_postgres(&made.url).await.unwrap().close().await;
            execute(server, format!("ALTER DATABASE {} RENAME TO {name}", made.name));
            made.name.clone_from(&name);
            // It stays.
            std::mem::forget(made);
        }
        name
    });
    made.await
}

/// Where databases can be made, if there is such a server.
pub fn postgres_server() -> Option<String> {
    static SAID: Once = Once::new();
    let server = env::var("ACEQUIA_TEST_POSTGRES").ok();
    if server.is_none() {
        SAID.call_once(|| eprintln!("skipping PostgreSQL: ACEQUIA_TEST_POSTGRES is not set"));
    }
    server
}

/// Removed when dropped.
pub struct PostgresDatabase {
    server: String,
    name: String,
    pub url: String,
}

impl PostgresDatabase {
    pub fn create(server: &str) -> Self {
        Self::create_as(server, "")
    }

    fn create_as(server: &str, how: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests of other processes make databases beside it")]
        let name = format!("acequia_{:016x}", rand::random::<u64>());
        execute(server, format!("CREATE DATABASE {name} {how}"));
        let mut url = url::Url::parse(server).unwrap();
        url.set_path(&name);
        Self { server: server.to_owned(), name, url: url.into() }
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        execute(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn execute(server: &str, sql: String) {
    let server = server.to_owned();
    on_its_own(async move {
        let pool = sqlx::PgPool::connect(&server).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    });
}

/// On a thread of its own: a test's runtime cannot wait while it drops things.
pub fn on_its_own<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work)
    };
    std::thread::spawn(work).join().unwrap()
}
