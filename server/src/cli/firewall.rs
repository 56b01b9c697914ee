//! `firewall …`: snippets for a node's own firewall, and what brings a host into a tailnet.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Subcommand;
use firewall::{Backend, Input, Part, Routing, System};

use super::output::{self, say};
use super::source::Source;

#[derive(Debug, Subcommand)]
pub enum Firewall {
    /// Write the snippet of a node with all its shares
    Render {
        /// nixos-nftables, nixos-iptables, nftables, iptables, ufw, firewalld or windows
        #[arg(long)]
        backend: Backend,
        /// The node and its shares, as JSON
        #[arg(long)]
        input: PathBuf,
        /// open, guard or all
        #[arg(long, default_value = "all")]
        part: Part,
        /// Write what takes the snippet out again
        #[arg(long)]
        remove: bool,
    },
    /// Write what brings a host into a tailnet
    Bootstrap {
        /// nixos, debian, fedora, arch, macos or windows
        #[arg(long)]
        system: System,
        /// none, client, server or both
        #[arg(long, default_value = "none")]
        routing: Routing,
        /// Where the auth key lies on the host
        #[arg(long)]
        auth_key_file: Option<String>,
        /// Another control server, such as Headscale
        #[arg(long)]
        login_server: Option<String>,
    },
}

/// # Errors
/// When the input cannot be read, or says what must not become a rule.
pub fn run(command: Firewall) -> anyhow::Result<ExitCode> {
    match command {
        Firewall::Render { backend, input, part, remove } => {
            let source = Source::read(&input)?;
            let input = read(&source)?;
            let snippet = if remove {
                firewall::remove(&input, backend, part)
            } else {
                firewall::render(&input, backend, part)
            };
            output::print(snippet.text())?;
            say(format_args!("keep it as {}", snippet.file_name));
            for (what, commands) in
                [("apply", &snippet.apply), ("boot", &snippet.boot), ("check", &snippet.check_command)]
            {
                section(what, commands);
            }
            if !remove {
                section("undo", &snippet.undo);
            }
            notes(&snippet.notes);
        }
        Firewall::Bootstrap { system, routing, auth_key_file, login_server } => {
            let made =
                firewall::bootstrap(system, routing, auth_key_file.as_deref(), login_server.as_deref())?;
            output::print(made.text())?;
            if let Some(name) = &made.file_name {
                say(format_args!("keep it as {name}"));
            }
            notes(&made.notes);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(source: &Source) -> anyhow::Result<Input> {
    // As text: the error says its cause itself, and as a cause it would say it once more.
    Input::from_json(source.text()?).map_err(|error| anyhow!("`{}`: {error}", source.name()))
}

fn section(what: &str, commands: &str) {
    if !commands.trim().is_empty() {
        say(format_args!("\n{what}:\n{}", commands.trim_end()));
    }
}

fn notes(notes: &[String]) {
    for note in notes {
        say(format_args!("\nnote: {note}"));
    }
}
