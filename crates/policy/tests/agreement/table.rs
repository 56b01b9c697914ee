//! Policies by the table: every documented construct in many worlds, with the verdict that its sentence asks for.
//!
//! `ACEQUIA_TABLE_WORLDS=1000 cargo test -p policy --test agreement table` puts each row into more of them.

mod access;
mod names;
mod sections;

use policy::reach::{Engine, Target, Who};
use policy::share::{Mode, ShareError, ShareRequest, share};
use policy::{Network, Policy, Reading, check, diff, lint, unshare};
use serde_json::Value;

use crate::asking::{naive_answer, question, verdict};
use crate::generator::{self, Dice};
use crate::naive::World;

/// One sentence of the documentation.
pub struct Row {
    /// The page, by its last part, and where on it.
    source: &'static str,
    /// Sections that say it, besides those that every policy here has. What is in angle brackets is drawn.
    policy: &'static str,
    verdict: Expected,
}

/// What is to become of it.
pub enum Expected {
    /// The control plane takes it, and there is nothing to be told that `--strict` refuses.
    Taken,
    /// As before, and something of it is not known here.
    TakenAndTold(&'static str),
    /// Taken, but refused by `--strict`, with this part of what is told.
    Strange(&'static str),
    /// Refused, with this part of the reason.
    Refused(&'static str),
}

const fn row(source: &'static str, policy: &'static str, verdict: Expected) -> Row {
    Row { source, policy, verdict }
}

/// Worlds of each row in a plain run.
const WORLDS: u64 = 12;

#[test]
fn every_documented_construct_is_judged_as_its_sentence_says() {
    let worlds =
        std::env::var("ACEQUIA_TABLE_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(WORLDS);
    let (mut shares, mut rows) = (0, 0);
    for row in access::ROWS.iter().chain(&names::ROWS).chain(&sections::ROWS) {
        rows += 1;
        for seed in 0..worlds {
            let mut dice = Dice::new(seed.wrapping_mul(7919) ^ rows);
            let network = generator::network(&mut dice);
            let text = filled(row.policy, &mut dice);
            let at = format!("{}: {}\n{text}\n{network}", row.source, row.policy);
            let parsed = Network::from_value(network.clone()).unwrap();
            if judged(row, &text, &parsed, &at) {
                agreed(&mut dice, &text, network, &at);
                shares += u64::from(lent(&mut dice, &text, &parsed, &at));
            }
            let once = formatted(&text);
            assert_eq!(formatted(&once), once, "{at}");
        }
    }
    println!("{rows} rows in {worlds} worlds each, {shares} shares");
    assert!(shares > rows * worlds / 4, "too few could be lent for the table to show anything: {shares}");
}

/// The policy of a row: what every policy has, its own sections instead or besides, and names drawn for its gaps.
fn filled(row: &str, dice: &mut Dice) -> String {
    let mut policy = generator::policy(dice);
    let sections = policy.as_object_mut().unwrap();
    for random in ["acls", "grants", "defaultSrcPosture"] {
        sections.remove(random);
    }
    // What no page has is for the rows that are about it.
    sections["postures"].as_object_mut().unwrap().remove("posture:new");
    sections["groups"].as_object_mut().unwrap().remove("group:mixed");
    let mut row = row.to_owned();
    for (gap, choices) in [
        ("<user>", &["ana@example.com", "ben@example.com", "cyd@other.org"][..]),
        ("<friend>", &["dee@github", "eli@github"][..]),
        ("<tag>", &["tag:server", "tag:router", "tag:idle"][..]),
        ("<address>", &["100.64.0.1", "100.64.0.3", "10.0.0.7"][..]),
        ("<prefix>", &["10.0.0.0/24", "192.168.7.0/24", "100.64.0.0/30"][..]),
        ("<ports>", &["22", "80,443", "8000-8100", "*"][..]),
        ("<port>", &["22", "443", "25565"][..]),
    ] {
        while row.contains(gap) {
            row = row.replacen(gap, dice.pick(choices), 1);
        }
    }
    let own: Value =
        serde_json::from_str(&format!("{{{row}}}")).unwrap_or_else(|error| panic!("{error}: {row}"));
    for (name, section) in own.as_object().unwrap() {
        sections.insert(name.clone(), section.clone());
    }
    serde_json::to_string_pretty(&policy).unwrap()
}

/// Whether it is taken; panics unless that is what the row says.
fn judged(row: &Row, text: &str, network: &Network, at: &str) -> bool {
    let outcome = Policy::parse(text).and_then(|policy| check(&policy, network));
    let told = || {
        let all = lint(text, network, Reading::Proposed).unwrap();
        all.into_iter().map(|lint| (lint.kind.fails_strict(), lint.kind.to_string())).collect::<Vec<_>>()
    };
    match (&row.verdict, outcome) {
        (Expected::Refused(why), Err(error)) => {
            assert!(error.to_string().contains(why), "{error}: {at}");
            assert!(error.line.is_some(), "a refusal without a place: {at}");
            return false;
        }
        (Expected::Refused(_), Ok(_)) => panic!("taken: {at}"),
        (_, Err(error)) => panic!("refused, {error}: {at}"),
        (Expected::Taken, Ok(_)) => {
            assert!(!told().iter().any(|(fails, _)| *fails), "{:?}: {at}", told());
        }
        (Expected::TakenAndTold(what), Ok(_)) => {
            assert!(told().iter().any(|(_, text)| text.contains(what)), "{:?}: {at}", told());
            assert!(!told().iter().any(|(fails, _)| *fails), "{:?}: {at}", told());
        }
        (Expected::Strange(what), Ok(_)) => {
            assert!(told().iter().any(|(fails, text)| *fails && text.contains(what)), "{:?}: {at}", told());
        }
    }
    true
}

fn agreed(dice: &mut Dice, text: &str, network: Value, at: &str) {
    let parsed = Network::from_value(network.clone()).unwrap();
    let engine = Engine::new(text, &parsed).unwrap();
    let world = World { policy: serde_json::from_str(text).unwrap(), network };
    for _ in 0..6 {
        let asked = question(dice, &world.network);
        let to = Target::Address(asked.to);
        let told = engine.explain(&asked.who, &to, asked.protocol, Some(asked.port));
        let naive = naive_answer(&world, &asked);
        let what = format!("{} -> {} proto {} port {}", asked.who, asked.to, asked.protocol, asked.port);
        assert_eq!(told.verdict(), verdict(naive), "{what}: {at}");
    }
}

/// Lends something; whether that could be done. What it changes is what was asked, and its end gives the bytes back.
fn lent(dice: &mut Dice, text: &str, network: &Network, at: &str) -> bool {
    let index = dice.below(network.nodes().len());
    let node = network.nodes()[index].name.clone();
    let (port, who) = (dice.pick(&["25565", "443"]), dice.pick(&["dee@github", "new@friend.org"]));
    let request = ShareRequest {
        id: "s-1".parse().unwrap(),
        who: who.parse().unwrap(),
        node: node.clone(),
        ports: format!("tcp:{port}").parse().unwrap(),
    };
    let mode = [Mode::Exact, Mode::Narrow, Mode::WholeNode][dice.below(3)];
    let plan = match share(text, network, &request, mode, Reading::Proposed) {
        Ok(plan) => plan,
        Err(ShareError::ReachesMore { .. } | ShareError::NotOurs(_) | ShareError::Narrow(_)) => return false,
        Err(error) => panic!("{error}: {at}"),
    };
    let base = plan.narrowing.as_ref().map_or(text, |narrowing| narrowing.after.as_str());
    assert_eq!(unshare(&plan.after, &request.id).unwrap().after, base, "{at}");
    let shared = network.with_share(index, who);
    let engine = |text: &str| Engine::new(text, &shared).unwrap();
    let (before, after) = (engine(base), engine(&plan.after));
    let change = diff(&before, &after);
    assert!(change.lost.is_empty(), "{:?}: {at}", change.lost);
    for entry in &change.gained {
        let theirs = entry.who == Who::Login(who.to_owned()) && entry.node == node;
        assert!(theirs && entry.protocol == 6 && entry.ports.to_string() == port, "{entry:?}: {at}");
    }
    let told = after.explain(&Who::Login(who.to_owned()), &Target::Node(node), 6, port.parse().ok());
    assert!(told.allowed, "{at}");
    true
}

fn formatted(text: &str) -> String {
    let mut value = hujson::parse_str(text).unwrap();
    value.format();
    value.to_string()
}
