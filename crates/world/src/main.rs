//! Writes the world of so many machines to a file: `world MACHINES FILE`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use world::World;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match write(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("world: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write(arguments: &[String]) -> anyhow::Result<()> {
    let [machines, file] = arguments else { anyhow::bail!("how many machines, and which file?") };
    let world = World::of(machines.parse().context("a number of machines")?);
    if let Some(folder) = Path::new(file).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, serde_json::to_string(&world)?).with_context(|| format!("cannot write `{file}`"))
}
