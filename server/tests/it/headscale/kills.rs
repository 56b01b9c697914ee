//! kill -9 at every call that the deeds of a share on a server make, in each dialect: before the call's effect, and after
//! it but before its answer. The binary runs as a child, as in `share_kills`; which calls there are is seen in a run that
//! nobody kills. Connecting is a request, which is dropped at every call.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use app::ports::tailnets::Sync;
use model::{Decision, ShareId, ShareState, TailnetId};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Moment, Operation, Target};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::VERSIONS;
use crate::harness::community::{Community, POLICY, world};

const MOMENTS: [Moment; 2] = [Moment::BeforeEffect, Moment::AfterEffect];
const WIDE: &str =
    "{\n\t\"acls\": [\n\t\t{\"action\": \"accept\", \"src\": [\"*\"], \"dst\": [\"*:*\"]},\n\t],\n}\n";

/// One for each protocol of a share.
const RULES: usize = 2;

/// How many children run beside each other, over all tests.
static ROOM: Semaphore = Semaphore::const_new(6);

/// Ways that a share goes, from a state on the disk to the one that it is going to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    /// Rule, seen in force.
    Applying,
    /// What lets everybody in is narrowed before.
    Narrowing,
    /// The rule goes, seen to be gone.
    Ending,
}

/// A prepared data folder: a share that waits for the runner.
struct Prepared {
    folder: TempDir,
    all: Community,
    share: ShareId,
}

impl Story {
    const fn goal(self) -> &'static str {
        match self {
            Self::Applying | Self::Narrowing => "active",
            Self::Ending => "ended",
        }
    }

    async fn prepare(self, version: Dialect) -> Prepared {
        let folder = tempfile::tempdir().unwrap();
        let policy = if self == Self::Narrowing { WIDE } else { POLICY };
        let server = Headscale { policy: Some(policy.into()), ..world(version) };
        let all = Community::in_folder(server, folder.path()).await;
        let mill = all.connect().await;
        let share = all.accepted(mill, "tcp:25565, udp:24454", all.bruno, "bruno").await;
        let decision = all.approved(share, "bruno").await;
        assert_eq!(decision == Decision::NarrowAndApply, self == Self::Narrowing, "{version:?}");
        if self == Self::Ending {
            all.drain().await;
            assert_eq!(all.policy().matches("acequia:share=").count(), RULES, "{version:?}");
            all.ask(all.ana).shares.end(share).await.unwrap();
        }
        Prepared { folder, all, share }
    }

    /// What is true however often it was killed.
    async fn check(self, prepared: &Prepared, told: &str) {
        let (state, policy) = (prepared.all.state(prepared.share).await, prepared.all.policy());
        let marks = policy.matches("acequia:share=").count();
        match self {
            Self::Applying | Self::Narrowing => {
                assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
                assert_eq!(marks, RULES, "{told}: {policy}");
                let wide = policy.contains(r#""src": ["*"]"#);
                assert!(!wide, "{told}: it is narrowed, and once: {policy}");
            }
            Self::Ending => {
                assert!(state.is_over(), "{told}: {state:?}");
                assert_eq!(policy, POLICY, "{told}");
            }
        }
    }
}

/// The binary, with what is in a folder.
fn start(folder: &Path, all: &Community) -> Child {
    let file = folder.join("acequia.toml");
    let text = format!(
        "base_url = 'http://127.0.0.1'\nlisten = '127.0.0.1:0'\ndata = '{}'\n\
         [timing]\njobs = '50ms'\nretry = '50ms'\ncontrol_plane = '2s'\n\
         [control_planes.mill]\nurl = '{}'\nlabel = 'The mill'\n",
        folder.display(),
        all.simulator.headscale_url("mill").unwrap()
    );
    std::fs::write(&file, text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_acequia"))
        .args(["serve", "--config"])
        .arg(file)
        .env_clear()
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

impl Prepared {
    /// Runs the binary until the share is where it was going, and kills it then.
    async fn arrives(&self, goal: &str, told: &str) {
        let mut child = start(self.folder.path(), &self.all);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            seen.push_str(&line);
            seen.push('\n');
            if line.contains("a share changed") && line.contains(&format!("state=\"{goal}\"")) {
                child.kill().await.unwrap();
                return;
            }
        }
        panic!("{told}: the child ended without {goal}:\n{seen}");
    }
}

/// The calls of a run that nobody kills.
async fn calls(story: Story, version: Dialect) -> Vec<Operation> {
    let prepared = story.prepare(version).await;
    prepared.all.simulator.clear_log();
    prepared.arrives(story.goal(), "not killed").await;
    story.check(&prepared, "not killed").await;
    prepared.all.calls()
}

/// Killed while the call of this number is held; then run again.
async fn killed(story: Story, version: Dialect, (number, operation): (usize, Operation), moment: Moment) {
    let told = format!("{story:?} on {version:?}, call {number} ({operation:?}), {moment:?}");
    let prepared = story.prepare(version).await;
    let simulator = &prepared.all.simulator;
    simulator.clear_log();
    let hold = simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
    let mut child = start(prepared.folder.path(), &prepared.all);
    let arrived = tokio::time::timeout(Duration::from_mins(2), hold.held()).await;
    child.kill().await.unwrap();
    assert!(arrived.is_ok(), "{told}: never called");
    assert_eq!(prepared.all.calls().last(), Some(&operation), "{told}");
    // A call that had arrived before its effect has none; one that was killed after it stays done.
    hold.abandon();
    let (state, policy) = (prepared.all.state(prepared.share).await, prepared.all.policy());
    let rule = policy.contains("acequia:share=");
    assert!(rule || !matches!(state, ShareState::Active { .. }), "{told}: open without a rule");
    assert!(!rule || !state.is_over(), "{told}: over with a rule");
    prepared.arrives(story.goal(), &told).await;
    story.check(&prepared, &told).await;
}

async fn survives_every_kill(story: Story) {
    let mut cases = JoinSet::new();
    // What is narrowed first is written twice; of that one version tells as much as all.
    let versions = if story == Story::Narrowing { &VERSIONS[1..2] } else { &VERSIONS[..] };
    for version in versions.iter().copied() {
        let calls = calls(story, version).await;
        let writes = calls.iter().filter(|call| **call == Operation::V1SetPolicy).count();
        assert_eq!(
            writes,
            if story == Story::Narrowing { 2 } else { 1 },
            "{story:?} on {version:?}: {calls:?}"
        );
        for (number, operation) in calls.into_iter().enumerate() {
            for moment in MOMENTS {
                cases.spawn(async move {
                    let _room = ROOM.acquire().await.unwrap();
                    killed(story, version, (number, operation), moment).await;
                });
            }
        }
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applying_on_a_server_survives_kill_at_every_call_with_one_rule() {
    survives_every_kill(Story::Applying).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn narrowing_and_applying_on_a_server_survive_kill_at_every_call() {
    survives_every_kill(Story::Narrowing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_on_a_server_survives_kill_at_every_call_and_leaves_every_byte() {
    survives_every_kill(Story::Ending).await;
}

/// What a child does of a server besides: a first look at it, and a new key for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Look,
    NewKey,
}

impl Deed {
    /// Asked for, and nothing is done yet.
    async fn prepare(self, version: Dialect) -> (TempDir, Community) {
        let folder = tempfile::tempdir().unwrap();
        let all = Community::in_folder(world(version), folder.path()).await;
        match self {
            Self::Look => drop(all.ask(all.ana).tailnets.connect(all.form()).await.unwrap()),
            Self::NewKey => {
                let mill = all.connect().await;
                all.ask(all.ana).tailnets.renew_api_key(mill).await.unwrap();
            }
        }
        all.simulator.clear_log();
        (folder, all)
    }

    /// The calls where nobody is killed.
    async fn calls(self, version: Dialect) -> Vec<Operation> {
        let (_folder, all) = self.prepare(version).await;
        let before = all.server().api_keys;
        all.drain().await;
        let calls = all.calls();
        assert_eq!(all.server().api_keys == before, self == Self::Look, "{version:?}: {calls:?}");
        calls
    }

    /// Killed while the call of this number is held; then this process goes on.
    async fn killed(self, version: Dialect, (number, operation): (usize, Operation), moment: Moment) {
        let told = format!("{self:?} on {version:?}, call {number} ({operation:?}), {moment:?}");
        let (folder, all) = self.prepare(version).await;
        let before = all.server().api_keys;
        let hold = all.simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
        let mut child = start(folder.path(), &all);
        let arrived = tokio::time::timeout(Duration::from_mins(2), hold.held()).await;
        child.kill().await.unwrap();
        assert!(arrived.is_ok(), "{told}: never called");
        assert_eq!(all.calls().last(), Some(&operation), "{told}");
        hold.abandon();
        // As after a start: what a dead process had claimed is free.
        all.app.state.db.unlock_jobs().await.unwrap();
        all.drain().await;
        let mill = is_connected_once(&all, &told).await;
        assert_eq!(all.server().api_keys == before, self == Self::Look, "{told}: it is replaced");
        let server = all.ask(all.ana).tailnets.get(mill).await.unwrap().server.unwrap();
        assert!(!server.renewing, "{told}");
    }

    async fn survives_every_kill(self, must: &[Operation]) {
        let mut cases = JoinSet::new();
        for version in VERSIONS {
            let calls = self.calls(version).await;
            for operation in must {
                assert!(calls.contains(operation), "{self:?} makes no {operation:?}: {calls:?}");
            }
            for call in calls.into_iter().enumerate() {
                for moment in MOMENTS {
                    cases.spawn(async move {
                        let _room = ROOM.acquire().await.unwrap();
                        self.killed(version, call, moment).await;
                    });
                }
            }
        }
        while let Some(case) = cases.join_next().await {
            case.unwrap();
        }
    }
}

/// The server is connected once, by one good key, and read.
async fn is_connected_once(all: &Community, told: &str) -> TailnetId {
    let tailnets = all.ask(all.ana).tailnets.list().await.unwrap().items;
    assert_eq!(tailnets.len(), 1, "{told}: {tailnets:?}");
    let mill = tailnets[0].id;
    all.sync(mill).await;
    let card = all.ask(all.ana).tailnets.get(mill).await.unwrap().card;
    assert!(matches!(card.sync, Sync::Done { .. }), "{told}: {:?}", card.sync);
    assert_eq!((card.nodes, &card.trouble), (4, &None), "{told}");
    let stored = all.app.state.db.list_credentials(mill).await.unwrap().whole().unwrap();
    assert_eq!(stored.len(), 1, "{told}");
    assert_eq!(all.server().api_keys.len(), 1, "{told}: {:?}", all.server().api_keys);
    mill
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_look_at_a_server_survives_kill_at_every_call() {
    Deed::Look.survives_every_kill(&[Operation::V1GetPolicy, Operation::V1ListNodes]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_the_key_survives_kill_at_every_call_with_one_good_key() {
    Deed::NewKey.survives_every_kill(&[Operation::V1CreateApiKey, Operation::V1ExpireApiKey]).await;
}

#[tokio::test]
async fn connecting_that_is_stopped_at_any_call_leaves_nothing_and_can_be_done_again() {
    for version in VERSIONS {
        let all = Community::of(version).await;
        all.ask(all.ana).tailnets.connect(all.form()).await.unwrap();
        let calls = all.calls();
        assert!(calls.contains(&Operation::V1ListNodes), "{calls:?}");
        all.drain().await;
        for (number, operation) in calls.into_iter().enumerate() {
            for moment in MOMENTS {
                let told = format!("{version:?}, call {number} ({operation:?}), {moment:?}");
                let all = Community::of(version).await;
                let (ana, form) = (all.ask(all.ana), all.form());
                let hold = all.simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
                let request = tokio::spawn(async move { ana.tailnets.connect(form).await });
                hold.held().await;
                request.abort();
                assert!(request.await.unwrap_err().is_cancelled(), "{told}");
                hold.abandon();
                all.drain().await;
                assert!(all.ask(all.ana).tailnets.list().await.unwrap().items.is_empty(), "{told}");
                all.connect().await;
                is_connected_once(&all, &told).await;
            }
        }
    }
}
