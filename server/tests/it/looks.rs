//! Who could reach a machine on a day, from what looks at its tailnet found then.

use app::ports::reach::{DayPart, DayQuery, DayView, Found};
use model::TailnetId;
use server::on;
use simulator::{Fault, Operation};

use crate::harness::Who::Ana;
use crate::harness::app::START;
use crate::harness::database::TestDatabase;
use crate::harness::neighbours::Neighbours;

const HOUR: i64 = 3_600;
/// Syncs come every five minutes.
const SYNC: i64 = 300;

/// The app and the control plane at so many seconds from the start (2026-12-01, noon), with what is due then.
async fn at(all: &Neighbours, seconds: i64) {
    let time = START.plus_seconds(seconds);
    all.app.clock.set(time);
    all.demo.simulator.pin_clock(time.to_string().parse().unwrap());
    all.round().await;
}

/// Looks every five minutes, from then to then.
async fn looked(all: &Neighbours, from: i64, to: i64) {
    for seconds in (from..=to).step_by(usize::try_from(SYNC).unwrap() + 1) {
        at(all, seconds).await;
    }
}

async fn on_day(all: &Neighbours, ana: TailnetId, node: &str, day: &str) -> DayView {
    let asked = DayQuery { node: node.into(), day: day.into(), before: 0 };
    all.ask(Ana).reach.on_day(ana, asked).await.unwrap()
}

/// All parts of the day, page by page.
async fn whole_day(all: &Neighbours, ana: TailnetId, node: &str, day: &str) -> Vec<DayPart> {
    let (mut parts, mut before) = (Vec::new(), 0);
    loop {
        let asked = DayQuery { node: node.into(), day: day.into(), before };
        let view = all.ask(Ana).reach.on_day(ana, asked).await.unwrap();
        parts.extend(view.parts);
        let Some(next) = view.next else { return parts };
        before = next;
    }
}

async fn rows(all: &Neighbours, sql: &'static str) -> i64 {
    let count: (i64,) = on!(&all.app_state().db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
    count.0
}

/// Who reaches the machine, with the lines of the rules that say so.
fn told(part: &DayPart) -> Vec<String> {
    let Found::Lines { lines, .. } = &part.found else { return vec![format!("{:?}", part.found)] };
    let line = |line: &app::ports::shares::ReachLine| {
        let rules: Vec<_> = line.rules.iter().filter_map(|rule| rule.line).collect();
        format!("{} {} {rules:?}", line.who, line.what)
    };
    lines.iter().map(line).collect()
}

const OPEN: &str = r#"{"grants": [{"src": ["ana@arroyo.example"], "dst": ["*"], "ip": ["tcp:22"]}]}"#;

fn policy(port: u16) -> String {
    OPEN.replace("tcp:22", &format!("tcp:{port}"))
}

#[tokio::test]
async fn the_answer_is_what_was_in_force_then_whatever_is_now() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        all.demo.simulator.edit_policy("ana", policy(22)).unwrap();
        let ana = all.connect(Ana).await;
        looked(&all, 0, HOUR).await;
        all.demo.simulator.edit_policy("ana", policy(80)).unwrap();
        looked(&all, HOUR + SYNC, 3 * HOUR).await;

        let view = on_day(&all, ana, "maple", "2026-12-01").await;
        let parts = &view.parts;
        assert_eq!(view.errors, []);
        // From midnight until the first look nobody looked.
        assert_eq!(parts[0].found, Found::Unseen);
        assert_eq!((parts[0].from, parts[0].to), (START.plus_seconds(-12 * HOUR), START));
        let open: Vec<bool> =
            parts[1..].iter().map(|part| told(part).iter().any(|line| line.contains("tcp 22"))).collect();
        assert_eq!(open, [true, false], "{parts:#?}");
        assert!(
            told(&parts[2]).iter().any(|line| line.contains("tcp 80") && line.ends_with("[1]")),
            "{parts:#?}"
        );
        let changed = START.plus_seconds(HOUR + SYNC);
        assert_eq!(
            (parts[1].to, parts[2].from),
            (changed, changed),
            "until the look that found it otherwise"
        );
        assert_eq!(parts[2].to, all.app_state().now());
        // The same on the next day, of what is now.
        at(&all, 24 * HOUR).await;
        let later = on_day(&all, ana, "maple", "2026-12-01").await;
        assert_eq!(later.parts[..2], parts[..2]);
    }
}

#[tokio::test]
async fn what_nobody_looked_at_is_said_to_be_unseen() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    looked(&all, 0, HOUR).await;
    // The app is down for five hours; nothing changes meanwhile.
    looked(&all, 6 * HOUR, 7 * HOUR).await;
    let view = on_day(&all, ana, "maple", "2026-12-01").await;
    let unseen: Vec<(i64, i64)> = view
        .parts
        .iter()
        .filter(|part| part.found == Found::Unseen)
        .map(|part| (part.from.seconds() - START.seconds(), part.to.seconds() - START.seconds()))
        .collect();
    assert_eq!(unseen.len(), 2, "{:#?}", view.parts);
    assert_eq!(unseen[0], (-12 * HOUR, 0));
    assert!((HOUR - SYNC - 5..=HOUR).contains(&unseen[1].0) && unseen[1].1 == 6 * HOUR, "{unseen:?}");

    // A control plane that does not answer is no look either.
    all.demo.simulator.fail(simulator::FaultRule {
        target: Operation::GetPolicy.into(),
        fault: Fault::RateLimit { retry_after: None },
        times: u32::MAX,
        moment: simulator::Moment::BeforeEffect,
    });
    looked(&all, 7 * HOUR + SYNC, 9 * HOUR).await;
    let parts = whole_day(&all, ana, "maple", "2026-12-01").await;
    let last = parts.last().unwrap();
    assert_eq!(last.found, Found::Unseen, "{parts:#?}");
    assert_eq!(last.to, all.app_state().now());
}

#[tokio::test]
async fn looks_that_find_the_same_take_no_place() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |_| {}).await;
        all.connect(Ana).await;
        looked(&all, 0, HOUR).await;
        let count = "SELECT COUNT(*) FROM looks";
        let (looks, texts) = (rows(&all, count).await, rows(&all, "SELECT COUNT(*) FROM look_texts").await);
        looked(&all, HOUR + SYNC, 4 * HOUR).await;
        assert_eq!(rows(&all, count).await, looks);
        // Back and forth: more rows, the same texts.
        let (one, other) = (all.policy("ana"), policy(22));
        for (turn, text) in [&other, &one, &other, &one].into_iter().enumerate() {
            all.demo.simulator.edit_policy("ana", text.clone()).unwrap();
            at(&all, 4 * HOUR + (i64::try_from(turn).unwrap() + 1) * 2 * SYNC).await;
        }
        assert_eq!(rows(&all, count).await, looks + 4);
        assert_eq!(rows(&all, "SELECT COUNT(*) FROM look_texts").await, texts + 1);
    }
}

#[tokio::test]
async fn what_a_tailnet_takes_up_is_bounded_and_the_last_look_stays() {
    for database in TestDatabase::each().await {
        let all = Neighbours::on(database, |config| config.retention.snapshots_mib = 1).await;
        let ana = all.connect(Ana).await;
        // Random digits cannot be made smaller.
        for turn in 1..=6 {
            let noise: String = (0..450_000 / 32)
                .map(|_| server::secrets::hex(&all.app_state().random.bytes::<16>()))
                .collect();
            all.demo.simulator.edit_policy("ana", format!("// {noise}\n{}", policy(22))).unwrap();
            at(&all, turn * 2 * SYNC).await;
        }
        let size = rows(&all, "SELECT CAST(SUM(size) AS BIGINT) FROM look_texts").await;
        assert!((1 << 19..=1 << 20).contains(&size), "{size}");
        assert!((2..6).contains(&rows(&all, "SELECT COUNT(*) FROM looks").await), "the oldest, and no more");
        let view = on_day(&all, ana, "maple", "2026-12-01").await;
        let last = view.parts.last().unwrap();
        assert!(told(last).iter().any(|line| line.contains("tcp 22")), "{:#?}", view.parts);
        assert!(view.kept.iter().any(|words| words.contains("1 MiB")), "{:?}", view.kept);
    }
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_neither_stops_looks_nor_makes_one_of_each() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    looked(&all, 0, HOUR).await;
    let day = 24 * HOUR;
    at(&all, 30 * day).await;
    let before = rows(&all, "SELECT COUNT(*) FROM looks").await;
    looked(&all, HOUR + SYNC, 2 * HOUR).await;
    assert_eq!(rows(&all, "SELECT COUNT(*) FROM looks").await, before, "it goes on where it was");
    let view = on_day(&all, ana, "maple", "2026-12-01").await;
    assert_eq!(view.parts.iter().filter(|part| part.found == Found::Unseen).count(), 1, "{:#?}", view.parts);
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_told_beside_its_field() {
    let all = Neighbours::demo().await;
    let ana = all.connect(Ana).await;
    for (node, day, field) in
        [("maple", "2026-12-02", "day"), ("maple", "soon", "day"), ("", "2026-12-01", "node")]
    {
        let view = on_day(&all, ana, node, day).await;
        assert_eq!(view.errors.len(), 1, "{view:?}");
        assert_eq!((view.errors[0].0.as_str(), view.parts.len()), (field, 0));
    }
    at(&all, SYNC + 1).await;
    let view = on_day(&all, ana, "nobody", "2026-12-01").await;
    let Found::Nothing(why) = &view.parts.last().unwrap().found else { panic!("{view:?}") };
    assert!(why.contains("No machine of this tailnet was called nobody then"), "{why}");
}
