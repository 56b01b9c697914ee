//! kill -9 at every call that applying and ending make: before its effect, and after its effect but before its
//! answer. The binary runs as a child; the simulator in the test holds the call.

use std::process::Stdio;
use std::sync::Arc;

use model::{ShareId, ShareState};
use server::clock::System;
use server::random::Random;
use server::secrets::Sealer;
use server::services::{Services, open_database};
use simulator::{Listen, Moment, Operation, World};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::neighbours::{ask, impatient};
use server::demo::Demo;

/// A prepared data folder: a share that waits for the runner.
struct Prepared {
    folder: TempDir,
    demo: Demo,
    services: Services,
    people: Vec<server::store::people::Person>,
    share: ShareId,
}

impl Prepared {
    /// With Ana's policy as it is, so that it is narrowed first; or with one that needs no narrowing, so that the
    /// first write is that of the rule.
    async fn new(narrow: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::start(World::demo(), Listen::default()).await.unwrap();
        let mut config = impatient(&demo);
        config.data = folder.path().to_owned();
        config.key_file = folder.path().join("key");
        config.database = server::config::Database::Sqlite(folder.path().join("acequia.db"));
        let sealer = Sealer::read_or_create(&config.key_file).unwrap();
        let db = open_database(&config).await.unwrap();
        let services = Services::new(config, db, Arc::new(System), Random::system(), sealer);
        let people = demo.people(&services).await.unwrap();
        if !narrow {
            let text = demo.simulator.policy("ana").unwrap();
            let text = text.replace(r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member"], "dst""#);
            demo.simulator.edit_policy("ana", text).unwrap();
        }
        let neighbours = Setup { services: &services, demo: &demo, people: &people };
        let share = neighbours.approved_share().await;
        Self { folder, demo, services, people, share }
    }

    fn start(&self) -> Child {
        let file = self.folder.path().join("acequia.toml");
        let text = format!(
            "base_url = 'http://127.0.0.1'\nlisten = '127.0.0.1:0'\ndata = '{}'\n\
             [timing]\njobs = '50ms'\nretry = '50ms'\ncontrol_plane = '2s'\n\
             [control_planes.simulator]\nurl = '{}'\nlabel = 'Simulator'\n",
            self.folder.path().display(),
            self.demo.simulator.api_url()
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

    /// Runs the binary, kills it while the call is held, runs it again and waits until the share says so.
    async fn killed_at(&self, operation: Operation, moment: Moment, goal: &str) {
        let hold = self.demo.simulator.hold(operation, moment);
        let mut child = self.start();
        let patience = std::time::Duration::from_mins(1);
        let arrived = tokio::time::timeout(patience, hold.held()).await;
        child.kill().await.unwrap();
        arrived.unwrap_or_else(|_| panic!("{operation:?} was never called"));
        // A call that had arrived before its effect has none; one that was killed after it stays done.
        hold.abandon();
        let mut child = self.start();
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
        panic!("{operation:?} {moment:?}: the child ended without {goal}:\n{seen}");
    }

    fn policy(&self) -> String {
        self.demo.simulator.policy("ana").unwrap()
    }
}

/// What [`crate::harness::neighbours::Neighbours`] does, on services that are on the disk.
struct Setup<'a> {
    services: &'a Services,
    demo: &'a Demo,
    people: &'a [server::store::people::Person],
}

impl Setup<'_> {
    async fn approved_share(&self) -> ShareId {
        use app::ports::offers::OfferForm;
        use app::ports::services::ServiceForm;
        let keyring = self.demo.keyring();
        let (ana, dario) = (ask(self.services, &self.people[0]), ask(self.services, &self.people[3]));
        let mine = ana.tailnets.connect(keyring[0].1.clone()).await.unwrap();
        dario.tailnets.connect(keyring[3].1.clone()).await.unwrap();
        server::jobs::Runner::new(self.services.clone()).drain().await.unwrap();
        let nodes = self.services.db.list_nodes(mine).await.unwrap();
        let maple = nodes.iter().find(|node| node.name == "maple").unwrap().id;
        let form = ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: "tcp:25565".into(),
            audience: "everybody".into(),
            ..ServiceForm::default()
        };
        let service = ana.services.create(maple, form).await.unwrap();
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: "ended".into(),
            ..OfferForm::default()
        };
        let (_, token) = ana.offers.create(form).await.unwrap();
        let share = dario.offers.accept(token, "dario@nopal.example".into()).await.unwrap();
        let review = ana.shares.review(share).await.unwrap();
        let decision = match review.choice {
            app::ports::shares::Choice::Exact => app::ports::shares::Decision::Apply,
            _ => app::ports::shares::Decision::NarrowAndApply,
        };
        ana.shares.apply(share, review.plan, decision).await.unwrap();
        share
    }
}

const MOMENTS: [Moment; 2] = [Moment::BeforeEffect, Moment::AfterEffect];

#[tokio::test(flavor = "multi_thread")]
async fn applying_survives_kill_at_every_call_with_one_invite_and_one_rule() {
    for (operation, narrow) in [
        (Operation::GetPolicy, true),
        (Operation::ListDevices, true),
        (Operation::ListUsers, true),
        (Operation::SetPolicy, true),
        (Operation::SetPolicy, false),
        (Operation::ListInvites, false),
        (Operation::CreateInvites, true),
        (Operation::AcceptInvite, true),
        (Operation::GetInvite, true),
    ] {
        for moment in MOMENTS {
            let prepared = Prepared::new(narrow).await;
            prepared.killed_at(operation, moment, "active").await;
            let told = format!("{operation:?} {moment:?}");
            let mark = format!("acequia:share={}", prepared.share);
            assert_eq!(prepared.policy().matches(&mark).count(), 1, "{told}");
            let ana = prepared.demo.simulator.tailnet("ana").unwrap();
            assert_eq!(ana.invites.len(), 1, "{told}");
            assert_eq!(ana.shares.len(), 1, "{told}: active means that the friend has it");
            let stored = prepared.services.db.find_share(prepared.share).await.unwrap().unwrap();
            assert!(matches!(stored.state, ShareState::Active { .. }), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_survives_kill_at_every_call_and_leaves_nothing() {
    for operation in [
        Operation::GetPolicy,
        Operation::SetPolicy,
        Operation::DeleteInvite,
        Operation::ListInvites,
        Operation::ListUsers,
    ] {
        for moment in MOMENTS {
            let prepared = Prepared::new(true).await;
            server::jobs::Runner::new(prepared.services.clone()).drain().await.unwrap();
            let with = prepared.policy();
            ask(&prepared.services, &prepared.people[0]).shares.end(prepared.share).await.unwrap();
            prepared.killed_at(operation, moment, "ended").await;
            let told = format!("{operation:?} {moment:?}");
            let ours = |line: &&str| line.contains(&prepared.share.to_string()) || line.contains("dario@");
            let without: String = with.split_inclusive('\n').filter(|line| !ours(line)).collect();
            assert_eq!(prepared.policy(), without, "{told}");
            let ana = prepared.demo.simulator.tailnet("ana").unwrap();
            assert_eq!((ana.invites.len(), ana.shares.len()), (0, 0), "{told}");
        }
    }
}
