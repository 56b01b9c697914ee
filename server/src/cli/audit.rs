//! `audit …`: the trail of this instance, for whoever runs it.

use std::process::ExitCode;

use anyhow::bail;
use app::fault::Fault;
use app::ports::audit::Filters;
use app::ports::export::Format;
use clap::{Args, Subcommand, ValueEnum};

use super::{Configured, open, output, read_config, runtime};
use crate::use_cases::audit::for_operator;

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Write who did what, when, newest first, to stdout: all of this instance, or what fits the filters
    ///
    /// The same file as behind the buttons JSON and CSV of the audit page. A filter that is not understood ends the command
    /// with exit 2 and says what the name could mean. Works while the server runs and while it does not.
    Export(Box<Export>),
}

#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    on: Configured,
    /// JSON, or a table for a spreadsheet
    #[arg(long, value_enum, default_value_t = Written::Json)]
    format: Written,
    /// Done by somebody, to them, or with them on the other side: a name or an id
    #[arg(long, default_value = "")]
    person: String,
    /// In a tailnet: a name or an id
    #[arg(long, default_value = "")]
    tailnet: String,
    /// About a machine, its services, offers and shares: a name or an id
    #[arg(long, default_value = "")]
    machine: String,
    /// About a service, its offers and shares: a name or an id
    #[arg(long, default_value = "")]
    service: String,
    /// About a share: an id
    #[arg(long, default_value = "")]
    share: String,
    /// policy (what changed the text of one), share, offer, service, machine, tailnet, edit, person or elsewhere
    #[arg(long, default_value = "")]
    kind: String,
    /// The first day, like 2026-12-24, in UTC
    #[arg(long, default_value = "")]
    from: String,
    /// The last day, like 2026-12-24, in UTC
    #[arg(long, default_value = "")]
    until: String,
    /// Words that appear in what happened
    #[arg(long, default_value = "")]
    words: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Written {
    Json,
    Csv,
}

/// # Errors
/// When a filter is not understood, or the trail cannot be read.
pub fn run(command: Audit) -> anyhow::Result<ExitCode> {
    let Audit::Export(asked) = command;
    let Export { on, format, person, tailnet, machine, service, share, kind, from, until, words } = *asked;
    let filters = Filters { q: words, person, tailnet, machine, service, share, kind, from, until };
    let format = match format {
        Written::Json => Format::Json,
        Written::Csv => Format::Csv,
    };
    let config = read_config(on.config.as_deref())?;
    runtime()?.block_on(async {
        let (state, _held) = open::for_question(config).await?;
        let mut file = match for_operator(&state.db, &filters, format).await {
            Ok(file) => file,
            Err(Fault::Invalid(errors)) => {
                let told = errors.iter().map(|(name, why)| format!("--{}: {why}", option(name)));
                bail!("{}", told.collect::<Vec<_>>().join("\n"));
            }
            Err(fault) => bail!("{fault}"),
        };
        while let Some(part) = file.next().await.map_err(|fault| anyhow::anyhow!("{fault}"))? {
            output::print(part)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What the filter of the page is called here.
fn option(name: &str) -> &str {
    if name == "q" { "words" } else { name }
}
