//! A policy that somebody widens after the yes to a share with somebody new: what it would give them besides is not opened to
//! them by a user or a key of ours, and the share goes to review.

use app::fault::Fault;
use app::ports::shares::Choice;
use model::{Need, PersonId, ShareId, ShareState, Step, TailnetId, Trouble};
use simulator::headscale::world::Headscale;
use simulator::{Dialect, Moment, Operation};

use super::VERSIONS;
use super::guests::{agreed, is_there, machines, reaches_only_minecraft};
use super::told::{by_hand, in_file};
use crate::harness::community::{Community, POLICY, world};
use crate::harness::neighbours::yes;

/// Sources that let in whoever is new.
const SOURCES: [&str; 2] = ["*", "autogroup:member"];

/// A text with one more rule, in its first place; gives its line as well.
fn widened(text: &str, source: &str) -> (String, usize) {
    let rule = format!("{{\"action\": \"accept\", \"src\": [\"{source}\"], \"dst\": [\"*:22\"]}},");
    let wide = text.replacen("\"acls\": [", &format!("\"acls\": [\n\t\t{rule}"), 1);
    let line = wide.lines().position(|line| line.contains(&rule)).expect("it is there") + 1;
    (wide, line)
}

/// Somebody does that on the server.
fn widen(all: &Community, source: &str) -> usize {
    let (wide, line) = widened(&all.policy(), source);
    all.simulator.headscale_policy("mill", Some(&wide)).unwrap();
    line
}

async fn begun(server: Headscale) -> (Community, TailnetId, PersonId, ShareId) {
    let all = Community::on(server).await;
    let mill = all.connect().await;
    let dora = all.app.person("Dora").await;
    let share = agreed(&all, mill, "tcp:25565", dora).await;
    (all, mill, dora, share)
}

/// The same, and its friend may ask for a key.
async fn open(server: Headscale) -> (Community, TailnetId, PersonId, ShareId) {
    let filed = server.policy_path.is_some();
    let (all, mill, dora, share) = begun(server).await;
    all.drain().await;
    if filed {
        by_hand(&all, share).await;
        all.ask(all.ana).members.say_loaded(share).await.unwrap();
        all.drain().await;
    }
    (all, mill, dora, share)
}

/// It waits for a review since the rule in this line lets in more, and nobody has come in.
async fn waits(all: &Community, share: ShareId, line: usize, told: &str) {
    let state = all.state(share).await;
    let Some(attention) = state.attention() else { panic!("{told}: {state:?}") };
    let stopped = (attention.step, attention.need, &attention.trouble);
    assert_eq!(stopped, (Step::Narrow, Need::Review, &Trouble::OpensMore { lines: vec![line] }), "{told}");
    assert_eq!((machines(all), all.server().preauth_keys), (0, Vec::new()), "{told}");
    assert!(all.app.state.db.list_guest_keys(share).await.unwrap().is_empty(), "{told}");
    let page = all.ask(all.ana).shares.get(share).await.unwrap().attention.expect("it is told");
    assert!(page.reason.contains(&format!("line {line} ")) && page.wants_review, "{told}: {page:?}");
}

async fn is_refused(all: &Community, dora: PersonId, share: ShareId, told: &str) {
    let refused = all.ask(dora).members.make_key(share).await;
    assert!(matches!(refused, Err(Fault::Conflict(_))), "{told}: {refused:?}");
}

/// Its owner says yes to the narrowing, and then just what was agreed is open.
async fn mended(all: &Community, (mill, dora, share): (TailnetId, PersonId, ShareId), told: &str) {
    let review = all.ask(all.ana).shares.review(share).await.unwrap();
    assert!(matches!(review.choice, Choice::NarrowFirst { .. }), "{told}: {:?}", review.choice);
    yes(&all.ask(all.ana), share).await.unwrap();
    all.drain().await;
    let state = all.state(share).await;
    assert!(matches!(state, ShareState::Active { .. }), "{told}: {state:?}");
    assert_eq!(all.policy().matches("acequia:share=").count(), 1, "{told}: {}", all.policy());
    reaches_only_minecraft(all, dora, share, mill).await;
}

/// Sabotage: leave `gives_no_more` out of `made_under_lease`, or the rule in `apply` where something is narrowed.
#[tokio::test]
async fn no_key_is_made_after_the_policy_was_widened_and_a_review_narrows_it() {
    for version in VERSIONS {
        for source in SOURCES {
            let told = format!("{version:?} {source}");
            let (all, mill, dora, share) = open(world(version)).await;
            let line = widen(&all, source);
            is_refused(&all, dora, share, &told).await;
            waits(&all, share, line, &told).await;
            assert!(all.ask(dora).shares.get(share).await.unwrap().way_in.is_none(), "{told}");
            // A look finds it as it is, and a second try too.
            all.sync(mill).await;
            is_refused(&all, dora, share, &told).await;
            waits(&all, share, line, &told).await;
            mended(&all, (mill, dora, share), &told).await;
        }
    }
}

/// Sabotage: leave `gives_no_more` out of `let_in_under_lease`.
#[tokio::test]
async fn nor_is_a_device_let_in_that_waits_at_the_page_of_the_server() {
    for version in VERSIONS {
        let told = format!("{version:?}");
        let (all, .., dora, share) = open(world(version)).await;
        let line = widen(&all, "*");
        let id = all.simulator.headscale_waits("mill", "dora-tv").unwrap();
        let refused = all.ask(dora).members.let_in(share, id).await;
        assert!(matches!(refused, Err(Fault::Conflict(_))), "{told}: {refused:?}");
        waits(&all, share, line, &told).await;
    }
}

/// Sabotage: leave `opens_more` out of `judge`, so that a look lets it go on at once; or have it stay for good.
#[tokio::test]
async fn it_goes_on_by_itself_once_the_policy_is_as_it_was() {
    for all in Community::each(|| world(Dialect::V0_29)).await {
        let mill = all.connect().await;
        let dora = all.app.person("Dora").await;
        let share = agreed(&all, mill, "tcp:25565", dora).await;
        all.drain().await;
        let before = all.policy();
        let line = widen(&all, "*");
        is_refused(&all, dora, share, "widened").await;
        all.sync(mill).await;
        waits(&all, share, line, "still wide").await;
        all.simulator.headscale_policy("mill", Some(&before)).unwrap();
        all.sync(mill).await;
        assert!(matches!(all.state(share).await, ShareState::Active { .. }), "{:?}", all.state(share).await);
        all.ask(dora).members.make_key(share).await.unwrap();
    }
}

/// A key that is made already and that nobody has seen is ended. Sabotage: leave `gives_no_more_since` out.
#[tokio::test]
async fn a_key_during_whose_making_the_policy_was_widened_is_shown_to_nobody() {
    for version in VERSIONS {
        for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
            let told = format!("{version:?} {moment:?}");
            let (all, _, dora, share) = open(world(version)).await;
            let hold = all.simulator.hold(Operation::V1CreatePreAuthKey, moment);
            let asked = all.ask(dora);
            let meddler = async {
                hold.held().await;
                let line = widen(&all, "*");
                hold.release();
                line
            };
            let (refused, line) = tokio::join!(asked.members.make_key(share), meddler);
            assert!(matches!(refused, Err(Fault::Conflict(_))), "{told}: {refused:?}");
            waits(&all, share, line, &told).await;
        }
    }
}

/// The accounts are what is read last before a user is made. Sabotage: leave the look out of `make_user`.
#[tokio::test]
async fn no_user_is_made_where_the_policy_was_widened_after_it_was_read() {
    for version in VERSIONS {
        let told = format!("{version:?}");
        let (all, mill, dora, share) = begun(world(version)).await;
        let hold = all.simulator.hold(Operation::V1ListUsers, Moment::AfterEffect);
        let meddler = async {
            hold.held().await;
            widen(&all, "*");
            hold.release();
        };
        tokio::join!(all.drain(), meddler);
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Accepted { again: Some(_) }), "{told}: {state:?}");
        assert!(!is_there(&all), "{told}");
        assert_eq!(all.policy(), widened(POLICY, "*").0, "{told}: nothing is written");
        mended(&all, (mill, dora, share), &told).await;
    }
}

/// Sabotage: write the rule in `replace` without comparing what stands there.
#[tokio::test]
async fn a_user_who_was_made_gets_neither_rule_nor_key_by_a_policy_that_was_widened_since() {
    for version in VERSIONS {
        let told = format!("{version:?}");
        let (all, mill, dora, share) = begun(world(version)).await;
        let hold = all.simulator.hold(Operation::V1CreateUser, Moment::AfterEffect);
        let meddler = async {
            hold.held().await;
            widen(&all, "*");
            hold.release();
        };
        tokio::join!(all.drain(), meddler);
        let state = all.state(share).await;
        assert!(matches!(state, ShareState::Accepted { again: Some(_) }), "{told}: {state:?}");
        assert!(is_there(&all), "{told}");
        assert_eq!(all.policy(), widened(POLICY, "*").0, "{told}: nothing is written");
        is_refused(&all, dora, share, &told).await;
        assert!(all.server().preauth_keys.is_empty(), "{told}");
        mended(&all, (mill, dora, share), &told).await;
        assert_eq!(all.server().users.iter().filter(|user| *user == "dora").count(), 1, "{told}");
    }
}

/// What was loaded before says nothing of what stands there now. Sabotage: keep `loaded` in `gives_no_more`.
#[tokio::test]
async fn in_a_file_too_no_key_is_made_after_it_was_widened() {
    for version in VERSIONS {
        let told = format!("{version:?}");
        let (all, mill, dora, share) = open(Headscale { version, ..in_file() }).await;
        let line = widen(&all, "*");
        is_refused(&all, dora, share, &told).await;
        waits(&all, share, line, &told).await;
        all.sync(mill).await;
        waits(&all, share, line, &told).await;

        let asked = all.ask(all.ana);
        yes(&asked, share).await.unwrap();
        all.drain().await;
        let stopped = all.state(share).await.attention().map(|why| (why.step, why.trouble.clone()));
        assert_eq!(stopped, Some((Step::Narrow, Trouble::PolicyElsewhere)), "{told}");
        by_hand(&all, share).await;
        let stopped = all.state(share).await.attention().map(|why| (why.step, why.trouble.clone()));
        assert_eq!(stopped, Some((Step::Confirm, Trouble::InFile)), "{told}");
        assert!(!all.policy().contains(r#""src": ["*"]"#), "{told}: {}", all.policy());
        is_refused(&all, dora, share, &told).await;
        asked.members.say_loaded(share).await.unwrap();
        all.drain().await;
        all.ask(dora).members.make_key(share).await.unwrap();
    }
}
