//! One round: a fresh app, what the machine does alone, half of that without and with a hostile client, and what is
//! true afterwards.

use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use invariants::{Moment, Violation};
use tokio::time::{Instant, sleep};
use witness::{Source, Witness};

use crate::Plan;
use crate::figures::Figures;
use crate::hostile::Hostile;
use crate::pace::{Done, Idle};
use crate::people::{Person, hostile_address, pairs};
use crate::planes::Planes;
use crate::world::{HOSTILE, world};

pub struct Round {
    /// Flows a second that the machine does when it does nothing else.
    alone: f64,
    pub without: Figures,
    pub with: Figures,
    hostile: String,
    /// Claims that do not hold.
    pub broken: Vec<String>,
}

/// How long the last jobs may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// # Errors
/// When the run cannot be made; what it finds is no error.
pub async fn round(plan: &Plan) -> anyhow::Result<Round> {
    let planes = Planes::start(&plan.binary, world(plan.size)).await?;
    let app = &planes.app;
    let source = Source::file(&app.folder.path().join("acequia.db")).await?;
    let mut witness = Witness::begin(source, &planes.all().await?).await?;
    for (name, secret) in planes.secrets() {
        witness.must_not_read(&format!("a credential of {name}"), secret);
    }
    let mut mallory = Person::arrive(&planes, HOSTILE, hostile_address(0)).await?;
    let (_, node) = mallory.connect(&planes).await.context("connecting the hostile one's tailnet")?;
    let service = mallory.list(&node, "Nothing good", 666).await?;
    let idle = Idle::new(pairs(&planes, plan.size).await?, app.switches);

    let (alone, failed) = idle.closed(plan.alone).await;
    let mut broken: Vec<String> = told("as fast as it goes", &failed);
    anyhow::ensure!(alone > 0.0, "no flow came to its end: {broken:?}");
    let distance = Duration::from_secs_f64(2.0 / alone);
    let without = idle.open(distance, plan.half).await;
    let hostile = Hostile::begin(app.address, mallory, service);
    let with = idle.open(distance, plan.half).await;
    let deeds = std::sync::Arc::clone(&hostile.deeds);
    drop(hostile);

    for (what, Done { figures, failed }) in [("without", &without), ("with", &with)] {
        broken.extend(told(what, failed));
        if figures.broken() > 0 {
            broken.push(format!("{what}: {} answers were 5xx or never came", figures.broken()));
        }
    }
    broken.extend(deeds.never_done().into_iter().map(|what| format!("the hostile client: {what}")));
    if deeds.broken() > 0 {
        broken.push(format!("{} answers to the hostile client were 5xx", deeds.broken()));
    }
    broken.extend(at_rest(&planes, &mut witness).await?.iter().map(ToString::to_string));
    Ok(Round { alone, without: without.figures, with: with.figures, hostile: deeds.to_string(), broken })
}

/// The first few: the same thing a hundred times is one thing.
fn told(what: &str, failed: &[String]) -> Vec<String> {
    let first = failed.iter().take(3);
    let mut told: Vec<String> = first.map(|error| format!("{what}: a flow stopped: {error}")).collect();
    if failed.len() > told.len() {
        told.push(format!("{what}: {} flows stopped in all", failed.len()));
    }
    told
}

/// What is wrong once everything that was due is done. The app goes on living, so that a look may fall between two
/// of its steps: what is wrong is so only if it stays.
async fn at_rest(planes: &Planes, witness: &mut Witness) -> anyhow::Result<Vec<Violation>> {
    let until = Instant::now() + PATIENCE;
    loop {
        #[expect(
            clippy::disallowed_methods,
            reason = "the app runs in another process, on the machine's clock"
        )]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_micros();
        let wrong = witness.check(&planes.all().await?, i64::try_from(now)?, Moment::Rest).await?;
        if wrong.is_empty() || Instant::now() > until {
            return Ok(wrong);
        }
        sleep(Duration::from_secs(1)).await;
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  alone    {:.2} flows a second; half of that from now on", self.alone)?;
        writeln!(f, "  without  {}", self.without)?;
        writeln!(f, "  with     {}", self.with)?;
        write!(f, "  hostile  {}", self.hostile)
    }
}
