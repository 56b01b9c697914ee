//! Edits of a policy file: the new text goes to stdout, what it means for whom to stderr.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use model::{Login, ServicePorts};
use policy::narrow::NarrowError;
use policy::reach::Entry;
use policy::share::{Mode, ShareError, ShareId, ShareRequest, Warning};
use policy::unshare::UnshareError;
use policy::{Policy, UnknownName, membership};

use super::words::{by, reached};
use super::{Case, Format, refused};
use crate::cli::output::{self, Paint, say};
use crate::cli::source::Source;

#[derive(Debug, Args)]
pub struct Agreement {
    /// The friend's login; on a Headscale also NAME@ or what the identity provider calls them, with an @ behind it
    #[arg(long)]
    who: String,
    /// The name of the node
    #[arg(long)]
    node: String,
    /// Such as tcp:25565,udp:19132-19133
    #[arg(long)]
    ports: ServicePorts,
    /// Marks the rule in the file
    #[arg(long)]
    id: ShareId,
    /// Narrow `*` sources first, where the friend would reach more than the ports
    #[arg(long, conflicts_with = "whole_node")]
    narrow: bool,
    /// The friend may reach more of the node than the ports; of a member of a Headscale: they keep what they reach anyway
    #[arg(long)]
    whole_node: bool,
}

pub fn share(case: &Case, share: Agreement) -> anyhow::Result<ExitCode> {
    let mode = match (share.narrow, share.whole_node) {
        (true, _) => Mode::Narrow,
        (_, true) => Mode::WholeNode,
        _ => Mode::Exact,
    };
    let who = login(case, &share.who)?;
    let request = ShareRequest { id: share.id, who, node: share.node, ports: share.ports };
    let plan = match policy::share(case.text()?, &case.network, &request, mode, case.language) {
        Ok(plan) => plan,
        Err(error) => return not_shared(case, error),
    };
    output::print(&plan.after)?;
    if let Some(narrowing) = &plan.narrowing {
        say(format_args!("first the policy was changed in {}", by(&narrowing.rules)));
    }
    entries("gained", &plan.gained);
    if case.language.dialect.is_headscale() {
        entries("lost", &plan.lost);
    }
    for warning in &plan.warnings {
        warn(warning);
    }
    unknown(&plan.unknown_names);
    warn_if_refused(&plan.after, case);
    Ok(ExitCode::SUCCESS)
}

fn login(case: &Case, who: &str) -> anyhow::Result<Login> {
    let headscale = case.language.dialect.is_headscale();
    let named = if headscale { Login::of_headscale(who) } else { who.parse() };
    named.with_context(|| format!("--who {who}"))
}

/// An edit may break a test of the file, or another section may be wrong already.
fn warn_if_refused(after: &str, case: &Case) {
    let read = Policy::read(after, case.language);
    if let Err(refusal) = read.and_then(|policy| policy::check(&policy, &case.network)) {
        let line = refusal.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        let label = Paint::stderr().bold("warning:");
        say(format_args!("{label} the control plane would refuse this file: {refusal}{line}"));
    }
}

fn not_shared(case: &Case, error: ShareError) -> anyhow::Result<ExitCode> {
    match &error {
        ShareError::Policy(refusal) | ShareError::Narrow(NarrowError::Policy(refusal)) => {
            return refused(&case.policy, refusal, Format::Text);
        }
        ShareError::NoSuchNode(_) => return Err(error.into()),
        ShareError::ReachesMore { excess, .. }
        | ShareError::MemberReachesMore { excess, here: false, .. }
        | ShareError::OpensNetwork { excess } => entries("the friend would also reach", excess),
        ShareError::MemberReachesMore { excess, here: true, .. } => {
            entries("the friend reaches anyway", excess);
        }
        ShareError::Unproven { gained, lost }
        | ShareError::Narrow(NarrowError::Unproven { gained, lost }) => {
            entries("gained", gained);
            entries("lost", lost);
        }
        _ => {}
    }
    let flag = match &error {
        ShareError::ReachesMore { narrowing: Some(_), .. }
        | ShareError::MemberReachesMore { here: true, narrowing: Some(_), .. } => {
            " (--narrow or --whole-node)"
        }
        ShareError::ReachesMore { narrowing: None, .. }
        | ShareError::MemberReachesMore { here: true, narrowing: None, .. } => " (--whole-node)",
        ShareError::MemberReachesMore { here: false, narrowing: Some(_), .. } => " (--narrow)",
        _ => "",
    };
    output::error(format_args!("{error}{flag}"));
    Ok(ExitCode::from(1))
}

fn warn(warning: &Warning) {
    let label = Paint::stderr().bold("warning:");
    match warning {
        Warning::WholeNode(more) => entries("warning: the friend reaches more than the ports", more),
        Warning::OthersLose(lost) => entries("warning: other friends lose", lost),
        Warning::Unproven(maybe) => {
            entries("warning: the friend may reach more, which cannot be proven from here", maybe);
        }
        Warning::NotUnderstood(rules) => say(format_args!(
            "{label} {} of the policy rests on what is not known here and may let the friend in besides",
            by(rules)
        )),
        Warning::Services(maybe) => entries("warning: the friend may also reach services", maybe),
        Warning::Member => {
            say(format_args!("{label} the login is a member here and reaches what members reach"));
        }
        Warning::Redundant(rules) => say(format_args!(
            "{label} {} of the policy allows all of it already, so that ending the share takes nothing away",
            by(rules)
        )),
    }
}

/// Names of which nothing comes on a Headscale, as long as no account has them.
pub fn unknown(names: &[UnknownName]) {
    for UnknownName { name, lines, like } in names {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let like = like.as_ref().map(|like| format!(", but `{like}`")).unwrap_or_default();
        let label = Paint::stderr().bold("warning:");
        say(format_args!("{label} line {}: the server has no account `{name}`{like}", lines.join(", ")));
    }
}

fn entries(heading: &str, entries: &[Entry]) {
    if !entries.is_empty() {
        say(format_args!("{}", Paint::stderr().bold(&format!("{heading}:"))));
    }
    for entry in entries {
        say(format_args!("  {}  {}", entry.who, reached(entry)));
    }
}

pub fn unshare(source: &Source, id: &ShareId) -> anyhow::Result<ExitCode> {
    match policy::unshare(source.text()?, id) {
        Ok(unshared) => {
            output::print(&unshared.after)?;
            say(format_args!("{} is gone", by(&unshared.rules)));
            Ok(ExitCode::SUCCESS)
        }
        Err(UnshareError::Policy(refusal)) => refused(source, &refusal, Format::Text),
        Err(error) => {
            output::error(error);
            Ok(ExitCode::from(1))
        }
    }
}

pub fn narrow(case: &Case, who: Option<&str>) -> anyhow::Result<ExitCode> {
    if who.is_some() && !case.language.dialect.is_headscale() {
        anyhow::bail!("--who is for a Headscale, where friends are members: give its --dialect");
    }
    let who = who.map(|who| login(case, who)).transpose()?;
    let narrowing = match membership::narrow(case.text()?, &case.network, who.as_ref(), case.language) {
        Ok(narrowing) => narrowing,
        Err(NarrowError::Policy(refusal)) => return refused(&case.policy, &refusal, Format::Text),
        Err(error) => {
            if let NarrowError::Unproven { lost, gained } = &error {
                entries("gained", gained);
                entries("lost", lost);
            }
            output::error(error);
            return Ok(ExitCode::from(1));
        }
    };
    output::print(&narrowing.after)?;
    if narrowing.is_empty() {
        say("nothing was wide: the file is as it was");
    } else {
        say(format_args!("changed: {}", by(&narrowing.rules)));
    }
    entries("lost", &narrowing.lost);
    warn_if_refused(&narrowing.after, case);
    Ok(ExitCode::SUCCESS)
}
