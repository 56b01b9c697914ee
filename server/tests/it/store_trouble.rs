//! The real server while the place where everything is kept is in trouble, and afterwards. The troubles are real: a disk
//! that is full, one that answers with errors, a database that another process locks, a PostgreSQL that is stopped.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{ShareId, ShareState};
use server::config::{Database, Secret};
use server::demo::Demo;
use server::on;
use simulator::{Listen, Moment, Operation, World};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::harness::TestApp;
use crate::harness::Who::{Ana, Dario};
use crate::harness::cluster::Cluster;
use crate::harness::neighbours::{Neighbours, impatient_in};
use crate::harness::served::Served;
use crate::harness::tmpfs::{Filler, Tmpfs};

/// For what has no time of its own to keep: a machine with other work to do.
const PATIENCE: Duration = Duration::from_mins(1);
/// How soon a probe is answered, and a share ended when the trouble is over.
const ANSWERED: Duration = Duration::from_secs(2);
const HEALED: Duration = Duration::from_secs(10);

enum Trouble {
    Full { disk: Tmpfs, filler: Option<Filler> },
    Failing { folder: TempDir },
    Locked { folder: TempDir, holder: Option<SqliteConnection> },
    Away { folder: TempDir, cluster: Cluster },
}

impl Trouble {
    fn folder(&self) -> &Path {
        match self {
            Self::Full { disk, .. } => disk.path(),
            Self::Failing { folder } | Self::Locked { folder, .. } | Self::Away { folder, .. } => {
                folder.path()
            }
        }
    }

    fn database(&self) -> Database {
        match self {
            Self::Away { cluster, .. } => Database::Postgres(Secret::new(cluster.url())),
            _ => Database::Sqlite(self.folder().join("acequia.db")),
        }
    }

    /// Whether pages can be read meanwhile.
    fn can_be_read(&self) -> bool {
        !matches!(self, Self::Away { .. })
    }

    const fn words(&self) -> &'static str {
        match self {
            Self::Full { .. } => "its disk is full",
            Self::Failing { .. } => "its disk answers with errors",
            Self::Locked { .. } => "another process holds it",
            Self::Away { .. } => "it does not answer",
        }
    }

    async fn begin(&mut self, server: &Served) {
        let database = self.folder().join("acequia.db");
        match self {
            Self::Full { disk, filler } => *filler = Some(disk.fill()),
            Self::Failing { .. } => limit_files(server, "0:unlimited"),
            Self::Locked { holder, .. } => {
                let mut connection = SqliteConnectOptions::new().filename(database).connect().await.unwrap();
                sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
                *holder = Some(connection);
            }
            Self::Away { cluster, .. } => cluster.stop(),
        }
    }

    async fn end(&mut self, server: &Served) {
        match self {
            Self::Full { filler, .. } => *filler = None,
            Self::Failing { .. } => limit_files(server, "unlimited:unlimited"),
            Self::Locked { holder, .. } => holder.take().unwrap().close().await.unwrap(),
            Self::Away { cluster, .. } => cluster.resume(),
        }
    }
}

/// No file of the server may be written beyond this: `EFBIG`, which SQLite takes for an error of the disk.
fn limit_files(server: &Served, limit: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args([format!("--pid={}", server.process()), format!("--fsize={limit}")]);
    assert!(prlimit.status().unwrap().success(), "the limit is set");
}

/// An open share, and the server that has to end it.
struct Scene {
    all: Neighbours,
    share: ShareId,
    node: String,
    /// The policy as it has to be when the share is over.
    without: String,
    server: Arc<Served>,
}

impl Scene {
    async fn of(trouble: &Trouble) -> Self {
        let demo = Demo::start(World::demo(), Listen::default()).await.unwrap();
        let mut config = impatient_in(trouble.folder(), &demo);
        config.database = trouble.database();
        let all = Neighbours::in_app(TestApp::on_disk(config).await, demo).await;
        let ana = all.connect(Ana).await;
        all.connect(Dario).await;
        let wildcards =
            [r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#];
        let without = all.policy("ana").replace(wildcards[0], wildcards[1]);
        let node = all.node(ana, "maple").await;
        let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);

        let browser = all.app.signed_in(all.people[Ana].id).await;
        let session = browser.cookie(all.app.cookie_name()).unwrap().to_owned();
        // As if this process were not there: what it has open would be of help to the server.
        on!(&all.app_state().db, pool => pool.close().await);

        let file = trouble.folder().join("acequia.toml");
        let database = match trouble.database() {
            Database::Sqlite(_) => String::new(),
            Database::Postgres(url) => format!("database = '{}'\n", url.reveal()),
        };
        let text = format!(
            "base_url = 'http://127.0.0.1'\nlisten = '127.0.0.1:0'\ndata = '{}'\n{database}\
             [metrics]\nenabled = true\n\
             [control_planes.simulator]\nurl = '{}'\nlabel = 'Simulator'\n",
            trouble.folder().display(),
            all.demo.simulator.api_url()
        );
        std::fs::write(&file, text).unwrap();
        let mut server = Served::start(&file).await;
        server.cookie = format!("acequia={session}");
        let scene = Self { all, share, node: node.to_string(), without, server: Arc::new(server) };
        assert_eq!(scene.server.get("/").await.status, 200);
        assert_eq!(scene.server.get("/readyz").await.status, 200);
        scene
    }

    /// The share is over in so many seconds.
    async fn ends_in(&self, seconds: i64, database: &Database) {
        let ends = self.all.app_state().now().plus_seconds(seconds).micros();
        let sql = "UPDATE shares SET ends = $1 WHERE id = $2";
        match database {
            Database::Sqlite(file) => {
                let mut one = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
                sqlx::query(sql).bind(ends).bind(self.share).execute(&mut one).await.unwrap();
                one.close().await.unwrap();
            }
            Database::Postgres(url) => {
                let mut one = sqlx::PgConnection::connect(url.reveal()).await.unwrap();
                sqlx::query(sql).bind(ends).bind(self.share).execute(&mut one).await.unwrap();
                one.close().await.unwrap();
            }
        }
    }

    /// Lists services, eight at a time. Gives the pages of those that were confirmed.
    async fn write(&self, count: u32) -> Vec<String> {
        let mut writers = JoinSet::new();
        for writer in 0..8 {
            let (server, node) = (Arc::clone(&self.server), self.node.clone());
            writers.spawn(async move {
                let mut confirmed = Vec::new();
                for number in (writer..count).step_by(8) {
                    let name = format!("Number {number}");
                    let fields = [
                        ("node", node.as_str()),
                        ("name", &name),
                        ("kind", "minecraft"),
                        ("ports", "tcp:25565"),
                        ("audience", "everybody"),
                    ];
                    let told = server.post("/fn/services/create", &fields).await;
                    if told.status == 302 || told.status == 303 {
                        confirmed.extend(told.location.contains("/services/0").then_some(told.location));
                    }
                }
                confirmed
            });
        }
        writers.join_all().await.concat()
    }

    async fn figure(&self, name: &str) -> u64 {
        let figures = self.server.get("/metrics").await.body;
        let line = figures.lines().find_map(|line| line.strip_prefix(name)).expect("the figure");
        line.trim().parse().unwrap()
    }

    async fn is_ready(&self) -> bool {
        let asked = Instant::now();
        let told = self.server.get("/readyz").await;
        assert!(asked.elapsed() < ANSWERED, "the probe was answered after {:?}", asked.elapsed());
        told.status == 200
    }
}

/// Where the trouble begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    BeforeTheEnd,
    /// While the ending waits for an answer of the control plane.
    DuringIt,
}

impl Begins {
    /// Seconds from now to the end of the share. Where the trouble has to come first there is time for that; where it waits
    /// for the end, for nothing.
    const fn remaining(self) -> u8 {
        match self {
            Self::BeforeTheEnd => 8,
            Self::DuringIt => 1,
        }
    }
}

async fn heals(mut trouble: Trouble, begins: Begins) {
    let told = format!("{}, {begins:?}", trouble.words());
    let scene = Scene::of(&trouble).await;
    let server = Arc::clone(&scene.server);
    let mut confirmed = scene.write(8).await;
    assert_eq!(confirmed.len(), 8, "{told}");

    let hold = scene.all.demo.simulator.hold(Operation::SetPolicy, Moment::BeforeEffect);
    scene.ends_in(begins.remaining().into(), &trouble.database()).await;
    if begins == Begins::DuringIt {
        assert!(tokio::time::timeout(PATIENCE, hold.held()).await.is_ok(), "{told}: the end begins");
    }
    trouble.begin(&server).await;
    hold.release();

    let soon = server.until("unready", ANSWERED * 2, async || !scene.is_ready().await).await;
    eprintln!("{told}: not ready after {soon:?}");
    assert_eq!(server.get("/healthz").await.status, 200, "{told}");
    confirmed.extend(scene.write(16).await);
    if trouble.can_be_read() {
        server
            .until("told at home", PATIENCE, async || {
                let home = server.get("/").await;
                assert_eq!(home.status, 200, "{told}: {}", server.log());
                home.body.contains("One share whose time is over could not be ended")
                    && home.body.contains(trouble.words())
            })
            .await;
        assert_eq!(scene.figure("acequia_ends_overdue ").await, 1, "{told}");
        assert!(scene.figure("acequia_end_failures_total ").await > 0, "{told}");
        let logged = format!("share={}", scene.share);
        let log = server.log();
        assert!(
            log.lines().any(|line| line.contains("its end could not be done") && line.contains(&logged)),
            "{log}"
        );
    } else {
        // The time of the end passes while nobody can read it.
        tokio::time::sleep(Duration::from_secs(begins.remaining().into())).await;
    }
    assert_eq!(scene.figure("acequia_database_writable ").await, 0, "{told}");
    assert!(!scene.is_ready().await, "{told}");

    trouble.end(&server).await;
    let healed = server.until("ended", HEALED, async || server.log().contains("state=\"ended\"")).await;
    eprintln!("{told}: ended {healed:?} after the trouble was over");
    assert_eq!(scene.all.policy("ana"), scene.without, "{told}");
    server.until("ready", HEALED, async || scene.is_ready().await).await;
    server.until("calm", HEALED, async || scene.figure("acequia_ends_overdue ").await == 0).await;
    assert_eq!(scene.figure("acequia_database_writable ").await, 1, "{told}");
    assert!(!server.get("/").await.body.contains("could not be ended"), "{told}");

    let written = scene.write(160).await;
    assert_eq!(written.len(), 160, "{told}: every write is taken again\n{}", server.log());
    confirmed.extend(written);
    for page in &confirmed {
        assert_eq!(server.get(page).await.status, 200, "{told}: {page} was confirmed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_ends_by_itself_when_a_full_disk_has_room_again() {
    for begins in [Begins::BeforeTheEnd, Begins::DuringIt] {
        let Some(disk) = Tmpfs::mount("16m") else { return };
        heals(Trouble::Full { disk, filler: None }, begins).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_ends_by_itself_when_a_disk_answers_no_longer_with_errors() {
    for begins in [Begins::BeforeTheEnd, Begins::DuringIt] {
        heals(Trouble::Failing { folder: tempfile::tempdir().unwrap() }, begins).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_ends_by_itself_when_another_process_lets_go_of_the_database() {
    for begins in [Begins::BeforeTheEnd, Begins::DuringIt] {
        heals(Trouble::Locked { folder: tempfile::tempdir().unwrap(), holder: None }, begins).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_ends_by_itself_when_postgresql_is_there_again() {
    for begins in [Begins::BeforeTheEnd, Begins::DuringIt] {
        let Some(cluster) = Cluster::start() else { return };
        heals(Trouble::Away { folder: tempfile::tempdir().unwrap(), cluster }, begins).await;
    }
}
