//! Laws of reach, on random worlds: order, growth, symmetry.

use std::collections::{BTreeMap, BTreeSet};

use policy::reach::{Engine, Entry};
use policy::share::{Mode, ShareError, ShareRequest, share};
use policy::{Network, Policy, Query, Reading, RuleRef, Who, diff, narrow, unshare};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generator::{self, Dice};

fn engine(policy: &Value, network: &Network) -> Engine {
    Engine::new(&policy.to_string(), network).unwrap()
}

fn world(seed: u64) -> (Dice, Network, Value) {
    let mut dice = Dice::new(seed);
    let network = Network::from_value(generator::network(&mut dice)).unwrap();
    let policy = generator::policy(&mut dice);
    (dice, network, policy)
}

/// What is told, without the numbers of rules, which an edit may shift.
fn told(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(|entry| format!("{:?}", Entry { rules: Vec::new(), ..entry.clone() })).collect()
}

fn shuffled(dice: &mut Dice, mut list: Vec<Value>) -> Vec<Value> {
    for at in (1..list.len()).rev() {
        list.swap(at, dice.below(at + 1));
    }
    list
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_order_of_rules_changes_nothing(seed: u64) {
        let (mut dice, network, policy) = world(seed);
        let mut other = policy.clone();
        for section in ["acls", "grants"] {
            if let Some(rules) = policy[section].as_array() {
                other[section] = shuffled(&mut dice, rules.clone()).into();
            }
        }
        let (one, two) = (engine(&policy, &network), engine(&other, &network));
        prop_assert_eq!(told(&one.reach(&Query::default())), told(&two.reach(&Query::default())));
        prop_assert!(diff(&one, &two).is_empty());
    }

    #[test]
    fn one_more_grant_takes_nothing_away(seed: u64) {
        let (mut dice, network, mut policy) = world(seed);
        // The first rule of a file without rules switches its default off, so that there have to be some.
        policy["grants"] = policy["grants"].as_array().cloned().unwrap_or_default().into();
        let before = engine(&policy, &network);
        policy["grants"].as_array_mut().unwrap().push(generator::grant(&mut dice));
        prop_assert!(diff(&before, &engine(&policy, &network)).lost.is_empty());
    }

    #[test]
    fn a_difference_read_backwards_is_the_difference_the_other_way(seed: u64) {
        let (mut dice, network, policy) = world(seed);
        let (one, two) = (engine(&policy, &network), engine(&generator::policy(&mut dice), &network));
        let (there, back) = (diff(&one, &two), diff(&two, &one));
        prop_assert_eq!(&there.gained, &back.lost);
        prop_assert_eq!(&there.lost, &back.gained);
        prop_assert!(diff(&one, &one).is_empty());
    }

    #[test]
    fn narrowing_takes_only_from_recipients_or_is_refused(seed: u64) {
        let (_, network, policy) = world(seed);
        let before = engine(&policy, &network);
        if let Ok(narrowed) = narrow(&policy.to_string(), &network, Reading::Proposed) {
            let change = diff(&before, &Engine::new(&narrowed.after, &network).unwrap());
            prop_assert!(change.gained.is_empty());
            let recipients = ["dee@github", "eli@github"];
            prop_assert!(change.lost.iter().all(|entry| recipients.contains(&entry.who.to_string().as_str())));
        }
    }

    #[test]
    fn without_a_rule_reach_is_that_of_the_policy_that_it_was_taken_out_of(seed: u64) {
        let (mut dice, network, mut policy) = world(seed);
        let (all, before) = (engine(&policy, &network), Policy::parse(&policy.to_string()).unwrap());
        // An empty list still is one: it does not bring the default back.
        let Some(rules) = policy["grants"].as_array_mut().filter(|rules| !rules.is_empty()) else { return Ok(()) };
        let index = dice.below(rules.len());
        rules.remove(index);
        let gone = before.grants.unwrap()[index].rule;
        let other = engine(&policy, &network);
        let mut without = all.reach(&Query { without: vec![gone], ..Query::default() });
        // A service that only the rule named is no destination of its own any more.
        without.retain(|entry| !entry.node.starts_with("svc:") || other.services().contains(&entry.node));
        prop_assert_eq!(told(&without), told(&other.reach(&Query::default())));
    }

    #[test]
    fn rules_let_in_whom_the_listing_names_them_for(seed: u64) {
        let (mut dice, network, mut policy) = world(seed);
        // Under a posture the same ports may be open by another rule already.
        for section in ["acls", "grants"] {
            for rule in policy[section].as_array_mut().into_iter().flatten().filter(|_| dice.one_in(4)) {
                rule["srcPosture"] = json!(["posture:mac"]);
            }
        }
        let engine = engine(&policy, &network);
        let everyone = engine.everyone();
        let mut listed: BTreeMap<RuleRef, (BTreeSet<Who>, BTreeSet<String>)> = BTreeMap::new();
        for entry in engine.reach(&Query::default()) {
            for rule in entry.rules.iter().filter(|_| !matches!(entry.who, Who::Address(_))) {
                let (who, nodes) = listed.entry(*rule).or_default();
                who.insert(entry.who.clone());
                nodes.insert(entry.node.clone());
            }
        }
        let name = |node: usize| engine.network().node(node).unwrap().name.clone();
        let let_in = engine.let_in().into_iter().map(|(rule, told)| {
            let who = told.who.iter().map(|who| everyone[who].clone()).collect();
            let services = told.services.iter().map(|service| engine.services()[service].clone());
            (rule, (who, told.nodes.iter().map(name).chain(services).collect()))
        });
        prop_assert_eq!(let_in.collect::<BTreeMap<_, _>>(), listed);
    }

    #[test]
    fn a_share_adds_its_ports_and_leaves_without_a_trace(seed: u64) {
        let (mut dice, network, policy) = world(seed);
        let node = network.nodes()[dice.below(network.nodes().len())].name.clone();
        let ports = dice.pick(&["tcp:25565", "tcp:80,udp:8000-8100", "udp:1-65535"]).parse().unwrap();
        let who = dice.pick(&["dee@github", "new@friend.org"]).parse().unwrap();
        let request = ShareRequest { id: "s-1".parse().unwrap(), who, node, ports };
        let text = serde_json::to_string_pretty(&policy).unwrap();
        let mode = [Mode::Exact, Mode::Narrow, Mode::WholeNode][dice.below(3)];
        match share(&text, &network, &request, mode, Reading::Proposed) {
            Ok(plan) => {
                let base = plan.narrowing.as_ref().map_or(text, |narrowing| narrowing.after.clone());
                prop_assert_eq!(unshare(&plan.after, &request.id).unwrap().after, base);
            }
            Err(ShareError::ReachesMore { .. }) => prop_assert!(mode != Mode::WholeNode),
            Err(ShareError::NotOurs(_) | ShareError::Narrow(_)) => {}
            Err(error) => prop_assert!(false, "{error}\n{text}"),
        }
    }
}
