//! Findings against a list of everything, on the random worlds of the policy engine.

use super::super::{Evaluation, lines};
use super::*;

#[expect(dead_code, reason = "only its worlds are wanted")]
#[path = "../../../../crates/policy/tests/agreement/generator.rs"]
mod generator;

fn known(seed: u64) -> Option<Evaluation> {
    let mut dice = generator::Dice::new(seed);
    let (network, policy) = (generator::network(&mut dice), generator::policy(&mut dice));
    Some(Evaluation::of(policy.to_string(), &network.to_string(), true, policy::Dialect::Tailscale))
        .filter(|evaluation| evaluation.known().is_some())
}

/// What lies behind machines and what tags reach, from a list of everything.
fn listed(known: &ReachModel) -> Vec<Vec<Entry>> {
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
    for evaluation in (0..400).filter_map(known) {
        let known = evaluation.known().unwrap();
        let nothing = Settled::default();
        let whole = Findings::of(known, &nothing, 0, usize::MAX);
        assert_eq!(whole.all, whole.shown.len());
        let found: Vec<&Finding> = whole.shown.iter().filter(|found| found.sort == Sort::Wide).collect();
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
        let titles =
            |findings: &Findings| findings.shown.iter().map(|found| found.title.clone()).collect::<Vec<_>>();
        let mut walked = Vec::new();
        for before in (0..whole.all).step_by(2) {
            let page = Findings::of(known, &nothing, before, 2);
            assert_eq!(page.all, whole.all, "behind {before}");
            walked.extend(titles(&page));
        }
        assert_eq!(walked, titles(&whole));
    }
    assert!(wide > 300, "{wide}");
}
