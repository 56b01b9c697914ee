//! What a real Headscale made of policies: packets, peers and refusals of its two versions, see the README of the vectors.
//!
//! They are found beside the folder that `ACEQUIA_VECTORS` names; where they are not, these tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a vector of another shape is a failed test")]

mod case;
mod language;
mod lending;
mod naive;
mod packets;
mod reach;
mod score;
mod source;

use policy::{Dialect, Policy, Reading, compile, lint};

use case::{Answer, Case};
use score::Score;

fn judge(case: &Case, dialect: Dialect, score: &mut Score) {
    let policy = Policy::read(&case.policy, dialect);
    let compiled = policy.as_ref().map_err(Clone::clone).and_then(|policy| compile(policy, &case.network));
    let kind = case.kind();
    match (&case.answer, compiled) {
        (Answer::Refused(want), Err(error)) => {
            score.count("refused", kind, Ok(()));
            let got = error.to_string();
            let same = got == *want;
            score.count(
                "words",
                kind,
                if same { Ok(()) } else { Err(format!("{}: `{got}`, want `{want}`", case.id)) },
            );
        }
        (Answer::Refused(want), Ok(_)) => {
            score.count("refused", kind, Err(format!("{}: taken, want `{want}`", case.id)));
        }
        (Answer::Taken(_), Err(error)) => {
            score.count("taken", kind, Err(format!("{}: refused with `{error}`", case.id)));
        }
        (Answer::Taken(nodes), Ok(compiled)) => {
            for reading in [Reading::Proposed, Reading::InForce] {
                let all = lint(&case.policy, &case.network, dialect.read(reading)).unwrap();
                let strange: Vec<_> = all.into_iter().filter(|lint| lint.kind.fails_strict()).collect();
                let told = || format!("{} {reading:?}: {strange:?}", case.id);
                score.count("lints", kind, if strange.is_empty() { Ok(()) } else { Err(told()) });
            }
            let mut wrong = Vec::new();
            for (index, node) in case.network.nodes().iter().enumerate() {
                let got = compiled.node(index);
                let empty = case::Node::default();
                let want = nodes.get(&node.name).unwrap_or(&empty);
                let name = &node.name;
                wrong.extend(
                    packets::differ(&got.packet_filter_rules, &want.packet_filter_rules)
                        .map(|why| format!("{name} {why}")),
                );
                let (mut peers, mut seen) = (got.peers, want.peers.clone());
                peers.sort();
                seen.sort();
                if peers != seen {
                    wrong.push(format!("{name} peers {peers:?}, want {seen:?}"));
                }
                let mut approved: Vec<String> =
                    compiled.approvals(index).iter().map(ToString::to_string).collect();
                approved.sort();
                let mut theirs = want.approved.clone();
                theirs.sort();
                let same = approved == theirs;
                let told = || format!("{} {name}: approved {approved:?}, want {theirs:?}", case.id);
                score.count("approved", kind, if same { Ok(()) } else { Err(told()) });
            }
            let right =
                if wrong.is_empty() { Ok(()) } else { Err(format!("{}: {}", case.id, wrong.join("\n    "))) };
            score.count("taken", kind, right);
        }
    }
}

fn run(file: &str, dialect: Dialect) {
    let Some(cases) = case::load(file, dialect) else { return };
    let mut score = Score::new(&format!("{file}, {dialect}"));
    for case in &cases {
        judge(case, dialect, &mut score);
    }
    score.finish();
}

#[test]
fn generated_policies_mean_what_they_mean_to_headscale_0_29() {
    run("generated.jsonl", Dialect::Headscale029);
}

#[test]
fn generated_policies_mean_what_they_mean_to_headscale_0_28() {
    run("generated.jsonl", Dialect::Headscale028);
}

#[test]
fn the_inputs_of_the_captures_mean_what_they_mean_to_headscale_0_29() {
    run("captures-0.29.jsonl", Dialect::Headscale029);
}
