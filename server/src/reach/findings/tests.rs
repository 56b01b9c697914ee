//! Findings against a list of everything, on the random worlds of the policy engine.

use super::super::{Judged, lines};
use super::*;

#[expect(dead_code, reason = "only its worlds are wanted")]
#[path = "../../../../crates/policy/tests/agreement/generator.rs"]
mod generator;

fn known(seed: u64) -> Option<Judged> {
    let mut dice = generator::Dice::new(seed);
    let (network, policy) = (generator::network(&mut dice), generator::policy(&mut dice));
    Some(Judged::of(policy.to_string(), &network.to_string(), true)).filter(|judged| judged.known().is_some())
}

/// What lies behind machines and what tags reach, from a list of everything.
fn listed(known: &Known) -> Vec<Vec<Entry>> {
    let mut everything = known.engine.reach(&Query::default());
    everything.retain(|entry| !is_echo(entry.protocol) && !matches!(entry.who, Who::Address(_)));
    let those =
        |keep: &dyn Fn(&Entry) -> bool| everything.iter().filter(|entry| keep(entry)).cloned().collect();
    let mut all: Vec<Vec<Entry>> = Vec::new();
    for node in known.network().nodes() {
        let here = |entry: &Entry| entry.node == node.name;
        let behind: Vec<Entry> = those(&|entry| here(entry) && matches!(entry.part, Part::Route(_)));
        all.extend(node.subnets().next().map(|_| behind));
        all.extend(node.is_exit().then(|| those(&|entry| here(entry) && entry.part == Part::Internet)));
    }
    all.extend(
        ["tag:idle", "tag:router", "tag:server"].map(|tag| those(&|entry| entry.who.to_string() == tag)),
    );
    all.retain(|entries| !entries.is_empty());
    all
}

#[test]
fn what_is_found_of_each_is_what_a_list_of_everything_says() {
    let mut wide = 0;
    for judged in (0..400).filter_map(known) {
        let known = judged.known().unwrap();
        let whole = Findings::of(known, usize::MAX);
        assert_eq!(whole.all, whole.shown.len());
        let found: Vec<&Found> = whole.shown.iter().filter(|found| found.sort == Sort::Wide).collect();
        let listed = listed(known);
        assert_eq!(found.len(), listed.len(), "{}", known.text);
        for (found, entries) in found.iter().zip(&listed) {
            let mut all = lines(entries, &known.text, ToString::to_string);
            for line in &mut all {
                line.rules.clear();
            }
            assert_eq!((found.lines.len() + found.more, &found.rules), (all.len(), &rules_of(entries)));
            assert_eq!(found.lines, all[..found.lines.len()], "{}", found.title);
        }
        wide += listed.len();
        let cut = Findings::of(known, 2);
        let titles =
            |findings: &Findings| findings.shown.iter().map(|found| found.title.clone()).collect::<Vec<_>>();
        assert_eq!((cut.all, titles(&cut)), (whole.all, titles(&whole).into_iter().take(2).collect()));
    }
    assert!(wide > 300, "{wide}");
}
