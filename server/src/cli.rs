//! The command line (contract: design of the commands in README.md).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod serve;

/// Share one service with one friend, in a way that both can read.
#[derive(Debug, Parser)]
#[command(name = "acequia", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the app
    Serve {
        /// A TOML file; `ACEQUIA_…` variables go over it
        #[arg(long, env = "ACEQUIA_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Run the app with a simulator and a seeded world
    Demo {
        #[arg(long, default_value = "127.0.0.1:3000")]
        listen: SocketAddr,
        /// Keep the data here instead of forgetting it at the end
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

/// Runs the command.
///
/// # Errors
/// What people have to read before they run it again.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Serve { config } => serve::serve(config.as_deref()),
        Command::Demo { listen, data } => serve::demo(listen, data),
    }
}
