//! In the instant after a share opens or ends, or the policy is edited here, all pages say of reach what is so now: no sync
//! comes in between. What they have to say is worked out by the test, from what the control plane says at that moment.

use std::collections::{BTreeSet, VecDeque};

use app::ports::graph::Question as Drawing;
use app::ports::reach::{Question, ReachQuery, Standing};
use app::ports::services::ServiceForm;
use app::ports::shares::{Choice, EndForm};
use axum::http::StatusCode;
use markup::Page;
use model::{Decision, EditKind, EditState, PersonId, ShareId, ShareState, TailnetId};
use policy::syntax::protocol::{ICMP, ICMP_V6};
use policy::{Engine, Query, Target};
use server::on;
use server::planes;
use server::store::audit::{Actor, NewEntry, Object};
use server::tailnet::Inventory;
use simulator::{Fault, FaultRule, Moment, Operation};

use crate::harness::Who::{self, Ana, Chiara, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const LOGIN: &str = "dario@nopal.example";
const PORTS: [u16; 3] = [22, 8080, 25565];

/// What no page says while all are about the same moment.
const OF_ANOTHER_MOMENT: [&str; 3] = [
    "was not read since this share was opened",
    "is not worked out for this text yet",
    "Nothing at the moment. Ask the owner",
];

struct Scene {
    all: Neighbours,
    ana: TailnetId,
    shares: Vec<ShareId>,
}

impl Scene {
    /// Chiara acts for Ana's tailnet too.
    async fn on(database: TestDatabase) -> Self {
        let all = Neighbours::on(database, |_| {}).await;
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let state = all.app_state();
        let entry = NewEntry {
            id: state.new_id(),
            at: state.now(),
            actor: Actor::Person(all.people[Ana].id, "Ana".into()),
            what: "made a steward for a test".into(),
            object: Object::person(all.people[Chiara].id, "Chiara"),
            before: None,
            after: None,
            policy: None,
            tailnet: Some(ana),
            owner: Some(all.people[Ana].id),
            friend: None,
        };
        state.db.add_steward(ana, all.people[Chiara].id, &entry).await.unwrap();
        Self { all, ana, shares: Vec::new() }
    }

    async fn opened(&mut self, port: &str) -> ShareId {
        let node = self.all.node(self.ana, "maple").await;
        let share = self.all.accepted(Ana, node, port, Dario).await;
        let review = self.all.ask(Ana).shares.review(share).await.unwrap();
        let decision = match review.choice {
            Choice::NarrowOrWholeNode { .. } => Decision::NarrowAndApply,
            _ => Decision::Apply,
        };
        self.all.ask(Ana).shares.apply(share, review.plan, decision).await.unwrap();
        self.shares.push(share);
        share
    }

    /// Everything that is due but for the syncs.
    async fn drained(&self) {
        let db = &self.all.app_state().db;
        on!(db, pool => sqlx::query("DELETE FROM jobs WHERE kind = 'sync'").execute(pool).await.map(drop))
            .unwrap();
        self.all.demo.simulator.clear_log();
        self.all.drain().await;
        let log = self.all.demo.simulator.log();
        let invites = log.iter().filter(|entry| entry.operation == Operation::ListInvites);
        let machines: BTreeSet<&str> = invites.map(|entry| entry.path.as_str()).collect();
        assert!(machines.len() <= 1, "no look at the whole tailnet comes in between: {machines:?}");
    }

    async fn edited(&self, what: EditKind) {
        let edits = self.all.ask(Ana).edits;
        let plan = edits.plan(self.ana, what.clone()).await.unwrap().plan;
        let id = edits.apply(self.ana, what, plan).await.unwrap();
        let state = edits.get(id).await.unwrap().line.state;
        assert!(matches!(state, EditState::Applied { .. }), "{state:?}");
    }

    /// What the control plane says now.
    async fn truth(&self) -> Engine {
        let plane = planes::of(self.all.app_state(), self.ana).await.unwrap();
        let network = Inventory::read(plane.as_ref()).await.unwrap().network().unwrap();
        Engine::new(&self.all.policy("ana"), &network).unwrap()
    }

    async fn agree(&self, after: &str) {
        let truth = self.truth().await;
        let theirs = truth.reach(&Query::from(policy::Who::Login(LOGIN.into())));
        let open: Vec<_> = theirs.iter().filter(|entry| !matches!(entry.protocol, ICMP | ICMP_V6)).collect();
        let machines: BTreeSet<String> = open.iter().map(|entry| entry.node.clone()).collect();
        let allows = |port: u16| {
            let who = policy::Who::Login(LOGIN.into());
            truth.allows(&who, &Target::Node("maple".into()), 6, Some(port))
        };
        for who in [Ana, Chiara] {
            self.files(who, &truth, after).await;
            self.answers(who, &machines, allows, after).await;
        }
        self.own_reach(&machines, allows, after).await;
        self.gates(after).await;
        for who in [Ana, Chiara, Dario] {
            self.crawled(who, after).await;
        }
    }

    /// Owner, steward and friend see the same gate, on its page and in their lists.
    async fn gates(&self, after: &str) {
        for share in &self.shares {
            let ends = self.all.app_state().db.find_share(*share).await.unwrap().unwrap().ends;
            let mut said = BTreeSet::new();
            for who in [Ana, Chiara, Dario] {
                let asked = self.all.ask(who).shares;
                let mut gates = vec![asked.get(*share).await.unwrap().gate];
                let lists = asked.list().await.unwrap();
                let lists = [lists.waiting, lists.ending_soon, lists.given, lists.received, lists.ended];
                gates.extend(lists.into_iter().flatten().filter(|gate| gate.share == Some(*share)));
                said.extend(
                    gates.into_iter().map(|gate| (gate.state.word(), gate.until, gate.ports.to_string())),
                );
            }
            let gate = said.first().map(|(_, until, _)| *until);
            assert_eq!((said.len(), gate), (1, Some(ends)), "after {after}: {said:?}");
        }
    }

    /// The two files, as everybody gets them.
    async fn files(&self, who: Who, truth: &Engine, after: &str) {
        let everything = truth.reach(&Query::default());
        let mut browser = self.all.app.signed_in(self.all.people[who].id).await;
        let json = browser.get(&app::paths::reach_json(self.ana)).await.body;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json, serde_json::to_value(&everything).unwrap(), "after {after}, as {who:?}");
        let csv = browser.get(&app::paths::reach_csv(self.ana)).await.body;
        assert_eq!(csv.lines().count(), everything.len() + 1, "after {after}, as {who:?}: {csv}");
    }

    /// Box, matrix, drawing and the notes of the policy.
    async fn answers(
        &self,
        who: Who,
        machines: &BTreeSet<String>,
        allows: impl Fn(u16) -> bool,
        after: &str,
    ) {
        let ask = self.all.ask(who);
        for port in PORTS {
            let question = Question {
                who: LOGIN.into(),
                node: "maple".into(),
                port: port.to_string(),
                protocol: "tcp".into(),
            };
            let query = ReachQuery { question, ..ReachQuery::default() };
            let answer = ask.reach.get(self.ana, query).await.unwrap().answer;
            // Nobody is called so any more when nothing is shared with them.
            let allowed = answer.unwrap().is_ok_and(|answer| answer.allowed == Some(true));
            assert_eq!(allowed, allows(port), "after {after}: {port}");
        }
        let view = ask.reach.get(self.ana, ReachQuery::default()).await.unwrap();
        assert_eq!(view.read, Some(self.all.app_state().now()), "after {after}");
        let row = view.matrix.rows.iter().find(|row| row.who == LOGIN);
        for (column, cell) in view.matrix.columns.iter().zip(row.into_iter().flat_map(|row| &row.cells)) {
            let port = column.ports.to_string().rsplit(':').next().unwrap().parse().unwrap();
            assert_eq!(cell.0 == Standing::Yes, allows(port), "after {after}: {column:?}");
        }
        assert!(row.is_some() || machines.is_empty(), "after {after}: {:?}", view.matrix.rows);
        let draw = async |who: &str, node: &str| {
            let question = Drawing { who: who.into(), node: node.into(), ..Drawing::default() };
            let view = ask.graph.get(self.ana, question).await.unwrap();
            view.arrows.into_iter().map(|arrow| arrow.other.name).collect::<BTreeSet<_>>()
        };
        assert_eq!(draw(LOGIN, "").await, *machines, "after {after}");
        let inward = draw("", "maple").await.contains(LOGIN);
        assert_eq!(inward, machines.contains("maple"), "after {after}");
        assert_eq!(ask.tailnets.policy(self.ana).await.unwrap().silent, None, "after {after}");
    }

    async fn own_reach(&self, machines: &BTreeSet<String>, allows: impl Fn(u16) -> bool, after: &str) {
        for share in &self.shares {
            let view = self.all.ask(Dario).shares.get(*share).await.unwrap();
            let state = self.all.state(*share).await;
            let Some(own) = view.own_reach else {
                assert!(!matches!(state, ShareState::Active { .. }), "after {after}: {state:?}");
                continue;
            };
            assert_eq!(own.unknown, None, "after {after}");
            let there: BTreeSet<String> = own.lines.iter().map(|line| line.node.clone()).collect();
            assert_eq!(there, *machines, "after {after}");
            let what: Vec<&str> = own.lines.iter().map(|line| line.what.as_str()).collect();
            let every = what.iter().any(|what| what.starts_with("every"));
            let told = |port: u16| every || what.iter().any(|what| what.contains(&port.to_string()));
            let told = PORTS.map(|port| (port, told(port)));
            assert_eq!(told, PORTS.map(|port| (port, allows(port))), "after {after}: {what:?}");
        }
    }

    /// Every page that links lead to from home and that names the share or its friend.
    async fn crawled(&self, who: Who, after: &str) {
        let person: PersonId = self.all.people[who].id;
        let mut browser = self.all.app.signed_in(person).await;
        let mut known = BTreeSet::from(["/".to_owned()]);
        let mut next = VecDeque::from(["/".to_owned()]);
        let mut about = 0;
        while let Some(path) = next.pop_front() {
            let answer = browser.get(&path).await;
            if answer.status == StatusCode::SEE_OTHER {
                continue;
            }
            assert_eq!(answer.status, StatusCode::OK, "after {after}: {path} as {who:?}");
            if !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let names = |share: &ShareId| answer.body.contains(&share.to_string());
            if answer.body.contains(LOGIN) || self.shares.iter().any(names) {
                about += 1;
                let text = answer.text();
                for sentence in OF_ANOTHER_MOMENT {
                    assert!(!text.contains(sentence), "after {after}: {path} as {who:?}: {sentence}");
                }
            }
            for (attribute, to) in Page::parse(&answer.body).addresses() {
                let to = to.split('#').next().unwrap_or_default().to_owned();
                if attribute == "href" && is_followed(&to) && known.insert(to.clone()) {
                    next.push_back(to);
                }
            }
        }
        let least = if who == Dario { 3 } else { 5 };
        assert!(about >= least, "after {after}: only {about} pages name it as {who:?}: {known:#?}");
    }
}

/// Pages, each once: no files, no streams, and of what is asked by address only whom and what reach is about.
fn is_followed(path: &str) -> bool {
    let page = path.split('?').next().unwrap_or_default();
    let asked = path.split_once('?').map_or("", |(_, asked)| asked);
    let about_reach = page.ends_with("/reach") || page.ends_with("/graph");
    let left_out = ["/sign-", "/events", "/fn/", "/firewall/text", "/review", "."];
    let whom = asked.is_empty() || (about_reach && (asked.contains("dario") || asked.contains("maple")));
    path.starts_with('/') && whom && !left_out.iter().any(|part| page.contains(part))
}

#[tokio::test]
async fn each_change_of_reach_is_on_every_page_in_the_instant_after() {
    for database in TestDatabase::each().await {
        let mut scene = Scene::on(database).await;
        let first = scene.opened("tcp:25565").await;
        scene.drained().await;
        scene.agree("a share that opened, with a narrowing before it").await;
        scene.opened("tcp:8080").await;
        scene.drained().await;
        scene.agree("another one of the same machine").await;

        let narrowed = scene.all.ask(Ana).edits.list(scene.ana).await.unwrap()[0].id;
        scene.edited(EditKind::Undo(narrowed)).await;
        scene.agree("an edit that lets them in to all").await;
        scene.edited(EditKind::Narrow).await;
        scene.agree("a narrowing").await;

        scene.all.ask(Ana).shares.end(first).await.unwrap();
        scene.drained().await;
        scene.agree("the end of one of two").await;
        let second = scene.shares[1];
        scene.all.ask(Dario).shares.end(second).await.unwrap();
        scene.drained().await;
        scene.agree("the end of the last").await;
    }
}

/// Nothing of a pause, another end or other ports needs a sync to be on every page. Fails if `paused` in `perform.rs` goes without
/// `again`.
#[tokio::test]
async fn so_is_what_is_changed_of_a_share_while_it_goes_on() {
    let mut scene = Scene::on(TestDatabase::sqlite().await).await;
    let share = scene.opened("tcp:25565").await;
    scene.drained().await;
    let ana = scene.all.ask(Ana);
    ana.shares.pause(share).await.unwrap();
    scene.agree("a pause that is asked for").await;
    scene.drained().await;
    scene.agree("a pause").await;
    ana.shares.open_again(share).await.unwrap();
    scene.agree("a pause that is to be over").await;
    scene.drained().await;
    scene.agree("the end of a pause").await;

    let in_days = |days: i64| scene.all.app_state().now().plus_seconds(days * 86_400).to_date();
    for (days, name) in [(30, "an end"), (60, "a longer time"), (2, "a shorter time")] {
        let form =
            EndForm { until: "date".into(), date: format!("{}T20:00", in_days(days)), ..EndForm::default() };
        ana.shares.set_end(share, form).await.unwrap();
        scene.agree(name).await;
        scene.drained().await;
    }

    let service = scene.all.app_state().db.find_share(share).await.unwrap().unwrap().service;
    let form = ana.services.edit_form(service).await.unwrap().form;
    let form = ServiceForm { ports: "tcp:8080".into(), gates: "bring".into(), ..form };
    ana.services.update(service, form).await.unwrap();
    scene.drained().await;
    scene.agree("other ports that wait for a yes").await;
    scene.all.approved(Ana, share).await;
    scene.drained().await;
    scene.agree("other ports").await;
}

/// The rule is put in and taken out by somebody else, where the app may not. Fails if `activate` in `perform.rs` goes without
/// `again`.
#[tokio::test]
async fn so_is_what_is_done_by_hand() {
    let mut scene = Scene::on(TestDatabase::sqlite().await).await;
    let share = scene.opened("tcp:25565").await;
    scene.drained().await;
    let ana = scene.all.ask(Ana);
    ana.shares.end(share).await.unwrap();
    scene.drained().await;
    scene.all.demo.simulator.fail(FaultRule {
        target: Operation::SetPolicy.into(),
        fault: Fault::Status { status: 403, message: None },
        times: 1000,
        moment: Moment::BeforeEffect,
    });
    let share = scene.opened("tcp:8080").await;
    scene.drained().await;
    scene.agree("a rule that waits for somebody's hand").await;
    for after in ["a rule put in by hand", "a rule taken out by hand"] {
        let by_hand = ana.shares.get(share).await.unwrap().manual.expect("a form for doing it by hand");
        scene.all.demo.simulator.edit_policy("ana", by_hand.whole.expect("the whole file")).unwrap();
        ana.shares.retry(share).await.unwrap();
        scene.drained().await;
        scene.agree(after).await;
        let state = scene.all.state(share).await;
        if state.is_over() {
            return;
        }
        assert!(matches!(state, ShareState::Active { .. }), "{state:?}");
        ana.shares.end(share).await.unwrap();
        scene.drained().await;
        scene.agree("an end that waits for somebody's hand").await;
    }
    panic!("it is not over: {:?}", scene.all.state(share).await);
}

/// What was made elsewhere is ended from here.
#[tokio::test]
async fn so_is_what_others_did_and_what_is_ended_from_here() {
    let scene = Scene::on(TestDatabase::sqlite().await).await;
    let link = scene.all.demo.simulator.make_invite("ana", "ana@arroyo.example", "maple").unwrap();
    scene.all.demo.simulator.accept("dario", LOGIN, &link).unwrap();
    scene.all.ask(Ana).tailnets.sync(scene.ana).await.unwrap();
    scene.all.drain().await;
    let found = scene.all.app_state().db.list_unmanaged(scene.ana).await.unwrap().whole().unwrap().remove(0);
    scene.all.ask(Ana).unmanaged.end(found.id).await.unwrap();
    let truth = scene.truth().await;
    scene.files(Ana, &truth, "the end of what was made elsewhere").await;
    scene.all.drain().await;
}
