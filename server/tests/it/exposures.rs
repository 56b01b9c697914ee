//! More reach than was agreed, however it came: told on the page of the share, at home and among the findings within one
//! sync; accepted, it is silent until it grows; fixed, the policy is as agreed.

mod accepted;

use app::fault::Fault;
use app::ports::audit::Query;
use app::ports::edits::PlanView;
use app::ports::exposures::{BeyondView, Ways};
use app::ports::inbox::Item;
use app::ports::reach::ReachQuery;
use invariants::Moment;
use model::{EditKind, EditState, ShareId, ShareState, TailnetId};

use crate::harness::Who::{Ana, Dario};
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const LOGIN: &str = "dario@nopal.example";
/// The rule of the narrowed wildcard.
const INSIDE: &str = r#""src": ["autogroup:member", "autogroup:tagged"]"#;

struct Open {
    all: Neighbours,
    ana: TailnetId,
    share: ShareId,
}

/// What three pages say of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// On the page of the share: what, where, and "perhaps" where that is said.
    page: Vec<String>,
    /// At home: the titles.
    home: Vec<String>,
    /// Among the findings: the titles, the lines.
    findings: Vec<(String, Vec<String>)>,
}

impl Open {
    async fn share() -> Self {
        Self::of(Neighbours::demo().await).await
    }

    async fn of(all: Neighbours) -> Self {
        let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
        let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
        all.approved(Ana, share).await;
        all.drain().await;
        let open = Self { all, ana, share };
        assert_eq!(open.told().await, Told::default(), "what was agreed is told nobody");
        open
    }

    fn edit(&self, text: &str) {
        assert_ne!(self.all.policy("ana"), text);
        self.all.demo.simulator.edit_policy("ana", text).unwrap();
    }

    /// With another rule behind all others.
    fn with(&self, rule: &str) -> String {
        let policy = self.all.policy("ana");
        let after = policy.replacen(
            "\t],\n\n\t// Define users",
            &format!("\t\t{rule},\n\t],\n\n\t// Define users"),
            1,
        );
        assert_ne!(policy, after);
        after
    }

    async fn synced(&self) {
        self.all.app.clock.advance_seconds(60);
        self.all.ask(Ana).tailnets.sync(self.ana).await.unwrap();
        self.all.drain().await;
    }

    async fn page(&self) -> Option<BeyondView> {
        self.all.ask(Ana).shares.get(self.share).await.unwrap().beyond
    }

    async fn ways(&self) -> Ways {
        self.page().await.unwrap().ways.unwrap()
    }

    async fn waiting(&self) -> Vec<Item> {
        self.all.ask(Ana).inbox.home().await.unwrap().items
    }

    async fn told(&self) -> Told {
        let page = self.page().await.map(|view| view.lines).unwrap_or_default();
        let page = page.into_iter().map(|(line, _)| {
            let perhaps = line.note.map(|note| format!(", {note}")).unwrap_or_default();
            format!("{} {}{perhaps}", line.what, line.node)
        });
        let home = self.waiting().await.into_iter().map(|item| item.title);
        let view = self.all.ask(Ana).reach.get(self.ana, ReachQuery::default()).await.unwrap();
        let ours = view.findings.into_iter().filter(|found| found.ways.is_some());
        let findings = ours.map(|found| {
            let lines = found.lines.iter().map(|line| format!("{} {}", line.what, line.node)).collect();
            (found.title, lines)
        });
        Told {
            page: page.collect(),
            home: home.filter(|title| title.contains("more than was agreed")).collect(),
            findings: findings.collect(),
        }
    }

    async fn plan(&self) -> PlanView {
        let fix = self.ways().await.fix.expect("a fix is offered");
        self.all.ask(Ana).edits.plan(self.ana, fix).await.unwrap()
    }

    /// Looked at and written. No sync comes after it.
    async fn fix(&self) {
        let plan = self.plan().await;
        assert!(plan.gains.is_empty(), "{:?}", plan.gains);
        assert!(
            plan.loses.iter().all(|line| line.who == LOGIN) && !plan.loses.is_empty(),
            "{:?}",
            plan.loses
        );
        let edits = self.all.ask(Ana).edits;
        let id = edits.apply(self.ana, plan.what, plan.plan).await.unwrap();
        let view = edits.get(id).await.unwrap();
        assert!(matches!(view.line.state, EditState::Applied { .. }) && view.can_undo, "{view:?}");
    }

    async fn is_open(&self) -> bool {
        matches!(self.all.state(self.share).await, ShareState::Active { .. })
    }

    /// What Dario reads of his own reach.
    async fn own_reach(&self) -> Vec<String> {
        let own = self.all.ask(Dario).shares.get(self.share).await.unwrap().own_reach.unwrap();
        assert_eq!(own.unknown, None);
        own.lines.into_iter().map(|line| format!("{} {}", line.what, line.node)).collect()
    }
}

fn told_of(lines: &[&str], findings: &[&str]) -> Told {
    let owned = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    Told {
        page: owned(lines),
        home: vec!["Dario Lupo reaches more than was agreed".into()],
        findings: vec![(format!("{LOGIN} reaches more of maple than was agreed"), owned(findings))],
    }
}

/// How it came: beforehand, what was done then, and what the fix leaves where that is not the text from before.
struct Way {
    name: &'static str,
    before: fn(&Open) -> String,
    grow: fn(&Open),
    told: &'static str,
    left: fn(&str) -> String,
}

const TAGGED: &str = r#"{"src": ["dario@nopal.example"], "dst": ["tag:games"], "ip": ["tcp:22"]}"#;

fn with_group(open: &Open, members: &str) -> String {
    let rule = r#"{"src": ["group:pals"], "dst": ["tag:home"], "ip": ["tcp:22"]}"#;
    let rules = open.with(rule);
    rules.replacen(
        "\t\"tagOwners\"",
        &format!("\t\"groups\": {{\"group:pals\": [{members}]}},\n\t\"tagOwners\""),
        1,
    )
}

const WAYS: [Way; 4] = [
    Way {
        name: "a rule widened by hand",
        before: |open| open.all.policy("ana"),
        grow: |open| {
            let wider = INSIDE.replace(']', &format!(", \"{LOGIN}\"]"));
            open.edit(&open.all.policy("ana").replacen(INSIDE, &wider, 1));
        },
        told: "every other port",
        left: str::to_owned,
    },
    Way {
        name: "a new wildcard",
        before: |open| open.all.policy("ana"),
        grow: |open| open.edit(&open.with(r#"{"src": ["*"], "dst": ["*"], "ip": ["tcp:22"]}"#)),
        told: "tcp 22",
        left: |before| {
            let rule = format!(
                "\t\t{{{INSIDE}, \"dst\": [\"*\"], \"ip\": [\"tcp:22\"]}},\n\t],\n\n\t// Define users"
            );
            before.replacen("\t],\n\n\t// Define users", &rule, 1)
        },
    },
    Way {
        name: "a group that grew",
        before: |open| with_group(open, "\"mateo@arroyo.example\""),
        grow: |open| {
            let pals = "\"group:pals\": [\"mateo@arroyo.example\"";
            open.edit(&open.all.policy("ana").replacen(pals, &format!("{pals}, \"{LOGIN}\""), 1));
        },
        told: "tcp 22",
        left: str::to_owned,
    },
    Way {
        name: "a tag put on the machine",
        before: |open| {
            let owners = "\"tagOwners\": {\n\t\t\"tag:games\": [\"autogroup:admin\"],";
            open.with(TAGGED).replacen("\"tagOwners\": {", owners, 1)
        },
        grow: |open| open.all.demo.simulator.set_tags("ana", "maple", &["tag:home", "tag:games"]).unwrap(),
        told: "tcp 22",
        left: |before| before.replacen(&format!("\t\t{TAGGED},\n"), "", 1),
    },
];

#[tokio::test]
async fn however_it_came_it_is_told_within_one_sync_and_a_fix_makes_it_as_agreed() {
    for way in WAYS {
        let open = Open::share().await;
        let before = (way.before)(&open);
        open.all.demo.simulator.edit_policy("ana", &before).unwrap();
        open.synced().await;
        assert_eq!(open.told().await, Told::default(), "{}: nothing yet", way.name);
        (way.grow)(&open);
        let grown = open.all.policy("ana");
        // From here on nobody but the app writes.
        let mut witness = open.all.witness().await;
        open.synced().await;
        let line = format!("{} maple", way.told);
        assert_eq!(open.told().await, told_of(&[&line], &[&line]), "{}", way.name);
        assert!(open.is_open().await, "{}: it works, and is no drift", way.name);
        assert_eq!(open.all.policy("ana"), grown, "{}: nothing is written without a word", way.name);
        let view = open.all.ask(Ana).reach.get(open.ana, ReachQuery::default()).await.unwrap();
        let found = view.findings.into_iter().find_map(|found| found.ways);
        assert_eq!(found, Some(open.ways().await), "{}: both pages offer the same", way.name);
        let (told, since) = open.page().await.unwrap().lines.remove(0);
        assert!(told.rules.len() == 1 && since == open.all.app_state().now(), "{}: {told:?}", way.name);

        open.fix().await;
        assert_eq!(open.told().await, Told::default(), "{}: in the instant after", way.name);
        assert_eq!(open.all.policy("ana"), (way.left)(&before), "{}", way.name);
        assert_eq!(open.own_reach().await, ["tcp 25565 maple"], "{}", way.name);
        open.all.all_is_well(&mut witness, Moment::Rest, way.name).await;
        open.synced().await;
        assert_eq!(open.told().await, Told::default(), "{}: and after the next sync", way.name);
        assert!(open.is_open().await, "{}", way.name);
    }
}

#[tokio::test]
async fn accepted_it_is_silent_until_it_grows_and_a_fix_makes_it_as_agreed() {
    for database in TestDatabase::each().await {
        let open = Open::of(Neighbours::on(database, |_| {}).await).await;
        let agreed = open.all.policy("ana");
        let rule = |ports: &str| format!(r#"{{"src": ["{LOGIN}"], "dst": ["tag:home"], "ip": [{ports}]}}"#);
        open.edit(&open.with(&rule("\"tcp:22\"")));
        open.synced().await;
        assert_eq!(open.told().await, told_of(&["tcp 22 maple"], &["tcp 22 maple"]));
        let seen = open.ways().await.seen;
        let friend = open.all.ask(Dario).shares.accept_beyond(open.share, seen.clone()).await;
        assert_eq!(friend, Err(Fault::Forbidden));
        open.all.ask(Ana).shares.accept_beyond(open.share, seen.clone()).await.unwrap();
        open.all.check_notices().await;
        assert_eq!(open.told().await, Told::default());
        let page = open.page().await.unwrap();
        let accepted: Vec<_> = page.accepted.iter().map(|line| line.what.as_str()).collect();
        assert_eq!((accepted, page.accepted_by.unwrap().0), (vec!["tcp 22"], "Ana Reyes".to_owned()));
        open.synced().await;
        assert_eq!(open.told().await, Told::default(), "a sync changes nothing of it");
        let twice = open.all.ask(Ana).shares.accept_beyond(open.share, seen.clone()).await;
        assert!(matches!(twice, Err(Fault::Conflict(_))), "{twice:?}");
        for (who, may) in [(Ana, true), (Dario, false)] {
            let trail = open.all.ask(who).audit.list(Query::default()).await.unwrap().entries;
            assert_eq!(trail.iter().any(|entry| entry.what.contains("accepted as it is")), may, "{who:?}");
        }

        let wider = open.all.policy("ana").replacen(&rule("\"tcp:22\""), &rule("\"tcp:22\", \"tcp:80\""), 1);
        open.edit(&wider);
        open.synced().await;
        assert_eq!(open.told().await, told_of(&["tcp 80 maple"], &["tcp 80 maple"]), "only what is more");
        let stale = open.all.ask(Ana).shares.accept_beyond(open.share, seen).await;
        assert!(matches!(stale, Err(Fault::Conflict(_))), "what was looked at was less: {stale:?}");
        open.fix().await;
        assert_eq!(open.told().await, Told::default());
        assert_eq!(open.all.policy("ana"), agreed);
        assert_eq!(open.own_reach().await, ["tcp 25565 maple"]);

        // What was accepted went with it: it is told when it comes again.
        open.edit(&open.with(&rule("\"tcp:22\"")));
        open.synced().await;
        assert_eq!(open.told().await, told_of(&["tcp 22 maple"], &["tcp 22 maple"]));
        open.all.ask(Ana).shares.end(open.share).await.unwrap();
        open.all.drain().await;
        assert_eq!(open.told().await.home, [""; 0], "of a share that is over nothing waits");
    }
}

/// The rule names addresses that a friend may have or not; nobody is alarmed, and the page says it.
#[tokio::test]
async fn what_is_only_perhaps_is_said_and_waits_for_nobody() {
    let open = Open::share().await;
    open.edit(&open.with(r#"{"src": ["100.99.0.0/16"], "dst": ["tag:home"], "ip": ["tcp:22"]}"#));
    open.synced().await;
    let told = open.told().await;
    assert_eq!(
        (told.page, told.home),
        (vec!["tcp 22 at 100.84.12.7 maple, possible, not certain".to_owned()], vec![])
    );
    assert_eq!(told.findings[0].0, format!("{LOGIN} may reach more of maple than was agreed"));
    let ways = open.ways().await;
    assert!(ways.fix.is_none() && ways.no_fix.unwrap().contains("cannot be seen from here"));
}

#[tokio::test]
async fn where_no_edit_ends_it_the_page_says_why() {
    let open = Open::share().await;
    let named = open.with(r#"{"src": ["everywhere"], "dst": ["tag:home"], "ip": ["tcp:22"]}"#);
    open.edit(&named.replacen(
        "\t\"tagOwners\"",
        "\t\"hosts\": {\"everywhere\": \"100.64.0.0/10\"},\n\t\"tagOwners\"",
        1,
    ));
    open.synced().await;
    assert_eq!(
        open.told().await,
        told_of(&["tcp 22 at 100.84.12.7 maple"], &["tcp 22 at 100.84.12.7 maple"])
    );
    let ways = open.ways().await;
    assert_eq!(ways.fix, None);
    assert!(ways.no_fix.unwrap().contains("cannot be narrowed by itself"));
    let one = open.all.app_state().db.list_exposures(open.ana).await.unwrap().whole().unwrap().remove(0);
    let plan = open.all.ask(Ana).edits.plan(open.ana, EditKind::Withhold(one.id)).await;
    assert!(
        matches!(&plan, Err(Fault::Conflict(why)) if why.what.contains("cannot be narrowed")),
        "{plan:?}"
    );
    let others = open.all.ask(Dario).edits.plan(open.ana, EditKind::Withhold(one.id)).await;
    assert_eq!(others, Err(Fault::NotFound));
}

/// That is drift as well: what was agreed does not stand there. The fix puts it back, and the share goes on by itself.
#[tokio::test]
async fn a_shares_own_rule_that_somebody_widened_is_put_back_by_the_fix() {
    let open = Open::share().await;
    let agreed = open.all.policy("ana");
    open.edit(&agreed.replacen("tcp:25565", "*", 1));
    open.synced().await;
    assert!(matches!(open.all.state(open.share).await, ShareState::Drifted { .. }));
    assert_eq!(open.told().await, told_of(&["every other port maple"], &["every other port maple"]));
    open.fix().await;
    assert_eq!(open.all.policy("ana"), agreed);
    open.synced().await;
    open.synced().await;
    assert!(open.is_open().await, "{:?}", open.all.state(open.share).await);
    assert_eq!(open.told().await, Told::default());
}

/// With the whole machine agreed, its ports are not told; another machine is.
#[tokio::test]
async fn what_was_agreed_besides_the_ports_is_not_told() {
    let all = Neighbours::demo().await;
    let (ana, _) = (all.connect(Ana).await, all.connect(Dario).await);
    let share = all.accepted(Ana, all.node(ana, "maple").await, "tcp:25565", Dario).await;
    let review = all.ask(Ana).shares.review(share).await.unwrap();
    all.ask(Ana).shares.apply(share, review.plan, model::Decision::WholeNode).await.unwrap();
    all.drain().await;
    let open = Open { all, ana, share };
    open.synced().await;
    assert!(open.is_open().await);
    assert_eq!(open.told().await, Told::default());
    assert_eq!(open.own_reach().await, ["every port maple"]);
}

/// The invite stays while a share is paused, and so does whoever has it.
#[tokio::test]
async fn while_it_is_paused_a_wider_rule_is_told_too() {
    let open = Open::share().await;
    open.all.ask(Ana).shares.pause(open.share).await.unwrap();
    open.all.drain().await;
    open.synced().await;
    assert_eq!(open.told().await, Told::default());
    let narrow = open.all.policy("ana");
    open.edit(&open.with(&TAGGED.replace("tag:games", "tag:home")));
    open.synced().await;
    let state = open.all.state(open.share).await;
    assert!(matches!(state, ShareState::Paused { .. }), "{state:?}");
    assert_eq!(open.told().await, told_of(&["tcp 22 maple"], &["tcp 22 maple"]));
    open.fix().await;
    assert_eq!(open.all.policy("ana"), narrow);
    open.synced().await;
    assert_eq!(open.told().await, Told::default());
}
