//! Real flows against a real `acequia demo`, at half of what this machine does alone: so long without, and so long with
//! a hostile client beside them. Prints its figures, and fails when a claim does not hold.

mod figures;
mod flow;
mod hostile;
mod pace;
mod people;
mod planes;
mod round;
mod world;

use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::world::Size;
use figures::median;
use round::{Round, round};

/// How long, and against what.
#[derive(Clone, Debug)]
pub struct Plan {
    binary: PathBuf,
    /// Of each half of a round.
    half: Duration,
    /// Of finding out what the machine does.
    alone: Duration,
    rounds: usize,
    size: Size,
    /// Whether times are judged: not in a look of a few seconds.
    timed: bool,
}

/// How much slower the slowest hundredth may get beside a hostile client.
const MOST: u32 = 2;

fn main() -> ExitCode {
    let outcome = plan(std::env::args().skip(1)).and_then(|plan| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(run(&plan))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `BINARY [--seconds N] [--rounds N] [--smoke]`
fn plan(arguments: impl Iterator<Item = String>) -> anyhow::Result<Plan> {
    let mut arguments = arguments;
    let binary = arguments.next().context("name the binary `acequia`")?;
    let mut plan = Plan {
        binary: binary.into(),
        half: Duration::from_mins(1),
        alone: Duration::from_secs(20),
        rounds: 3,
        size: Size { owners: 16, friends: 3 },
        timed: true,
    };
    while let Some(option) = arguments.next() {
        let mut number = || -> anyhow::Result<u64> {
            arguments.next().and_then(|text| text.parse().ok()).context("a number is missing")
        };
        match option.as_str() {
            "--seconds" => plan.half = Duration::from_secs(number()?),
            "--rounds" => plan.rounds = usize::try_from(number()?)?.max(1),
            "--smoke" => {
                let short = Duration::from_secs(3);
                let size = Size { owners: 3, friends: 2 };
                plan = Plan { half: short, alone: short, rounds: 1, size, timed: false, ..plan };
            }
            other => bail!("`{other}` is no option; there are --seconds N, --rounds N and --smoke"),
        }
    }
    Ok(plan)
}

async fn run(plan: &Plan) -> anyhow::Result<()> {
    let mut out = stdout();
    let mut rounds: Vec<Round> = Vec::new();
    for number in 1..=plan.rounds {
        let done = round(plan).await.with_context(|| format!("round {number}"))?;
        writeln!(out, "round {number}\n{done}")?;
        rounds.push(done);
    }
    let p99 = |half: fn(&Round) -> &figures::Figures| median(rounds.iter().map(|round| half(round).at(99)));
    let (without, with) = (p99(|round| &round.without), p99(|round| &round.with));
    writeln!(out, "median of the slowest hundredth: {without:?} without, {with:?} with a hostile client")?;
    let mut broken: Vec<String> = rounds.iter().flat_map(|round| round.broken.clone()).collect();
    if plan.timed && with > without * MOST {
        broken.push(format!(
            "the slowest hundredth took more than {MOST} times as long beside a hostile client"
        ));
    }
    if broken.is_empty() {
        writeln!(out, "every claim holds")?;
        return Ok(());
    }
    bail!("these claims do not hold:\n- {}", broken.join("\n- "))
}
