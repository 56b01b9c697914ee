//! Who can reach what, under one policy or two.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Args;
use policy::explain::Explanation;
use policy::reach::Entry;
use policy::syntax::protocol;
use policy::{Engine, Language, Network, Query, RuleRef, Target, Who};

use super::words::{by, reached};
use super::{Case, Format, refused};
use crate::cli::output::{self, Paint};
use crate::cli::source::Source;
use crate::reach::Answer;

#[derive(Debug, Args)]
pub struct Question {
    /// A login, a tag, an address or a node's name
    #[arg(long)]
    from: Option<Who>,
    /// A node's name or an address, with a port or without: `nas:22`, `[fd7a:115c:a1e0::9]:22`
    #[arg(long)]
    to: Option<Destination>,
    /// An IP protocol by name or number; with both --from and --to it is TCP for a port, and else whatever is open
    #[arg(long, value_parser = number)]
    proto: Option<u8>,
}

fn number(text: &str) -> Result<u8, protocol::ProtocolError> {
    protocol::parse(text)
}

/// `NODE[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Destination {
    target: Target,
    port: Option<u16>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Ok(Self { target: Target::Address(address), port: None });
        }
        // The colon of a service belongs to its name.
        let after = if text.starts_with("svc:") { "svc:".len() } else { 0 };
        let (place, port) = match text.split_at(after).1.rsplit_once(':') {
            None => (text, None),
            Some((name, port)) if after > 0 => {
                let wrong = |_| format!("`{port}` is not a port; write svc:NAME or svc:NAME:PORT");
                (text.split_at(after + name.len()).0, Some(port.parse().map_err(wrong)?))
            }
            Some((place, port)) => {
                let wrong = |_| format!("`{port}` is not a port; write NODE or NODE:PORT");
                (place, Some(port.parse().map_err(wrong)?))
            }
        };
        match place.trim_start_matches('[').trim_end_matches(']') {
            "" => Err("write NODE or NODE:PORT".into()),
            place => Ok(Self { target: Target::of(place), port }),
        }
    }
}

pub fn reach(case: &Case, question: &Question, format: Format) -> anyhow::Result<ExitCode> {
    let engine = match Engine::read(case.text()?, &case.network, case.language) {
        Ok(engine) => engine,
        Err(error) => return refused(&case.policy, &error, format),
    };
    known(question, &engine)?;
    if let (Some(from), Some(to)) = (&question.from, &question.to) {
        let (number, explanation) = engine.ask(from, &to.target, question.proto, to.port);
        match format {
            Format::Json => output::print_json(&Answer::of(number, &explanation))?,
            Format::Text => output::print(answer(&case.policy, (from, to, number), &explanation))?,
        }
        return Ok(ExitCode::from(match explanation.verdict() {
            Some(true) => 0,
            Some(false) => 1,
            None => NOT_KNOWN,
        }));
    }
    let entries = engine.reach(&Query {
        from: question.from.clone(),
        to: question.to.as_ref().map(|to| to.target.clone()),
        protocol: question.proto,
        port: question.to.as_ref().and_then(|to| to.port),
        ..Query::default()
    });
    match format {
        Format::Json => output::print_json(&entries)?,
        Format::Text => output::print(listed(&entries))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// It rests on a rule of which something is not known here.
const NOT_KNOWN: u8 = 3;

/// A name that is misspelt must not pass for "not reachable".
fn known(question: &Question, engine: &Engine) -> anyhow::Result<()> {
    // Of many at once neither yes nor no is true.
    if let Some(Who::Unknown(name)) = &question.from
        && !engine.somebody().contains(name)
    {
        anyhow::bail!(
            "`{name}` is no single source: ask about one of those it stands for, as a login, a tag, an address or a node"
        );
    }
    let from =
        question.from.iter().filter_map(|who| if let Who::Node(name) = who { Some(name) } else { None });
    let to = question.to.iter().filter_map(|to| match &to.target {
        Target::Node(name) => Some(name),
        Target::Address(_) => None,
    });
    for name in from.chain(to) {
        let service = name.starts_with("svc:");
        if service && !engine.services().contains(name) {
            anyhow::bail!("the policy names no service `{name}`");
        }
        if !service && engine.network().node_named(name).is_none() {
            anyhow::bail!("there is no node named `{name}`; write its name as in the network file");
        }
    }
    Ok(())
}

fn answer(source: &Source, (from, to, number): (&Who, &Destination, u8), told: &Explanation) -> String {
    let paint = Paint::stdout();
    let place = match &to.target {
        Target::Node(name) => name.clone(),
        Target::Address(address) => address.to_string(),
    };
    let port =
        to.port.filter(|_| protocol::has_ports(number)).map(|port| format!(" {port}")).unwrap_or_default();
    let way = format!("{place} by {}{port}", protocol::name(number));
    let mut out = if told.allowed {
        format!("{}: {from} reaches {way}\n", paint.green("yes"))
    } else if told.verdict().is_none() {
        format!(
            "{}: whether {from} reaches {way}, because of {}\n",
            paint.bold("not known"),
            by(&told.unknown)
        )
    } else {
        format!("{}: {from} does not reach {way}\n", paint.red("no"))
    };
    if let Some(obstacle) = &told.obstacle {
        let _ = writeln!(out, "{obstacle}");
    }
    for entry in &told.entries {
        let _ = writeln!(out, "{}", reached(entry));
    }
    for rule in told.rules.iter().chain(told.unknown.iter().filter(|rule| !told.rules.contains(rule))) {
        let _ = write!(out, "\n{}", quoted(source, rule, paint));
    }
    for near in &told.nearest {
        let missing: Vec<String> = near.missing.iter().map(ToString::to_string).collect();
        let lacks = if missing.is_empty() { "would allow it".into() } else { missing.join(", ") };
        let _ = write!(out, "\nnearest: {} {lacks}\n{}", by(&[near.rule]), quoted(source, &near.rule, paint));
    }
    out
}

fn quoted(source: &Source, rule: &RuleRef, paint: Paint) -> String {
    if *rule == RuleRef::DEFAULT {
        return "there are neither acls nor grants, so everything is allowed\n".into();
    }
    source.excerpt(&rule.span(), paint)
}

fn listed(entries: &[Entry]) -> String {
    let paint = Paint::stdout();
    let mut out = String::new();
    let mut who = None;
    for entry in entries {
        if who != Some(&entry.who) {
            let _ = writeln!(out, "{}", paint.bold(&entry.who.to_string()));
            who = Some(&entry.who);
        }
        let _ = writeln!(out, "  {}", reached(entry));
    }
    if entries.is_empty() { "nobody reaches anything of that\n".into() } else { out }
}

pub fn diff(
    [old, new]: [&Source; 2],
    network: &Network,
    language: Language,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let before = match Engine::read(old.text()?, network, language) {
        Ok(engine) => engine,
        Err(error) => return refused(old, &error, format),
    };
    let after = match Engine::read(new.text()?, network, language) {
        Ok(engine) => engine,
        Err(error) => return refused(new, &error, format),
    };
    let diff = policy::diff(&before, &after);
    match format {
        Format::Json => output::print_json(&diff)?,
        Format::Text => output::print(changed(&diff))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn changed(diff: &policy::Diff) -> String {
    if diff.is_empty() {
        return "everybody reaches what they reached before\n".into();
    }
    let paint = Paint::stdout();
    let mut out = String::new();
    for (who, (gained, lost)) in diff.by_who() {
        let _ = writeln!(out, "{}", paint.bold(&who.to_string()));
        for entry in gained {
            let _ = writeln!(out, "{}", paint.green(&format!("  + {}", reached(entry))));
        }
        for entry in lost {
            let _ = writeln!(out, "{}", paint.red(&format!("  - {}", reached(entry))));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(text: &str) -> Option<(String, Option<u16>)> {
        let to: Destination = text.parse().ok()?;
        let place = match to.target {
            Target::Node(name) => name,
            Target::Address(address) => format!("<{address}>"),
        };
        Some((place, to.port))
    }

    #[test]
    fn a_destination_is_a_node_or_an_address_with_a_port_or_without() {
        for (text, place, port) in [
            ("nas", "nas", None),
            ("nas:22", "nas", Some(22)),
            ("svc:web", "svc:web", None),
            ("svc:web:443", "svc:web", Some(443)),
            ("100.64.0.1", "<100.64.0.1>", None),
            ("100.64.0.1:80", "<100.64.0.1>", Some(80)),
            ("fd7a::1", "<fd7a::1>", None),
            ("[fd7a::1]", "<fd7a::1>", None),
            ("[fd7a::1]:80", "<fd7a::1>", Some(80)),
        ] {
            assert_eq!(destination(text), Some((place.to_owned(), port)), "{text}");
        }
        for wrong in ["", ":22", "nas:", "nas:ssh", "svc:web:", "svc:web:ssh", "nas:65536", "nas:-1"] {
            assert_eq!(destination(wrong), None, "{wrong}");
        }
    }
}
