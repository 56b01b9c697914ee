//! The engine and a second, naive evaluator agree on random worlds.
//!
//! `ACEQUIA_RANDOM_WORLDS=1000000 cargo test -p policy --test agreement` runs longer; `ACEQUIA_RANDOM_SEED`
//! starts elsewhere.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod captures;
mod generator;
mod laws;
mod naive;
mod pace;
mod wire;

use std::net::IpAddr;

use generator::Dice;
use naive::{From, World};
use policy::reach::{Engine, Entry, Note, Part, Query, Target, Who};
use policy::{Network, Policy, diff};
use serde_json::Value;

/// Worlds in a plain run, and questions asked in each.
const WORLDS: u64 = 4_000;
const QUESTIONS: usize = 25;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn engine(policy: &Value, network: &Value) -> Result<Engine, String> {
    let network = Network::from_value(network.clone()).map_err(|error| error.to_string())?;
    Engine::new(&policy.to_string(), &network).map_err(|error| error.to_string())
}

/// One question in the words of both evaluators.
pub struct Question {
    who: Who,
    from: Vec<From>,
    to: IpAddr,
    protocol: u8,
    port: u16,
}

fn question(dice: &mut Dice, network: &Value) -> Question {
    let names = generator::node_names(network);
    let nodes_of = |login: &str| {
        let users = network["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["email"] == *login).map(|user| user["name"].clone());
        let own = |name: &&String| {
            let node = &network["nodes"][name.as_str()];
            user.is_some()
                && node["tags"].as_array().unwrap().is_empty()
                && node["user"] == *user.as_ref().unwrap()
        };
        names.iter().filter(own).map(|name| From::Node(name.clone())).collect::<Vec<_>>()
    };
    let (who, from) = match dice.below(6) {
        0 | 1 => {
            let login = dice.pick(&generator::LOGINS[..5]);
            let mut from = nodes_of(login);
            if from.is_empty() || login.ends_with("github") {
                from.push(From::Unseen(login.to_owned()));
            }
            (Who::Login(login.to_owned()), from)
        }
        2 => {
            let address = generator::address(dice);
            let has = |name: &&String| {
                let node = &network["nodes"][name.as_str()];
                [&node["ipv4"], &node["ipv6"]].iter().any(|own| **own == address.to_string())
            };
            let from = names.iter().find(has).map_or(From::Address(address), |name| From::Node(name.clone()));
            (Who::Address(address.to_string().parse().unwrap()), vec![from])
        }
        _ => {
            let name = names[dice.below(names.len())].clone();
            (Who::Node(name.clone()), vec![From::Node(name)])
        }
    };
    let (protocol, port) = generator::service(dice);
    Question { who, from, to: generator::address(dice), protocol, port }
}

fn naive_answer(world: &World, question: &Question) -> bool {
    let names = generator::node_names(&world.network);
    question.from.iter().any(|from| {
        names.iter().any(|name| {
            *from != From::Node(name.clone())
                && world.allowed(from, name, question.to, question.protocol, question.port)
        })
    })
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
            Who::Address(_) => false,
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
            let naive = naive_answer(&world, &question);
            let (who, to) = (&question.who, Target::Address(question.to));
            let clever = engine.allows(who, &to, question.protocol, Some(question.port));
            let at = format!(
                "seed {seed}: {who} -> {} proto {} port {}\n{}\n{}",
                question.to, question.protocol, question.port, world.policy, world.network
            );
            assert_eq!(naive, clever, "{at}");
            let explained = engine.explain(who, &to, question.protocol, Some(question.port));
            assert_eq!(explained.allowed, naive, "{at}");
            let certain = explained.entries.iter().any(|entry| !entry.is_unproven());
            assert_eq!(certain, naive, "{at}");
            assert_eq!(explained.rules.is_empty(), explained.entries.is_empty(), "{at}");
            if let Some(wire) = wire::answer(&filters, &world, &question) {
                assert_eq!(wire, naive, "packet filters, {at}");
                filtered += 1;
            }
            questions += 1;
            open += u64::from(naive);
        }
    }
    println!("{questions} questions, {filtered} also to filters, {open} allowed, {refused} worlds refused");
    assert!(open * 50 > questions, "the worlds are too closed to show anything: {open} of {questions}");
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
    assert!(gained > worlds / 10 && lost > worlds / 10);
}
