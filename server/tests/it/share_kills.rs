//! kill -9 at every call that applying and ending make: before its effect, and after its effect but before its
//! answer. The binary runs as a child; the simulator in the test holds the call. Which calls there are is seen in a
//! run that nobody kills, so that none is forgotten.

use std::process::Stdio;
use std::time::Duration;

use app::ports::offers::OfferForm;
use app::ports::services::ServiceForm;
use invariants::Moment as Look;
use model::{Need, NodeId, ShareId, ShareState};
use server::demo::Demo;
use server::store::audit::{Reader, Search};
use server::words::tailnet::CHANGED_ELSEWHERE;
use simulator::{Fault, FaultRule, Listen, Moment, Operation, Target, World};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use witness::Witness;

use crate::harness::TestApp;
use crate::harness::Who::{Ana, Dario};
use crate::harness::neighbours::{Neighbours, impatient_in};

const MOMENTS: [Moment; 2] = [Moment::BeforeEffect, Moment::AfterEffect];

/// How many children run beside each other, over all tests.
static ROOM: Semaphore = Semaphore::const_new(6);

/// Ways that a share goes, from a state on the disk to the one that it is going to.
#[derive(Clone, Copy, Debug)]
enum Story {
    /// Narrowing, rule, invite, accepted for the friend, seen in force.
    Applying,
    /// The same where the owner approved it beforehand, and the policy is narrow already.
    Beforehand,
    /// The same without a user token of the owner, up to where they make the invite.
    ApplyingWithoutToken,
    /// From the pasted link of an invite on.
    Pasted,
    /// Of an open share the rule with other ports in place of the one before.
    OtherPorts,
    /// The rule out, the invite kept.
    Pausing,
    /// The rule in again, with the same invite.
    OpeningAgain,
    /// Rule, invite, seen to be gone.
    Ending,
    /// With an invite that was pasted and not opened.
    EndingPasted,
    /// With an invite that was asked for, and nobody knows whether it was made.
    EndingUnrecorded,
}

/// A prepared data folder: a share that waits for the runner.
struct Prepared {
    folder: TempDir,
    all: Neighbours,
    share: ShareId,
    /// The policy before the share's own rule, where it is there already.
    without: Option<String>,
    /// Has seen everything from the beginning.
    witness: Witness,
}

impl Story {
    const fn goal(self) -> &'static str {
        match self {
            Self::Applying | Self::Beforehand | Self::OtherPorts | Self::OpeningAgain => "active",
            Self::Pausing => "paused",
            Self::ApplyingWithoutToken => "needs_attention",
            Self::Pasted => "waiting_for_friend",
            Self::Ending | Self::EndingPasted | Self::EndingUnrecorded => "ended",
        }
    }

    async fn prepare(self) -> Prepared {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::start(World::demo(), Listen::default()).await.unwrap();
        let config = impatient_in(folder.path(), &demo);
        let all = Neighbours::in_app(TestApp::on_disk(config).await, demo).await;
        all.app.left_over.may_be("another process does them");
        if let Self::Beforehand = self {
            let narrow = narrowed(&all.policy("ana"));
            all.demo.simulator.edit_policy("ana", &narrow).unwrap();
        }
        let witness = all.witness().await;
        let by_hand = matches!(self, Self::ApplyingWithoutToken | Self::Pasted | Self::EndingPasted);
        let ana = if by_hand { all.connect_without_token(Ana).await } else { all.connect(Ana).await };
        if !by_hand {
            all.connect(Dario).await;
        }
        let node = all.node(ana, "maple").await;
        let share = if let Self::Beforehand = self {
            approve_beforehand(&all, node).await;
            all.accepted_until(Ana, node, "tcp:25565", Dario, ("month", "")).await
        } else {
            let share = all.accepted(Ana, node, "tcp:25565", Dario).await;
            all.approved(Ana, share).await;
            share
        };
        let mut prepared = Prepared { folder, all, share, without: None, witness };
        prepared.go_on(self).await;
        prepared
    }

    /// What is true however often it was killed.
    async fn check(self, prepared: &mut Prepared, told: &str) {
        prepared.all.all_is_well(&mut prepared.witness, Look::Halted, told).await;
        let mark = format!("acequia:share={}", prepared.share);
        let marks = prepared.policy().matches(&mark).count();
        let ana = prepared.all.demo.simulator.tailnet("ana").unwrap();
        let (invites, shares) = (ana.invites.len(), ana.shares.len());
        let state = prepared.all.state(prepared.share).await;
        // Whatever was written before it was killed was written from here.
        let others = Search { like: format!("%{CHANGED_ELSEWHERE}%"), ..Search::of(Reader::Operator, 1) };
        assert_eq!(prepared.all.app_state().db.search_entries(&others).await.unwrap(), []);
        match self {
            Self::Pausing => {
                assert!(matches!(state, ShareState::Paused { .. }), "{told}: {state:?}");
                assert_eq!(Some(prepared.policy()), prepared.without, "{told}");
                assert_eq!((marks, invites, shares), (0, 1, 1), "{told}");
            }
            Self::Applying | Self::Beforehand | Self::OtherPorts | Self::OpeningAgain => {
                let other = matches!(self, Self::OtherPorts);
                let policy = prepared.policy();
                assert_eq!(
                    (policy.contains("tcp:25570"), policy.contains("tcp:25565")),
                    (other, !other),
                    "{told}"
                );
                assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
                assert_eq!(
                    (marks, invites, shares),
                    (1, 1, 1),
                    "{told}: active means that the friend has it"
                );
            }
            Self::ApplyingWithoutToken => {
                let ShareState::NeedsAttention { attention, .. } = state else { panic!("{told}: {state:?}") };
                assert_eq!(attention.need, Need::Invite, "{told}: {attention:?}");
                assert_eq!((marks, invites, shares), (1, 0, 0), "{told}");
            }
            Self::Pasted => {
                assert!(matches!(state, ShareState::WaitingForFriend { .. }), "{told}: {state:?}");
                assert_eq!((marks, invites, shares), (1, 1, 0), "{told}");
            }
            Self::Ending | Self::EndingPasted | Self::EndingUnrecorded => {
                assert!(state.is_over(), "{told}: {state:?}");
                assert_eq!(Some(prepared.policy()), prepared.without, "{told}");
                assert_eq!((marks, invites, shares), (0, 0, 0), "{told}");
            }
        }
    }
}

impl Prepared {
    /// From the owner's yes to where the story begins.
    async fn go_on(&mut self, story: Story) {
        let (all, share) = (&self.all, self.share);
        if matches!(story, Story::Applying | Story::Beforehand | Story::ApplyingWithoutToken) {
            return;
        }
        let narrowed = narrowed(&self.policy());
        if let Story::EndingUnrecorded = story {
            all.demo.simulator.fail(FaultRule {
                target: Operation::CreateInvites.into(),
                fault: Fault::HangUp,
                times: 1,
                moment: Moment::AfterEffect,
            });
        }
        all.drain().await;
        if matches!(story, Story::Pasted | Story::EndingPasted) {
            let link = all.demo.simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
            all.ask(Ana).shares.paste_invite(share, link).await.unwrap();
        }
        if let Story::Pasted = story {
            return;
        }
        all.drain().await;
        assert!(self.policy().contains(&share.to_string()), "{story:?}: the rule is there");
        assert_eq!(all.invites("ana"), 1, "{story:?}");
        if let Story::OtherPorts = story {
            return self.other_ports().await;
        }
        self.without = Some(narrowed);
        if matches!(story, Story::Pausing | Story::OpeningAgain) {
            all.ask(Ana).shares.pause(share).await.unwrap();
            if let Story::OpeningAgain = story {
                all.drain().await;
                all.ask(Ana).shares.open_again(share).await.unwrap();
            }
            return;
        }
        all.ask(Ana).shares.end(share).await.unwrap();
    }

    /// The service has other ports, and the owner says yes to them for the share too.
    async fn other_ports(&self) {
        let asked = self.all.ask(Ana);
        let service = self.all.app_state().db.find_share(self.share).await.unwrap().unwrap().service;
        let form = asked.services.edit_form(service).await.unwrap().form;
        let form = ServiceForm { ports: "tcp:25570".into(), gates: "bring".into(), ..form };
        asked.services.update(service, form).await.unwrap();
        self.all.approved(Ana, self.share).await;
    }

    fn policy(&self) -> String {
        self.all.policy("ana")
    }

    fn start(&self) -> Child {
        let file = self.folder.path().join("acequia.toml");
        let text = format!(
            "base_url = 'http://127.0.0.1'\nlisten = '127.0.0.1:0'\ndata = '{}'\n\
             [timing]\njobs = '50ms'\nretry = '50ms'\ncontrol_plane = '2s'\n\
             [control_planes.simulator]\nurl = '{}'\nlabel = 'Simulator'\n",
            self.folder.path().display(),
            self.all.demo.simulator.api_url()
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

    /// Runs the binary until the share is where it was going, and kills it then.
    async fn arrives(&self, goal: &str, told: &str) {
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
        panic!("{told}: the child ended without {goal}:\n{seen}");
    }
}

/// The policy as the narrowing leaves it.
fn narrowed(text: &str) -> String {
    let all = [r#"{"src": ["*"], "dst""#, r#"{"src": ["autogroup:member", "autogroup:tagged"], "dst""#];
    text.replace(all[0], all[1])
}

/// Ana meets Dario, and wants to be asked for nothing that he accepts.
async fn approve_beforehand(all: &Neighbours, node: NodeId) {
    let service = all.listed(Ana, node, "tcp:8080").await;
    let form = OfferForm {
        service: service.to_string(),
        to: "link".into(),
        until: "month".into(),
        ..OfferForm::default()
    };
    let (_, token) = all.ask(Ana).offers.create(form).await.unwrap();
    all.ask(Dario).offers.decline(token).await.unwrap();
    let circles = all.ask(Ana).circles;
    let circle = circles.create("Players".into()).await.unwrap();
    circles.add(circle, all.people[Dario].id.to_string()).await.unwrap();
    circles.approve(circle, "minecraft".into(), "60".into()).await.unwrap();
}

/// The calls of a run that nobody kills.
async fn calls(story: Story) -> Vec<Operation> {
    let mut prepared = story.prepare().await;
    prepared.all.demo.simulator.clear_log();
    prepared.arrives(story.goal(), "not killed").await;
    story.check(&mut prepared, "not killed").await;
    prepared.all.demo.simulator.log().into_iter().map(|entry| entry.operation).collect()
}

/// Killed while the call of this number is held; then run again.
async fn killed(story: Story, number: usize, operation: Operation, moment: Moment) {
    let told = format!("{story:?}, call {number} ({operation:?}), {moment:?}");
    let mut prepared = story.prepare().await;
    let simulator = &prepared.all.demo.simulator;
    simulator.clear_log();
    let hold = simulator.hold_nth(Target::default(), moment, u32::try_from(number).unwrap());
    let mut child = prepared.start();
    let arrived = tokio::time::timeout(Duration::from_mins(2), hold.held()).await;
    child.kill().await.unwrap();
    assert!(arrived.is_ok(), "{told}: never called");
    let log = simulator.log();
    assert_eq!(log.last().map(|entry| entry.operation), Some(operation), "{told}: {log:?}");
    // A call that had arrived before its effect has none; one that was killed after it stays done.
    hold.abandon();
    prepared.all.all_is_well(&mut prepared.witness, Look::Halted, &told).await;
    prepared.arrives(story.goal(), &told).await;
    story.check(&mut prepared, &told).await;
}

async fn survives_every_kill(story: Story, must: &[Operation]) {
    let calls = calls(story).await;
    for operation in must {
        assert!(calls.contains(operation), "{story:?} makes no {operation:?}: {calls:?}");
    }
    eprintln!("{story:?}: {} calls, {calls:?}", calls.len());
    let mut cases = JoinSet::new();
    for (number, operation) in calls.into_iter().enumerate() {
        for moment in MOMENTS {
            cases.spawn(async move {
                let _room = ROOM.acquire().await.unwrap();
                killed(story, number, operation, moment).await;
            });
        }
    }
    while let Some(case) = cases.join_next().await {
        case.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applying_survives_kill_at_every_call_with_one_invite_and_one_rule() {
    let writes = [Operation::SetPolicy, Operation::CreateInvites, Operation::AcceptInvite];
    survives_every_kill(Story::Applying, &writes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_approved_beforehand_survives_kill_at_every_call_from_its_acceptance_on() {
    let calls = [Operation::ValidatePolicy, Operation::SetPolicy, Operation::AcceptInvite];
    survives_every_kill(Story::Beforehand, &calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applying_without_a_token_survives_kill_at_every_call() {
    survives_every_kill(Story::ApplyingWithoutToken, &[Operation::SetPolicy]).await;
    survives_every_kill(Story::Pasted, &[Operation::GetPolicy, Operation::ListInvites]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_ports_survive_kill_at_every_call_with_one_rule() {
    survives_every_kill(Story::OtherPorts, &[Operation::SetPolicy]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_and_its_end_survive_kill_at_every_call_with_the_same_invite() {
    for story in [Story::Pausing, Story::OpeningAgain] {
        survives_every_kill(story, &[Operation::SetPolicy]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_survives_kill_at_every_call_and_leaves_nothing() {
    let writes = [Operation::SetPolicy, Operation::DeleteInvite];
    for story in [Story::Ending, Story::EndingPasted, Story::EndingUnrecorded] {
        survives_every_kill(story, &writes).await;
    }
}
