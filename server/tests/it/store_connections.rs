//! Connections whose transaction did not end cleanly are not used again.

use model::{JobKind, Timestamp};
use server::on;
use server::store::Db;
use server::store::jobs::NewJob;

use crate::harness::TestApp;
use crate::harness::connections::left_in_a_transaction;
use crate::harness::database::TestDatabase;
use crate::harness::hang_up::hang_up_at;
use crate::harness::tmpfs::Tmpfs;

const WRITES: u32 = 160;

fn job(number: u32) -> NewJob {
    let id = uuid::Uuid::from_u128(u128::from(number) + 1);
    NewJob { id: model::Id::new(id), kind: JobKind::Sync, subject: id, run_at: Timestamp::from_seconds(1) }
}

/// One write in a transaction, as the store makes them.
async fn write(db: &Db, number: u32) -> sqlx::Result<()> {
    let job = job(number);
    let insert =
        "INSERT INTO jobs (id, kind, subject, run_at, attempts, created) VALUES ($1, $2, $3, $4, 0, $4)";
    let mut tx = db.begin().await?;
    tx.query(insert, (job.id, "sync", job.subject, job.run_at)).execute().await?;
    tx.commit().await
}

/// Writes beside each other, so that every connection of the pool is used. Gives how many were done.
async fn many(db: &Db, from: u32) -> u32 {
    let all = (from..from + WRITES).map(|number| {
        let db = db.clone();
        tokio::spawn(async move { write(&db, number).await })
    });
    let (mut done, mut refused) = (0, None);
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(()) => done += 1,
            Err(error) => refused = Some(error),
        }
    }
    eprintln!("{done} of {WRITES} were done; {refused:?}");
    done
}

async fn count(db: &Db) -> i64 {
    let counted: (i64,) =
        on!(db, pool => sqlx::query_as("SELECT COUNT(*) FROM jobs").fetch_one(pool).await).unwrap();
    counted.0
}

/// SQLite ends a transaction by itself after FULL, IOERR, NOMEM and some BUSY: the same as this conflict clause does.
#[tokio::test]
async fn a_connection_whose_transaction_sqlite_ended_by_itself_is_not_used_again() {
    let TestDatabase { db, .. } = &TestDatabase::sqlite().await;
    let Db::Sqlite(pool) = db else { unreachable!() };
    write(db, 0).await.unwrap();
    for _ in 0..pool.options().get_max_connections() {
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let twice = "INSERT OR ROLLBACK INTO jobs (id, kind, subject, run_at, attempts, created)
                     SELECT id, kind, subject, run_at, attempts, created FROM jobs";
        sqlx::query(twice).execute(&mut *tx).await.unwrap_err();
        drop(tx);
        assert_eq!(left_in_a_transaction(db).await, None);
    }
    assert_eq!(many(db, 1).await, WRITES);
    assert_eq!(count(db).await, i64::from(WRITES) + 1);
}

#[tokio::test]
async fn a_begin_whose_caller_hangs_up_leaves_no_transaction_behind() {
    for TestDatabase { db, .. } in &TestDatabase::each().await {
        for wait in 1.. {
            let number = u32::try_from(wait).unwrap();
            let done = hang_up_at(wait, write(db, number)).await;
            assert_eq!(left_in_a_transaction(db).await, None, "hung up at wait {wait}");
            if let Some(done) = done {
                done.unwrap();
                break;
            }
        }
        assert_eq!(many(db, 10_000).await, WRITES);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room() {
    let Some(disk) = Tmpfs::mount("16m") else { return };
    let db = Db::open_sqlite(&disk.path().join("acequia.db")).await.unwrap();
    let before = many(&db, 0).await;
    assert_eq!(before, WRITES);

    let filler = disk.fill();
    // What still fits into the files as they are is no matter.
    let mut from = 1_000;
    while many(&db, from).await > 0 {
        from += WRITES;
    }
    let confirmed = count(&db).await;
    let at = Timestamp::from_seconds;
    // What is taken changes a row that is there, which may fit where a new one does not.
    let mut taken = 0;
    let last = loop {
        match db.claim_job(uuid::Uuid::nil(), at(2), at(2), at(9)).await {
            Ok(Some(_)) => taken += 1,
            last => break last,
        }
    };
    assert!(last.is_err() || taken == confirmed, "there is work, and none is said to be there: {last:?}");
    let sql = "SELECT COUNT(*) FROM jobs WHERE locked_by IS NOT NULL";
    let (seen,): (i64,) = on!(&db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
    assert_eq!(seen, taken, "nothing is taken that nobody else can see as taken");
    assert_eq!(left_in_a_transaction(&db).await, None);

    drop(filler);
    assert_eq!(many(&db, 100_000).await, WRITES, "every write is taken again");
    assert_eq!(count(&db).await, confirmed + i64::from(WRITES), "nothing confirmed is lost");
}

#[tokio::test]
async fn what_is_read_goes_on_while_nothing_can_be_written() {
    let Some(disk) = Tmpfs::mount("16m") else { return };
    let db = Db::open_sqlite(&disk.path().join("acequia.db")).await.unwrap();
    let app = TestApp::on(crate::harness::app::config(), TestDatabase::opened(db));
    let (_, mut browser) = app.newcomer("Ana").await;
    let _filler = disk.fill();
    // Long enough for the session to be touched, and the cookie to be renewed.
    app.clock.advance_seconds(30 * 60 * 60);
    assert_eq!(app.browser().get("/readyz").await.status, 503);
    let home = browser.get("/").await;
    assert_eq!(home.status, 200, "{home:?}");
    assert!(home.text().contains("Hello, Ana"), "{home:?}");
}
