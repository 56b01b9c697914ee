//! What pages cost in the named world, measured from outside: a real `acequia demo` as a process, a person who is
//! signed in, and figures that people read beside each other. Nothing here passes or fails.

#![expect(clippy::print_stdout, reason = "a measurement that people read")]

mod bare;
mod busy;
mod filter;
mod pages;
mod process;
mod reading;
mod rendering;
mod table;
mod visitor;

/// The values that the tests of the pages render.
#[path = "../../../../app/src/site/tests"]
mod samples {
    #[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "as tests name what they make"))]
    #[expect(
        clippy::unwrap_used,
        dead_code,
        unused_imports,
        reason = "made for tests; one page of it is used here"
    )]
    pub mod sample;
}

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};

// As the samples name them.
use app::{fault, paths, ports};

use table::Table;

/// Against what, and in which worlds.
struct Plan {
    binary: PathBuf,
    /// Machines, the smaller world first.
    worlds: Vec<usize>,
    /// How long pages are asked for as fast as they come.
    busy: Duration,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match arguments.split_first() {
                // Ourselves as a process of its own.
                Some((word, [file])) if word == bare::WORD => bare::serve(file).await,
                Some((word, [])) if word == rendering::WORD => rendering::serve().await,
                _ => run(&plan(&arguments)?).await,
            }
        })
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `BINARY [--worlds N,N] [--seconds N]`
fn plan(arguments: &[String]) -> anyhow::Result<Plan> {
    let mut arguments = arguments.iter();
    let binary = arguments.next().context("name the binary `acequia`")?;
    let mut plan = Plan { binary: binary.into(), worlds: vec![1_000, 10_000], busy: Duration::from_secs(10) };
    while let Some(option) = arguments.next() {
        let value = arguments.next().with_context(|| format!("`{option}` lacks its value"))?;
        match option.as_str() {
            "--worlds" => {
                let sizes = value.split(',').map(|size| size.trim().parse());
                plan.worlds = sizes.collect::<Result<_, _>>().context("--worlds 1000,10000")?;
            }
            "--seconds" => plan.busy = Duration::from_secs(value.parse()?),
            other => bail!("`{other}` is no option; there are --worlds N,N and --seconds N"),
        }
    }
    Ok(plan)
}

async fn run(plan: &Plan) -> anyhow::Result<()> {
    let mut table = Table::new();
    for machines in &plan.worlds {
        table.begin(*machines);
        let world = world::World::of(*machines);
        filter::measure(&world, &mut table)?;
        let mut visitor = visitor::Visitor::arrive(&plan.binary, &world, &mut table).await?;
        pages::measure(&mut visitor, &mut table).await?;
        reading::measure(&mut visitor, *machines, &mut table).await?;
        pages::export(&mut visitor, &mut table).await?;
        busy::measure(&mut visitor, plan.busy, &mut table).await?;
        let resident = process::memory(visitor.app.id)?;
        table.put("resident after all this", resident.now_megabytes(), "MB");
    }
    println!("{table}");
    Ok(())
}
