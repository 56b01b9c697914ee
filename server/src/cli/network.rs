//! `network …`: what policies are resolved against.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use model::TailnetId;

use super::{Configured, open, output, read_config, runtime};
use crate::planes;
use crate::planes::in_words;
use crate::tailnet::Inventory;

#[derive(Debug, Subcommand)]
pub enum Network {
    /// Write the network file of a connected tailnet
    Export {
        #[command(flatten)]
        on: Configured,
        /// Its id, as in the address of its page
        #[arg(long)]
        tailnet: TailnetId,
    },
}

/// # Errors
/// When the tailnet is not connected or its control plane does not tell.
pub fn run(command: Network) -> anyhow::Result<ExitCode> {
    match command {
        Network::Export { on, tailnet } => export(on.config.as_deref(), tailnet),
    }
}

fn export(config: Option<&Path>, tailnet: TailnetId) -> anyhow::Result<ExitCode> {
    let config = read_config(config)?;
    runtime()?.block_on(async {
        let (state, _held) = open::for_question(config).await?;
        let plane = planes::of(&state, tailnet).await?;
        let inventory = Inventory::read(plane.as_ref()).await.map_err(|error| anyhow!(in_words(&error)))?;
        inventory.network().context("what the control plane says makes no network")?;
        output::print_json(&inventory.file())?;
        Ok(ExitCode::SUCCESS)
    })
}
