//! `hujson …`: the text tools.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use hujson::{ParseError, PatchError, Value};

use super::output::{self, Paint};
use super::source::Source;

#[derive(Debug, Subcommand)]
pub enum Hujson {
    /// Bring a file into the house style; comments stay
    Format { file: PathBuf },
    /// Make standard JSON of it, every byte at its place: comments become spaces
    Standardize { file: PathBuf },
    /// Make standard JSON of it, as short as possible
    Minimize { file: PathBuf },
    /// Parse a file and print it as it is
    Pack { file: PathBuf },
    /// Apply an RFC 6902 patch, which may have comments too
    Patch {
        file: PathBuf,
        #[arg(long)]
        patch: PathBuf,
    },
}

/// # Errors
/// When a file cannot be read.
pub fn run(command: Hujson) -> anyhow::Result<ExitCode> {
    match command {
        Hujson::Format { file } => format(&file),
        Hujson::Standardize { file } => transform(&file, Value::standardize),
        Hujson::Minimize { file } => transform(&file, Value::minimize),
        Hujson::Pack { file } => transform(&file, |_| {}),
        Hujson::Patch { file, patch } => apply(&file, &patch),
    }
}

/// # Errors
/// When the file cannot be read.
pub fn format(file: &Path) -> anyhow::Result<ExitCode> {
    transform(file, Value::format)
}

fn transform(file: &Path, change: fn(&mut Value)) -> anyhow::Result<ExitCode> {
    let source = Source::read(file)?;
    let mut value = match hujson::parse(source.bytes()) {
        Ok(value) => value,
        Err(error) => return Ok(not_hujson(&source, &error)),
    };
    change(&mut value);
    output::print(value.pack())?;
    Ok(ExitCode::SUCCESS)
}

fn apply(file: &Path, patch: &Path) -> anyhow::Result<ExitCode> {
    let [source, patch] = Source::read_all([file, patch])?;
    let mut value = match hujson::parse(source.bytes()) {
        Ok(value) => value,
        Err(error) => return Ok(not_hujson(&source, &error)),
    };
    match value.patch(patch.bytes()) {
        Ok(()) => {
            output::print(value.pack())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(PatchError::Parse(error)) => Ok(not_hujson(&patch, &error)),
        Err(error) => {
            output::error(error);
            Ok(ExitCode::from(1))
        }
    }
}

fn not_hujson(source: &Source, error: &ParseError) -> ExitCode {
    let excerpt = source.excerpt(&(error.offset..error.offset + 1), Paint::stderr());
    output::say(excerpt.trim_end_matches('\n'));
    output::error(error);
    ExitCode::from(1)
}
