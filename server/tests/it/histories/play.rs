//! Does the steps of a history with the app over the simulator, and looks after each whether everything is well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::fault::Fault as Refusal;
use app::ports::Backend;
use app::ports::offers::{Answer, OfferForm};
use app::ports::people::Deed;
use app::ports::services::ServiceForm;
use app::ports::shares::EndForm;
use invariants::{Moment as Look, Violation};
use model::EditKind;
use model::{Decision, EditState, PersonId, ServiceId, ShareId, ShareState, TailnetId, Timestamp};
use proptest_state_machine::StateMachineTest;
use server::clock::Settable;
use server::demo::Demo;
use server::secrets::Sealer;
use simulator::{Fault, FaultRule, Listen, Moment, Operation, World};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use witness::{Source, Witness};

use super::process::{Process, Shared};
use super::steps::{Around, Start, Step, Steps};
use crate::harness::Who;
use crate::harness::app::START;
use crate::harness::database::migrated;
use crate::harness::neighbours::{self, impatient_in};
use crate::harness::people::People;

mod around;
mod looks;
mod people;
mod trouble;

/// Networks: of each person their tailnet, then a server on which all of them have an account.
const NAMES: [&str; 5] = ["ana", "ben", "chiara", "dario", "mill"];
/// Who looks after each at first.
const OWNERS: [Who; 5] = [Who::Ana, Who::Ben, Who::Chiara, Who::Dario, Who::Chiara];
const MILL: usize = 4;
const NODES: [&[&str]; 5] = [
    &["maple", "ana-laptop"],
    &["jukebox", "forge", "ben-thinkpad"],
    &["blog", "cellar"],
    &["dario-desktop", "dario-deck"],
    &["weir", "chiara-desk"],
];
const PORTS: [&str; 4] = ["tcp:25565", "tcp:25565, udp:19132", "tcp:8000-8010", "tcp:22"];
const UNTIL: [&str; 3] = ["ended", "evening", "month"];
const CALLS: [Operation; 14] = [
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
    Operation::V1SetPolicy,
    Operation::V1GetPolicy,
    Operation::V1ListNodes,
    Operation::V1ListUsers,
];

/// What happened in all histories together: without it nobody would know whether anything did.
#[derive(Debug)]
pub struct Tally {
    pub accepted: AtomicUsize,
    pub opened: AtomicUsize,
    pub over: AtomicUsize,
    pub killed: AtomicUsize,
    pub meddled: AtomicUsize,
    /// That a friend reaches more than was agreed.
    pub told: AtomicUsize,
    /// Shares that were open on a server.
    pub on_server: AtomicUsize,
    /// Asks that were answered.
    pub answered: AtomicUsize,
    /// Shares that were approved beforehand, and agreed by that.
    pub beforehand: AtomicUsize,
    /// That somebody left a circle, or it ended.
    pub left: AtomicUsize,
    /// Networks that went to somebody else.
    pub handed: AtomicUsize,
}

pub static TALLY: Tally = Tally {
    accepted: AtomicUsize::new(0),
    opened: AtomicUsize::new(0),
    over: AtomicUsize::new(0),
    killed: AtomicUsize::new(0),
    meddled: AtomicUsize::new(0),
    told: AtomicUsize::new(0),
    on_server: AtomicUsize::new(0),
    answered: AtomicUsize::new(0),
    beforehand: AtomicUsize::new(0),
    left: AtomicUsize::new(0),
    handed: AtomicUsize::new(0),
};

fn count(of: &AtomicUsize) {
    of.fetch_add(1, Ordering::Relaxed);
}

struct Given {
    /// The network in which the machine is.
    place: usize,
    friend: Who,
    id: ShareId,
    /// Somebody ended it, and was told that it ends.
    ended: bool,
}

/// When the owner said yes to each share of one friend in one network, and to what.
type Agreed = BTreeMap<ShareId, Option<(Timestamp, Decision)>>;

pub struct Play {
    /// First, so that it is gone before what it asks.
    processes: Vec<Process>,
    shared: Shared,
    clock: Settable,
    /// What the clock would say if it were right.
    time: Timestamp,
    demo: Demo,
    people: People,
    blocked: BTreeSet<Who>,
    tailnets: Vec<TailnetId>,
    /// Who looks after each now.
    owners: [Who; NAMES.len()],
    services: BTreeMap<(usize, usize, usize), ServiceId>,
    shares: Vec<Given>,
    made: around::Made,
    edits: BTreeMap<usize, model::ids::EditId>,
    witness: Witness,
    /// Rules that others made wider for the friend of a share, and what had been agreed with that friend there then.
    widened: Vec<(usize, Agreed)>,
    /// Where others changed something, with when the app had looked before: it has to see it first.
    meddled: BTreeMap<usize, Option<Timestamp>>,
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
        assert!(wrong.is_empty(), "after {step:?}: {wrong:#?}, with {:#?}", self_.rows());
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
        let mut networks = World::demo();
        for server in networks.headscales.iter_mut().filter(|server| server.name == NAMES[MILL]) {
            server.version = start.server;
        }
        let demo = world.block_on(Demo::start(networks, Listen::default())).unwrap();
        let clock = Settable::at(START);
        demo.simulator.pin_clock(START.to_string().parse().unwrap());
        let mut config = impatient_in(folder.path(), &demo);
        // Nobody else does anything while a lease is waited for, so waiting longer changes nothing.
        config.timing.lease_again = Duration::from_millis(1);
        let file = folder.path().join("acequia.db");
        std::fs::write(&file, world.block_on(migrated())).unwrap();
        let mut shared = Shared {
            config,
            file,
            clock: clock.clone(),
            sealer: Arc::new(Sealer::ephemeral()),
            alone: start.processes == 1,
            seed: start.seed,
        };
        let processes: Vec<Process> = (0..start.processes).map(|_| Process::start(&mut shared)).collect();
        let first = &processes[0];
        let people = People(first.runtime.block_on(demo.people(&first.state)).unwrap());
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
        for server in &demo.world.headscales {
            for key in &server.api_keys {
                witness.must_not_read(&format!("the key of {}", server.name), &key.secret);
            }
        }
        for (place, (_, form)) in demo.keyring().iter().enumerate().take(NAMES.len()) {
            assert_eq!(form.name, NAMES[place]);
            let ask = neighbours::ask(&first.state, &people[OWNERS[place]]);
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
            owners: OWNERS,
            services: BTreeMap::new(),
            shares: Vec::new(),
            made: around::Made::default(),
            edits: BTreeMap::new(),
            witness,
            meddled: BTreeMap::new(),
            widened: Vec::new(),
            world,
            _folder: folder,
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Share { owner, node, ports, friend, until } => {
                self.share(owner, node, ports, friend, until);
            }
            Step::Approve { share } => {
                self.approve(share);
            }
            Step::OpenInvite { share } => self.open_invite(share),
            Step::Paste { share } => self.paste(share),
            Step::End { share, by_friend } => self.end(share, by_friend),
            Step::GiveUp { share } => {
                self.of_share(share, true, async |ask, id| ask.shares.end_unproven(id).await);
            }
            Step::Pause { share } => self.of_share(share, true, async |ask, id| ask.shares.pause(id).await),
            Step::OpenAgain { share } => {
                self.of_share(share, true, async |ask, id| ask.shares.open_again(id).await);
            }
            Step::SetEnd { share, until } => {
                let until = UNTIL[until % UNTIL.len()].to_owned();
                let form = EndForm { until, ..EndForm::default() };
                self.of_share(share, true, async |ask, id| ask.shares.set_end(id, form).await);
            }
            Step::Retry { share } => self.of_share(share, true, async |ask, id| ask.shares.retry(id).await),
            Step::Check { share } => self.of_share(share, true, async |ask, id| ask.shares.check(id).await),
            Step::Sync { owner } => {
                let tailnet = self.tailnets[owner];
                self.ask(self.owners[owner], async |ask| ask.tailnets.sync(tailnet).await);
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
                self.put_policy(owner, &text);
            }
            Step::TakeRuleOut { share } => self.take_rule_out(share),
            Step::Widen { share } => self.widen(share),
            // On a server there is none.
            Step::DeleteInvite { owner: MILL, .. } => {}
            Step::DeleteInvite { owner, which } => {
                let invites = self.demo.simulator.tailnet(NAMES[owner]).unwrap().invites;
                if let Some(invite) = invites.get(which % invites.len().max(1)) {
                    self.demo.simulator.delete_invite(NAMES[owner], &invite.id).unwrap();
                    self.meddle(owner);
                }
            }
            Step::Around(ref deed) => self.around(deed),
            Step::Settle => self.settle(),
        }
    }

    /// What somebody asks of the first process. Whoever may not come in asks nothing.
    fn ask<T>(&self, person: Who, what: impl AsyncFnOnce(Backend) -> Result<T, Refusal>) -> Option<T> {
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

    fn who(&self, person: PersonId) -> Option<Who> {
        Who::ALL.into_iter().find(|who| self.people[*who].id == person)
    }

    /// Whose a share is to give, as it is now.
    fn giver(&self, given: &Given) -> Who {
        let process = &self.processes[0];
        let share = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
        self.who(share.owner).expect("one of the four")
    }

    /// What the owner of a share asks about it, or its friend.
    fn of_share(
        &self,
        share: usize,
        owner: bool,
        what: impl AsyncFnOnce(Backend, ShareId) -> Result<(), Refusal>,
    ) {
        let Some(given) = self.given(share) else { return };
        let (person, id) = (if owner { self.giver(given) } else { given.friend }, given.id);
        self.ask(person, async |ask| what(ask, id).await);
    }
}

/// A service of the histories.
fn game(ports: &str) -> ServiceForm {
    ServiceForm {
        name: "Minecraft".into(),
        kind: "minecraft".into(),
        ports: ports.into(),
        audience: "everybody".into(),
        ..ServiceForm::default()
    }
}

fn planes(demo: &Demo) -> Vec<simulator::TailnetView> {
    let tailnets = NAMES[..MILL].iter().map(|name| demo.simulator.tailnet(name).unwrap());
    tailnets.chain([demo.simulator.headscale(NAMES[MILL]).unwrap().as_tailnet()]).collect()
}
