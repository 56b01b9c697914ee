//! The engine and a second, naive evaluator agree on random worlds.
//!
//! With postures, services, share recipients, IP sets and names that nobody here knows.
//! `cargo xtask agreement` asks in 100,000 worlds (`ACEQUIA_RANDOM_WORLDS`); `ACEQUIA_RANDOM_SEED` starts elsewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod asking;
mod captures;
mod generator;
mod laws;
mod naive;
mod pace;
mod table;
mod wire;

use asking::{Question, engine, naive_answer, pairs, question, verdict};
use generator::Dice;
use naive::{From, Verdict, World};
use policy::reach::{Engine, Entry, Note, Part, Query, Target, Who};
use policy::{Network, Policy, diff};
use serde_json::Value;

/// Worlds in a plain run, and questions asked in each.
const WORLDS: u64 = 2_000;
const QUESTIONS: usize = 25;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A question about a service, where the policy has one, asked of both.
fn ask_of_services(dice: &mut Dice, engine: &Engine, world: &World, seed: u64) -> u64 {
    let question = question(dice, &world.network);
    for service in engine.services() {
        let to = Target::Node(service.clone());
        let told = engine.explain(&question.who, &to, question.protocol, Some(question.port));
        let said = question.from.iter();
        let said = said.map(|from| world.says_of_service(from, service, question.protocol, question.port));
        let naive = said.max().unwrap_or(Verdict::No);
        let at = format!(
            "seed {seed}: {} -> {service} proto {} port {}\n{}\n{}",
            question.who, question.protocol, question.port, world.policy, world.network
        );
        assert_eq!(told.verdict(), verdict(naive), "{at}");
    }
    engine.services().len().try_into().unwrap()
}

/// Whether a listing says for certain that a node reaches an address of a node, on TCP, UDP, SCTP or GRE.
fn listed(entries: &[Entry], network: &Value, source: &str, name: &str, question: &Question) -> bool {
    let node = &network["nodes"][source];
    let users = network["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["name"] == node["user"]);
    let tags: Vec<&str> = node["tags"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    entries.iter().any(|entry| {
        let who = match &entry.who {
            Who::Login(login) => tags.is_empty() && user.is_some_and(|user| user["email"] == *login),
            Who::Tag(tag) => tags.contains(&tag.as_str()),
            Who::Node(name) => name == source,
            Who::Address(_) | Who::Unknown(_) => false,
        };
        // A device without an address of the family is not meant by an entry about both.
        let family = node[if question.to.is_ipv4() { "ipv4" } else { "ipv6" }] != "";
        let certain = match &entry.note {
            None => true,
            Some(Note::Devices(names)) => names.iter().any(|name| name == source),
            Some(_) => false,
        };
        let target = &network["nodes"][name];
        let own = [&target["ipv4"], &target["ipv6"]].iter().any(|own| **own == question.to.to_string());
        let part = match &entry.part {
            Part::Node => own,
            Part::Address(address) => *address == question.to,
            Part::Route(range) => !own && range.contains(question.to),
            // An exit node carries the family that it has a default route for.
            Part::Internet => {
                let default = if question.to.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
                let routes = target["approved_routes"].as_array().unwrap();
                routes.iter().any(|route| route == default) && naive::public(&question.to.to_string())
            }
        };
        who && family
            && certain
            && part
            && entry.node == *name
            && entry.protocol == question.protocol
            && entry.ports.contains(question.port)
    })
}

#[test]
fn engine_and_naive_evaluator_give_the_same_answers_on_random_worlds() {
    let (worlds, first) = (number("ACEQUIA_RANDOM_WORLDS", WORLDS), number("ACEQUIA_RANDOM_SEED", 1));
    let (mut questions, mut filtered, mut open, mut refused) = (0u64, 0u64, 0u64, 0u64);
    let (mut perhaps, mut services) = (0u64, 0u64);
    for seed in first..first + worlds {
        let mut dice = Dice::new(seed);
        let network = generator::network(&mut dice);
        let policy = generator::policy(&mut dice);
        let engine = match engine(&policy, &network) {
            Ok(engine) => engine,
            Err(error) => {
                refused += 1;
                assert!(refused * 20 < worlds.max(100), "seed {seed}: {error}\n{policy:#}");
                continue;
            }
        };
        let parsed = Network::from_value(network.clone()).unwrap();
        let compiled = policy::compile(&Policy::parse(&policy.to_string()).unwrap(), &parsed).unwrap();
        let filters: Vec<_> = (0..parsed.nodes().len()).map(|node| compiled.filter(node)).collect();
        let world = World { policy, network };
        for _ in 0..QUESTIONS {
            let question = question(&mut dice, &world.network);
            let said = naive_answer(&world, &question);
            let naive = said == Verdict::Yes;
            let (who, to) = (&question.who, Target::Address(question.to));
            let clever = engine.allows(who, &to, question.protocol, Some(question.port));
            let at = format!(
                "seed {seed}: {who} -> {} proto {} port {}\n{}\n{}",
                question.to, question.protocol, question.port, world.policy, world.network
            );
            assert_eq!(naive, clever, "{at}");
            let explained = engine.explain(who, &to, question.protocol, Some(question.port));
            assert_eq!(explained.allowed, naive, "{at}");
            assert_eq!(explained.verdict(), verdict(said), "{at}");
            let sure = |entry: &Entry| matches!(entry.note, None | Some(Note::Devices(_)));
            assert_eq!(explained.entries.iter().any(sure), naive, "{at}");
            assert_eq!(explained.rules.is_empty(), explained.entries.is_empty(), "{at}");
            if let Some(wire) = wire::answer(&filters, &world, &question) {
                // A filter is sent to a device only if its peer meets the posture, which no network file says.
                let Question { from, to, protocol, port, .. } = &question;
                let naive = pairs(&world, from)
                    .any(|(from, name)| world.allowed_by_filters(from, &name, *to, *protocol, *port));
                assert_eq!(wire, naive, "packet filters, {at}");
                filtered += 1;
            }
            questions += 1;
            open += u64::from(naive);
            perhaps += u64::from(said == Verdict::Perhaps);
        }
        services += ask_of_services(&mut dice, &engine, &world, seed);
    }
    println!("{perhaps} perhaps, {services} questions about services");
    assert!(perhaps * 400 > questions && services * 20 > worlds, "the worlds know too much");
    println!("{questions} questions, {filtered} also to filters, {open} allowed, {refused} worlds refused");
    assert!(open * 100 > questions, "the worlds are too closed to show anything: {open} of {questions}");
}

#[test]
fn listings_and_differences_say_what_the_naive_evaluator_says_device_by_device() {
    let (worlds, first) = (number("ACEQUIA_RANDOM_WORLDS", WORLDS) / 5, number("ACEQUIA_RANDOM_SEED", 1));
    let (mut gained, mut lost) = (0u64, 0u64);
    for seed in first..first + worlds {
        let mut dice = Dice::new(!seed);
        let network = generator::network(&mut dice);
        let (old, new) = (generator::policy(&mut dice), generator::policy(&mut dice));
        let (Ok(before), Ok(after)) = (engine(&old, &network), engine(&new, &network)) else { continue };
        let listing = before.reach(&Query::default());
        let change = diff(&before, &after);
        let (was, is) = (World { policy: old, network: network.clone() }, World { policy: new, network });
        let names = generator::node_names(&was.network);
        for _ in 0..40 {
            let question = question(&mut dice, &was.network);
            let (source, name) = (&names[dice.below(names.len())], &names[dice.below(names.len())]);
            // ICMP is listed only where it is all there is, and nothing is said about a node and itself.
            if question.protocol == 1 || source == name {
                continue;
            }
            let ask = |world: &World| {
                let from = From::Node(source.clone());
                world.allowed(&from, name, question.to, question.protocol, question.port)
            };
            let (then, now) = (ask(&was), ask(&is));
            let says = |entries: &[Entry]| listed(entries, &was.network, source, name, &question);
            let at = format!(
                "seed {seed}: {source} -> {name} {} proto {} port {}\n{}\n{}\n{}",
                question.to, question.protocol, question.port, was.policy, is.policy, was.network
            );
            assert_eq!(says(&listing), then, "listing, {at}");
            assert_eq!(says(&change.gained), now && !then, "gained, {at}");
            assert_eq!(says(&change.lost), then && !now, "lost, {at}");
            gained += u64::from(now && !then);
            lost += u64::from(then && !now);
        }
    }
    println!("{gained} gained, {lost} lost");
    assert!(gained > worlds / 20 && lost > worlds / 20);
}
