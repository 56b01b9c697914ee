//! Parse the command, begin the log, go.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::{self, Arguments};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    server::log::start();
    cli::run(arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}
