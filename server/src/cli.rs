//! The command line. Words for people go to stderr, what programs read to stdout; 0 is yes, 1 no, 2 wrong use.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Log};

mod audit;
mod backup;
mod checks;
mod firewall;
mod hujson;
mod keys;
mod lock;
mod network;
mod open;
mod output;
mod people;
mod policy;
mod private;
mod serve;
mod source;
mod upgrade;

/// Share one service with one friend, in a way that both can read.
#[derive(Debug, Parser)]
#[command(name = "acequia", version = crate::version::VERSION)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the app
    Serve(Configured),
    /// Run the app with a simulator and a seeded world: no account, no network, nothing left behind
    Demo {
        #[arg(long, default_value = "127.0.0.1:3000")]
        listen: SocketAddr,
        /// Keep the data here instead of forgetting it at the end
        #[arg(long)]
        data: Option<PathBuf>,
        /// Another world: a file of tailnets, a capture of the policy vectors, or what `cargo xtask world` makes
        #[arg(long)]
        world: Option<PathBuf>,
    },
    /// Say everything that is wrong with the configuration
    CheckConfig(Configured),
    /// Print the code with which the first person becomes the owner of this instance
    SetupCode(Configured),
    /// Seal all secrets with a new key, while the server is stopped
    RotateKey(Configured),
    /// Write everything into one file, while the server runs or does not
    ///
    /// The file is an SQLite database, whichever database it comes from. It appears when it is whole and was read back; a
    /// backup of the same name is replaced by it. The key file is not in it: keep a copy of that elsewhere.
    Backup {
        #[command(flatten)]
        on: Configured,
        /// Where to
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Put a backup into an empty folder, or an empty PostgreSQL database
    ///
    /// Which database it goes into says the configuration, so this is also the way from one kind to the other.
    Restore {
        #[command(flatten)]
        on: Configured,
        /// What `acequia backup` wrote
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Ask the server on this machine whether it lives
    Healthcheck(Configured),
    /// Who is here, and who may come in
    #[command(subcommand)]
    People(people::People),
    /// Who did what, when
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Write the network file that policies are resolved against
    #[command(subcommand)]
    Network(network::Network),
    /// What a policy file means, and edits of it
    #[command(subcommand)]
    Policy(policy::Policy),
    /// JSON with comments: format, convert, patch
    #[command(subcommand)]
    Hujson(hujson::Hujson),
    /// Snippets for a node's own firewall
    #[command(subcommand)]
    Firewall(firewall::Firewall),
}

#[derive(Debug, Args)]
struct Configured {
    /// A TOML file; variables like `ACEQUIA_BASE_URL` go over it
    #[arg(long, env = "ACEQUIA_CONFIG")]
    config: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// What people have to read before they run it again.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Whatever is made from here on is for this user alone.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let file = |configured: &Configured| configured.config.clone();
    // The server reads first in which form.
    if !matches!(arguments.command, Command::Serve(_)) {
        crate::log::start(&Log::default());
    }
    match arguments.command {
        Command::Serve(on) => serve::serve(file(&on).as_deref()),
        Command::Demo { listen, data, world } => serve::demo(listen, data, world),
        Command::CheckConfig(on) => checks::check_config(file(&on).as_deref()),
        Command::SetupCode(on) => keys::setup_code(file(&on).as_deref()),
        Command::RotateKey(on) => keys::rotate_key(file(&on).as_deref()),
        Command::Backup { on, to } => backup::backup(file(&on).as_deref(), &to),
        Command::Restore { on, from } => backup::restore(file(&on).as_deref(), &from),
        Command::Healthcheck(on) => checks::healthcheck(file(&on).as_deref()),
        Command::People(command) => people::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Network(command) => network::run(command),
        Command::Policy(command) => policy::run(command),
        Command::Hujson(command) => hujson::run(command),
        Command::Firewall(command) => firewall::run(command),
    }
}

/// Reads the configuration of a file, if one is named, and of the environment.
fn read_config(file: Option<&Path>) -> anyhow::Result<Config> {
    let text = file
        .map(|file| {
            std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the configuration `{}`", file.display()))
        })
        .transpose()?;
    Ok(config::read(text.as_deref(), std::env::vars())?)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
