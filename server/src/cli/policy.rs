//! `policy …`: what a policy file means, and edits of it. Answers go to stdout as JSON, or with `--format text` as
//! words; why a policy is refused goes to stderr, with the place.

mod check;
mod compile;
mod edit;
mod reach;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use ::policy::{Dialect, Language, PolicyError, PolicyErrorKind, Reading, RuleRef};
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use super::output::{self, Paint, say};
use super::source::Source;

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// What the control plane sends to each node
    Compile {
        #[command(flatten)]
        on: On,
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Whether the control plane takes it, whether its tests hold, and what it says in vain
    Check {
        #[command(flatten)]
        on: On,
        /// What is neither documented nor known from the control plane is an error, not a lint
        #[arg(long)]
        strict: bool,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Who can reach what, and by which rules
    #[command(after_help = REACH_HELP)]
    Reach {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        question: reach::Question,
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Who gains and who loses what between two policies
    Diff {
        #[arg(long)]
        old: PathBuf,
        #[arg(long)]
        new: PathBuf,
        /// The network file, as `acequia network export` writes it
        #[arg(long)]
        network: PathBuf,
        #[command(flatten)]
        written: Written,
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Print the file with a share in it
    #[command(after_help = SHARE_HELP)]
    Share {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        share: edit::Agreement,
    },
    /// Print the file without a share
    Unshare {
        /// The policy file; `-` is standard input
        #[arg(long)]
        policy: PathBuf,
        /// As it was given to share
        #[arg(long)]
        id: ::policy::share::ShareId,
    },
    /// Print the file with each `*` source saying whom it means, so that friends are not among them
    #[command(after_help = NARROW_HELP)]
    Narrow {
        #[command(flatten)]
        on: On,
        /// On a Headscale: take this member out of what everybody reaches; without it nobody who is there loses anything
        #[arg(long)]
        who: Option<String>,
    },
    /// Print the file in the house style
    Format { file: PathBuf },
}

const REACH_HELP: &str = "With both --from and --to the exit code answers: 0 is yes, 1 is no, and 3 is that it is not known, with \
\"allowed\": null, because it rests on a rule of which something is not known here (who `group://fleet/players` is, say), or because only the invite \
says whether a friend may use an exit node.";

const NARROW_HELP: &str = "On a Headscale friends are members, so that `*`, `autogroup:member`, ranges of addresses and a file without \
rules let them in too. There each becomes a group of the users of today, `autogroup:tagged` and the approved routes.";

const SHARE_HELP: &str = "On a Headscale the rule stands in `acls`, one for each protocol, in the form that 0.28, 0.29 and 0.30 take. \
A new user gets no share where they would reach more: --narrow comes first. Of names that no account has a warning is given; \
one that several accounts have is refused, because the server would not start again with it.";

/// A policy, and what it is resolved against.
#[derive(Debug, Args)]
pub struct On {
    /// The policy file; `-` is standard input
    #[arg(long)]
    policy: PathBuf,
    /// The network file, as `acequia network export` writes it
    #[arg(long)]
    network: PathBuf,
    #[command(flatten)]
    written: Written,
}

/// How policies are to be understood.
#[derive(Clone, Copy, Debug, Args)]
pub struct Written {
    /// The control plane has taken the policy: let every name pass and work the rest out
    #[arg(long)]
    in_force: bool,
    /// Whose language it is in: tailscale, headscale-0.28 or headscale-0.29
    #[arg(long, default_value_t)]
    dialect: Dialect,
}

impl From<Written> for Language {
    fn from(written: Written) -> Self {
        written.dialect.read(if written.in_force { Reading::InForce } else { Reading::Proposed })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For programs
    Json,
    /// For people
    Text,
}

/// # Errors
/// Wrong use and unreadable input.
pub fn run(command: Policy) -> anyhow::Result<ExitCode> {
    match command {
        Policy::Compile { on, format } => compile::compile(&Case::read(&on)?, format),
        Policy::Check { on, strict, format } => check::check(&Case::read(&on)?, strict, format),
        Policy::Reach { on, question, format } => reach::reach(&Case::read(&on)?, &question, format),
        Policy::Diff { old, new, network, written, format } => {
            let [old, new, network] = Source::read_all([&old, &new, &network])?;
            reach::diff([&old, &new], &read_network(&network)?, written.into(), format)
        }
        Policy::Share { on, share } => edit::share(&Case::read(&on)?, share),
        Policy::Unshare { policy, id } => edit::unshare(&Source::read(&policy)?, &id),
        Policy::Narrow { on, who } => edit::narrow(&Case::read(&on)?, who.as_deref()),
        Policy::Format { file } => super::hujson::format(&file),
    }
}

/// A policy and a network as they were read.
#[derive(Debug)]
struct Case {
    policy: Source,
    network: ::policy::Network,
    language: Language,
}

impl Case {
    fn read(on: &On) -> anyhow::Result<Self> {
        let [policy, network] = Source::read_all([&on.policy, &on.network])?;
        policy.text()?;
        Ok(Self { policy, network: read_network(&network)?, language: on.written.into() })
    }

    fn text(&self) -> anyhow::Result<&str> {
        self.policy.text()
    }
}

fn read_network(source: &Source) -> anyhow::Result<::policy::Network> {
    ::policy::Network::parse(source.text()?).with_context(|| format!("the network file `{}`", source.name()))
}

/// A policy that the control plane would refuse: its text, and the place.
///
/// # Errors
/// For what only this engine refuses, which is no answer about the policy.
fn refused(source: &Source, refusal: &PolicyError, format: Format) -> anyhow::Result<ExitCode> {
    if refusal.kind == PolicyErrorKind::TooLarge {
        return Err(refusal.clone()).with_context(|| format!("`{}`", source.name()));
    }
    show_refusal(source, refusal);
    if format == Format::Json {
        output::print_json(&json!({ "error": refusal.to_string() }))?;
    }
    Ok(ExitCode::from(1))
}

fn show_refusal(source: &Source, refusal: &PolicyError) {
    match (&refusal.span, refusal.line) {
        (Some(span), _) => show(source, span),
        (None, Some(line)) => say(format_args!("{}:{line}", source.name())),
        (None, None) => say(source.name()),
    }
    output::error(refusal);
}

/// Shows a place of a file to people.
fn show(source: &Source, span: &std::ops::Range<usize>) {
    say(source.excerpt(span, Paint::stderr()).trim_end_matches('\n'));
}

/// A rule as answers name it.
#[derive(Debug, Serialize)]
struct Rule {
    section: &'static str,
    index: usize,
    line: usize,
}

impl From<&RuleRef> for Rule {
    fn from(rule: &RuleRef) -> Self {
        Self { section: rule.section.name(), index: rule.index, line: rule.line }
    }
}
