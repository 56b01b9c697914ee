//! Every recorded exchange of real Headscales, replayed: the same status, headers, keys and types, and the same values
//! where they are determined. What differs is listed in `headscale-differences.toml` with a reason each, and nothing else
//! may.

mod answers;
mod differences;
mod language;
pub mod raw;
mod recording;
mod scopes;
mod worlds;

use std::fmt::Write as _;

use simulator::headscale::world::Headscale;
use simulator::{Dialect, Listen, Simulator, World};

use answers::Likeness;
use differences::Differences;
use recording::{Exchange, Recordings};

pub const VERSIONS: [(&str, Dialect); 3] =
    [("0.28.0", Dialect::V0_28), ("0.29.2", Dialect::V0_29), ("0.30-dev", Dialect::V0_30)];

#[tokio::test]
async fn every_recorded_exchange_is_answered_as_it_was() {
    let Some(recordings) = Recordings::beside_the_vectors() else { return };
    let mut differences = Differences::read();
    let mut wrong = String::new();
    let mut replayed = 0;
    for (version, dialect) in VERSIONS {
        for group in recordings.groups(version) {
            let (count, failures) = replay(&recordings, (version, dialect), &group, &mut differences).await;
            for failure in failures {
                let _ = writeln!(wrong, "{version} {group}: {failure}");
            }
            replayed += count;
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{wrong}", wrong.lines().count());
    let unused = differences.unused();
    assert!(unused.is_empty(), "these are listed as different, and are not: {unused:#?}");
    assert!(replayed > 1000, "{replayed} exchanges are not all of them");
}

/// One server for each stretch of a group, its exchanges in order.
async fn replay(
    recordings: &Recordings,
    (version, dialect): (&str, Dialect),
    group: &str,
    differences: &mut Differences,
) -> (usize, Vec<String>) {
    let exchanges = recordings.exchanges(version, group);
    let mut failures = Vec::new();
    let mut likeness = Likeness::default();
    let mut simulator: Option<Simulator> = None;
    for (at, exchange) in exchanges.iter().enumerate() {
        if let Some(world) = worlds::begins(recordings, (version, dialect), group, &exchanges, at) {
            simulator = Some(serve(world).await);
            likeness = Likeness::default();
        }
        let simulator = simulator.as_ref().expect("a group begins with a server");
        worlds::meanwhile(simulator, version, group, exchange);
        let address = simulator.headscale_url("server").expect("it is in the world");
        let answer = raw::send(&address, &likeness.of_request(exchange)).await;
        for difference in likeness.compare(exchange, &answer) {
            if !differences.covers(version, group, &exchange.name, &difference) {
                failures.push(format!("{at} [{}] {difference}", exchange.name));
            }
        }
    }
    (exchanges.len(), failures)
}

/// With the clock at the day of the recordings.
pub async fn serve(server: Headscale) -> Simulator {
    let world = World { tailnets: Vec::new(), headscales: vec![server], ..World::demo() };
    let simulator = Simulator::start(world, Listen::default()).await.expect("the world can be served");
    simulator.pin_clock("2026-11-28T17:20:30.5Z".parse().expect("a time"));
    simulator
}

/// Its name as an exchange is listed.
impl std::fmt::Display for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}
