//! Does the steps of a history with the app over the simulator, and looks after each whether everything is well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::fault::Fault as Refusal;
use app::ports::Backend;
use app::ports::offers::{Answer, OfferForm};
use app::ports::people::Deed;
use app::ports::services::ServiceForm;
use app::ports::shares::Choice;
use invariants::{Moment as Look, Violation};
use model::EditKind;
use model::{Decision, EditState, PersonId, ServiceId, ShareId, ShareState, TailnetId, Timestamp};
use proptest_state_machine::StateMachineTest;
use server::clock::Settable;
use server::demo::Demo;
use server::secrets::Sealer;
use server::store::people::Person;
use simulator::{Fault, FaultRule, Listen, Moment, Operation, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use witness::{Source, Witness};

use super::process::{Process, Shared};
use super::steps::{Start, Step, Steps};
use crate::harness::app::START;
use crate::harness::neighbours::{self, impatient_in};

const NAMES: [&str; 4] = ["ana", "ben", "chiara", "dario"];
const LOGINS: [&str; 4] = ["ana@arroyo.example", "ben@olmo.example", "chiara@github", "dario@nopal.example"];
const NODES: [&[&str]; 4] = [
    &["maple", "ana-laptop"],
    &["jukebox", "forge", "ben-thinkpad"],
    &["blog", "cellar"],
    &["dario-desktop", "dario-deck"],
];
const PORTS: [&str; 4] = ["tcp:25565", "tcp:25565, udp:19132", "tcp:8000-8010", "tcp:22"];
const UNTIL: [&str; 3] = ["ended", "evening", "month"];
const CALLS: [Operation; 10] = [
    Operation::SetPolicy,
    Operation::CreateInvites,
    Operation::AcceptInvite,
    Operation::DeleteInvite,
    Operation::GetPolicy,
    Operation::ListInvites,
    Operation::ListDevices,
    Operation::ListUsers,
    Operation::MintToken,
    Operation::GetInvite,
];

/// What happened in all histories together: without it nobody would know whether anything did.
#[derive(Debug)]
pub struct Tally {
    pub accepted: AtomicUsize,
    pub opened: AtomicUsize,
    pub over: AtomicUsize,
    pub killed: AtomicUsize,
    pub meddled: AtomicUsize,
}

pub static TALLY: Tally = Tally {
    accepted: AtomicUsize::new(0),
    opened: AtomicUsize::new(0),
    over: AtomicUsize::new(0),
    killed: AtomicUsize::new(0),
    meddled: AtomicUsize::new(0),
};

fn count(of: &AtomicUsize) {
    of.fetch_add(1, Ordering::Relaxed);
}

struct Given {
    owner: usize,
    friend: usize,
    id: ShareId,
    /// Somebody ended it, and was told that it ends.
    ended: bool,
}

pub struct Play {
    /// First, so that it is gone before what it asks.
    processes: Vec<Process>,
    shared: Shared,
    clock: Settable,
    /// What the clock would say if it were right.
    time: Timestamp,
    demo: Demo,
    people: Vec<Person>,
    blocked: BTreeSet<usize>,
    tailnets: Vec<TailnetId>,
    services: BTreeMap<(usize, usize, usize), ServiceId>,
    shares: Vec<Given>,
    edits: BTreeMap<usize, model::ids::EditId>,
    witness: Witness,
    /// Where others changed something at this time: the app has to see it first.
    meddled: BTreeMap<usize, Timestamp>,
    /// Serves the control planes.
    world: Runtime,
    _folder: TempDir,
}

/// What may be otherwise until the app has looked.
const OF_OTHERS: [&str; 5] = ["rule", "invite", "reach", "open", "gained"];

impl StateMachineTest for Play {
    type SystemUnderTest = Self;
    type Reference = Steps;

    fn init_test(start: &Start) -> Self {
        Self::begin(*start)
    }

    fn apply(mut self_: Self, _: &Start, step: Step) -> Self {
        self_.pass(1);
        self_.step(&step);
        let wrong = self_.wrong(Look::Halted);
        assert!(wrong.is_empty(), "after {step:?}: {wrong:#?}");
        self_
    }

    fn teardown(mut self_: Self, _: Start) {
        self_.settle();
        self_.tally();
    }
}

impl Play {
    fn begin(start: Start) -> Self {
        let world =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let demo = world.block_on(Demo::start(World::demo(), Listen::default())).unwrap();
        let clock = Settable::at(START);
        demo.simulator.pin_clock(START.to_string().parse().unwrap());
        let mut shared = Shared {
            config: impatient_in(folder.path(), &demo),
            file: folder.path().join("acequia.db"),
            clock: clock.clone(),
            sealer: Arc::new(Sealer::ephemeral()),
            alone: start.processes == 1,
            seed: start.seed,
        };
        let processes: Vec<Process> = (0..start.processes).map(|_| Process::start(&mut shared)).collect();
        let first = &processes[0];
        let people = first.runtime.block_on(demo.people(&first.state)).unwrap();
        let source = world.block_on(Source::file(&shared.file)).unwrap();
        let planes = planes(&demo);
        let mut witness = world.block_on(Witness::begin(source, &planes)).unwrap();
        for tailnet in &demo.world.tailnets {
            let clients = tailnet.clients.iter().map(|client| &client.secret);
            for secret in clients.chain(tailnet.tokens.iter().map(|token| &token.secret)) {
                witness.must_not_read(&format!("a credential of {}", tailnet.name), secret);
            }
        }
        let mut tailnets = Vec::new();
        for (owner, (_, form)) in demo.keyring().iter().enumerate() {
            let ask = neighbours::ask(&first.state, &people[owner]);
            tailnets.push(first.runtime.block_on(ask.tailnets.connect(form.clone())).unwrap());
        }
        first.work();
        Self {
            processes,
            shared,
            clock,
            time: START,
            demo,
            people,
            blocked: BTreeSet::new(),
            tailnets,
            services: BTreeMap::new(),
            shares: Vec::new(),
            edits: BTreeMap::new(),
            witness,
            meddled: BTreeMap::new(),
            world,
            _folder: folder,
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Share { owner, node, ports, friend, until } => {
                self.share(owner, node, ports, friend, until);
            }
            Step::Approve { share } => self.of_share(share, true, async |ask, id| {
                let review = ask.shares.review(id).await?;
                let decision = match review.choice {
                    Choice::Exact => Decision::Apply,
                    Choice::NarrowOrWholeNode { .. } => Decision::NarrowAndApply,
                    Choice::WholeNodeOnly { .. } => Decision::WholeNode,
                };
                ask.shares.apply(id, review.plan, decision).await
            }),
            Step::OpenInvite { share } => self.open_invite(share),
            Step::Paste { share } => self.paste(share),
            Step::End { share, by_friend } => self.end(share, by_friend),
            Step::GiveUp { share } => {
                self.of_share(share, true, async |ask, id| ask.shares.end_unproven(id).await);
            }
            Step::Retry { share } => self.of_share(share, true, async |ask, id| ask.shares.retry(id).await),
            Step::Check { share } => self.of_share(share, true, async |ask, id| ask.shares.check(id).await),
            Step::Sync { owner } => {
                let tailnet = self.tailnets[owner];
                self.ask(owner, async |ask| ask.tailnets.sync(tailnet).await);
            }
            Step::Narrow { owner } => self.edit(owner, EditKind::Narrow),
            Step::TakeBack { owner } => {
                if let Some(edit) = self.edits.remove(&owner) {
                    self.edit(owner, EditKind::Undo(edit));
                }
            }
            Step::Block { person } => self.act(person, Deed::Block),
            Step::Unblock { person } => self.act(person, Deed::Unblock),
            Step::Work { process } => self.processes[process % self.processes.len()].work(),
            Step::WorkAtOnce => std::thread::scope(|scope| {
                for process in &self.processes {
                    scope.spawn(|| process.work());
                }
            }),
            Step::Kill { process, call, nth, after, vanishes } => {
                self.kill(process % self.processes.len(), call, nth, (after, vanishes));
            }
            Step::Trouble { call, fault, times, after } => self.trouble(call, fault, times, after),
            Step::Pass { seconds } => self.pass(seconds),
            Step::Jump { hours } => self.clock.set(self.time.plus_seconds(hours * 3_600)),
            Step::Remark { owner } => {
                let text = format!("// somebody was here\n{}", self.policy(owner));
                self.demo.simulator.edit_policy(NAMES[owner], text).unwrap();
                self.meddle(owner);
            }
            Step::TakeRuleOut { share } => self.take_rule_out(share),
            Step::DeleteInvite { owner, which } => {
                let invites = self.demo.simulator.tailnet(NAMES[owner]).unwrap().invites;
                if let Some(invite) = invites.get(which % invites.len().max(1)) {
                    self.demo.simulator.delete_invite(NAMES[owner], &invite.id).unwrap();
                    self.meddle(owner);
                }
            }
            Step::Settle => self.settle(),
        }
    }

    /// What somebody asks of the first process. Whoever may not come in asks nothing.
    fn ask<T>(&self, person: usize, what: impl AsyncFnOnce(Backend) -> Result<T, Refusal>) -> Option<T> {
        if self.blocked.contains(&person) {
            return None;
        }
        let process = &self.processes[0];
        let ask = neighbours::ask(&process.state, &self.people[person]);
        match process.runtime.block_on(what(ask)) {
            Ok(answer) => Some(answer),
            Err(broken @ (Refusal::Internal { .. } | Refusal::Damaged { .. })) => panic!("{broken:?}"),
            Err(_) => None,
        }
    }

    fn given(&self, share: usize) -> Option<&Given> {
        self.shares.get(share % self.shares.len().max(1))
    }

    /// What the owner of a share asks about it, or its friend.
    fn of_share(
        &self,
        share: usize,
        owner: bool,
        what: impl AsyncFnOnce(Backend, ShareId) -> Result<(), Refusal>,
    ) {
        let Some(given) = self.given(share) else { return };
        let (person, id) = (if owner { given.owner } else { given.friend }, given.id);
        self.ask(person, async |ask| what(ask, id).await);
    }

    fn share(&mut self, owner: usize, node: usize, ports: usize, friend: usize, until: usize) {
        if owner == friend || self.blocked.contains(&owner) || self.blocked.contains(&friend) {
            return;
        }
        let (node, ports) = (node % NODES[owner].len(), ports % PORTS.len());
        let service = self.services.get(&(owner, node, ports)).copied().or_else(|| {
            let process = &self.processes[0];
            let nodes = process.runtime.block_on(process.state.db.list_nodes(self.tailnets[owner])).unwrap();
            let node = nodes.iter().find(|known| known.name == NODES[owner][node])?.id;
            let form = ServiceForm {
                name: "Minecraft".into(),
                kind: "minecraft".into(),
                ports: PORTS[ports].into(),
                audience: "everybody".into(),
                ..ServiceForm::default()
            };
            self.ask(owner, async |ask| ask.services.create(node, form).await)
        });
        let Some(service) = service else { return };
        self.services.insert((owner, node, ports), service);
        let form = OfferForm {
            service: service.to_string(),
            to: "link".into(),
            until: UNTIL[until % UNTIL.len()].into(),
            ..OfferForm::default()
        };
        let Some((_, token)) = self.ask(owner, async |ask| ask.offers.create(form).await) else { return };
        let id = self.ask(friend, async |ask| {
            let Answer::Possible { logins, .. } = ask.offers.open(token.clone()).await?.answer else {
                return Ok(None);
            };
            ask.offers.accept(token, logins[0].clone()).await.map(Some)
        });
        if let Some(id) = id.flatten() {
            self.shares.push(Given { owner, friend, id, ended: false });
        }
    }

    fn open_invite(&self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (id, friend) = (given.id, given.friend);
        let link = self.ask(friend, async |ask| Ok(ask.shares.get(id).await?.invite_link)).flatten();
        if let Some(link) = link {
            // It may be gone by now.
            let _ = self.demo.simulator.accept(NAMES[friend], LOGINS[friend], &link);
        }
    }

    fn paste(&self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (id, owner) = (given.id, given.owner);
        let wanted = self.ask(owner, async |ask| {
            let page = ask.shares.get(id).await?;
            Ok(page.attention.is_some_and(|attention| attention.wants_invite))
        });
        if wanted != Some(true) {
            return;
        }
        let process = &self.processes[0];
        let node = process.runtime.block_on(async {
            let share = process.state.db.find_share(id).await.unwrap().unwrap();
            process.state.db.find_node(share.node).await.unwrap().unwrap().name
        });
        if let Ok(link) = self.demo.simulator.make_invite(NAMES[owner], LOGINS[owner], &node) {
            self.ask(owner, async |ask| ask.shares.paste_invite(id, link).await);
        }
    }

    fn end(&mut self, share: usize, by_friend: bool) {
        let Some(given) = self.given(share) else { return };
        let (person, id) = (if by_friend { given.friend } else { given.owner }, given.id);
        let ended = self.ask(person, async |ask| ask.shares.end(id).await).is_some();
        let count = self.shares.len();
        self.shares[share % count].ended |= ended;
    }

    fn edit(&mut self, owner: usize, what: EditKind) {
        let tailnet = self.tailnets[owner];
        let edit = self.ask(owner, async |ask| {
            let plan = ask.edits.plan(tailnet, what.clone()).await?.plan;
            let id = ask.edits.apply(tailnet, what, plan).await?;
            Ok(matches!(ask.edits.get(id).await?.line.state, EditState::Applied { .. }).then_some(id))
        });
        if let Some(edit) = edit.flatten() {
            self.edits.insert(owner, edit);
        }
    }

    /// Ana looks after the place.
    fn act(&mut self, person: usize, deed: Deed) {
        let id: PersonId = self.people[person].id;
        if self.ask(0, async |ask| ask.people.act(id, deed).await).is_none() {
            return;
        }
        match deed {
            Deed::Block => drop(self.blocked.insert(person)),
            _ => drop(self.blocked.remove(&person)),
        }
    }

    fn kill(&mut self, process: usize, call: usize, nth: u32, (after, vanishes): (bool, bool)) {
        let moment = if after { Moment::AfterEffect } else { Moment::BeforeEffect };
        let hold = self.demo.simulator.hold_nth(CALLS[call % CALLS.len()], moment, nth);
        let killed = self.processes[process].work_until(&hold);
        if killed {
            count(&TALLY.killed);
            drop(self.processes.remove(process));
        }
        if vanishes {
            hold.abandon();
        } else {
            hold.release();
        }
        if killed {
            self.processes.push(Process::start(&mut self.shared));
        }
    }

    fn trouble(&self, call: usize, fault: usize, times: u32, after: bool) {
        let status = |status| Fault::Status { status, message: None };
        let faults = [
            status(500),
            status(412),
            status(403),
            Fault::Garbage,
            Fault::HangUp,
            Fault::RateLimit { retry_after: Some(600) },
        ];
        let operation = CALLS[call % CALLS.len()];
        let moment = if after { Moment::AfterEffect } else { Moment::BeforeEffect };
        let fault = faults[fault % faults.len()].clone();
        self.demo.simulator.fail(FaultRule { target: operation.into(), fault, times, moment });
    }

    /// On every clock alike.
    fn pass(&mut self, seconds: i64) {
        self.time = self.time.plus_seconds(seconds);
        self.clock.advance_seconds(seconds);
        self.demo.simulator.pin_clock(self.time.to_string().parse().unwrap());
    }

    fn policy(&self, owner: usize) -> String {
        self.demo.simulator.policy(NAMES[owner]).unwrap()
    }

    fn take_rule_out(&mut self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (owner, id) = (given.owner, given.id.to_string().parse().unwrap());
        if let Ok(without) = policy::unshare(&self.policy(owner), &id) {
            self.demo.simulator.edit_policy(NAMES[owner], without.after).unwrap();
            self.meddle(owner);
        }
    }

    /// Somebody else changed something: from now on it counts from here, once the app has seen it.
    fn meddle(&mut self, owner: usize) {
        let planes = planes(&self.demo);
        self.world.block_on(self.witness.begin_anew(&planes, NAMES[owner])).unwrap();
        self.meddled.insert(owner, self.time);
        count(&TALLY.meddled);
    }

    fn tally(&self) {
        let process = &self.processes[0];
        for given in &self.shares {
            let share = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
            count(&TALLY.accepted);
            if share.seen_in_force.is_some() {
                count(&TALLY.opened);
            }
            if share.state.is_over() {
                count(&TALLY.over);
            }
        }
    }

    /// Nothing stands in the way any more, and all have had the time they need.
    fn settle(&mut self) {
        self.demo.simulator.clear_faults();
        self.clock.set(self.time);
        for _ in 0..4 {
            // Longer than leases, waits and the interval of syncs.
            self.pass(3_700);
            for process in &self.processes {
                process.work();
            }
        }
        let wrong = self.wrong(Look::Rest);
        assert!(wrong.is_empty(), "at rest: {wrong:#?}");
        let process = &self.processes[0];
        for given in self.shares.iter().filter(|given| given.ended) {
            let share = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
            let stopped = matches!(share.state, ShareState::NeedsAttention { .. });
            assert!(share.state.is_over() || stopped, "{} was ended, and is {:?}", given.id, share.state);
        }
    }

    fn wrong(&mut self, moment: Look) -> Vec<Violation> {
        let process = &self.processes[0];
        let seen = |owner: usize| {
            let found = process.runtime.block_on(process.state.db.find_tailnet(self.tailnets[owner]));
            found.unwrap().unwrap().looked
        };
        let still: BTreeMap<usize, Timestamp> = self
            .meddled
            .iter()
            .filter(|(owner, at)| seen(**owner).is_none_or(|looked| looked <= **at))
            .map(|(owner, at)| (*owner, *at))
            .collect();
        self.meddled = still;
        let planes = planes(&self.demo);
        let now = self.clock_now().micros();
        let mut wrong = self.world.block_on(self.witness.check(&planes, now, moment)).unwrap();
        wrong.retain(|violation| !self.is_of_others(violation));
        wrong
    }

    fn clock_now(&self) -> Timestamp {
        self.processes[0].state.now()
    }

    /// Whether somebody else may be the reason, and the app has not looked since.
    fn is_of_others(&self, violation: &Violation) -> bool {
        self.meddled.keys().any(|owner| {
            let named = violation.seen.starts_with(&format!("{}: ", NAMES[*owner]));
            let theirs = self.shares.iter().filter(|given| given.owner == *owner);
            let mut shares = theirs.map(|given| given.id.to_string());
            (named || shares.any(|id| violation.seen.contains(&id)))
                && OF_OTHERS.iter().any(|word| violation.law.contains(word))
        })
    }
}

fn planes(demo: &Demo) -> Vec<simulator::TailnetView> {
    NAMES.iter().map(|name| demo.simulator.tailnet(name).unwrap()).collect()
}
