//! What pages about reach ask of the engine, in a tailnet as large organisations have it: how long each answer takes.
//!
//! Run with `cargo bench -p policy --bench reach`, or quicker and less exact with `cargo test -p policy --bench reach`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement that people read")]

use std::time::Duration;

use policy::{Engine, Network, Policy, Query, Reading, Target, compile, diff, exposure, lint};

#[path = "worlds/tailnet.rs"]
mod tailnet;

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = worked();
    let value = work();
    println!("{what:>28} {:>10.1?} {:>7} MB", worked().saturating_sub(start), resident());
    value
}

/// Processor time of the process, which does not count who else is at work on the machine.
fn worked() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

/// Megabytes that the process holds; nothing where the system does not say.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() / 1024
}

fn main() {
    for nodes in [1_000, 10_000] {
        println!("{nodes} machines");
        let (text, file) = tailnet::tailnet(nodes);
        let network = timed("network", || Network::parse(&file).unwrap());
        let policy = timed("policy", || Policy::parse(&text).unwrap());
        let engine = timed("engine", || Engine::of(&policy, &network).unwrap());
        timed("exposure", || exposure(&text, &policy, &engine).unwrap());
        timed("lint", || lint(&text, &network, Reading::Proposed).unwrap());
        let everyone = engine.everyone();
        timed("from 100 of all", || {
            let some = everyone.iter().step_by(everyone.len().div_ceil(100));
            some.map(|who| engine.reach(&Query::from(who.clone())).len()).sum::<usize>()
        });
        timed("whom rules let in", || engine.let_in().len());
        timed("to a router", || engine.reach(&Query::to(Target::Node("n00013".into()))).len());
        let count = timed("all", || engine.reach(&Query::default()).len());
        println!("{count:>28} entries");
        let other = Engine::new(&text.replace("\"tcp\"", "\"udp\""), &network).unwrap();
        timed("difference", || diff(&engine, &other).gained.len());
        let compiled = timed("compile", || compile(&policy, &network).unwrap());
        let mut bytes = 0;
        timed("packet filters as text", || {
            for node in 0..network.nodes().len() {
                bytes += serde_json::to_vec(&compiled.filter(node)).unwrap().len();
            }
        });
        println!("{bytes:>28} bytes");
    }
}
