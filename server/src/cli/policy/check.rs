//! Whether a policy holds.

use std::process::ExitCode;

use policy::lint::LintKind;
use policy::tests::TestFailure;
use policy::{Engine, Exposure, Lint, NameClash, Policy, PolicyError, PolicyErrorKind, UnknownName};
use serde::Serialize;

use super::{Case, Format, Rule, refused, show, show_refusal};
use crate::cli::output::{self, Paint, say};

/// Everything that was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    ok: bool,
    /// The control plane's exact text, where it would refuse the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    tests: Vec<Failed>,
    lints: Vec<Found>,
    exposures: Vec<Exposed>,
    /// On a Headscale: names that no account has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_names: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Failed {
    #[serde(flatten)]
    rule: Rule,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Found {
    #[serde(flatten)]
    kind: LintKind,
    line: usize,
    message: String,
    /// The edit that ends it and changes nothing that anybody reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Vec<Change>>,
}

/// Bytes of the text, and what comes in their place.
#[derive(Debug, Serialize)]
struct Change {
    start: usize,
    end: usize,
    replacement: String,
}

#[derive(Debug, Serialize)]
struct Exposed {
    message: String,
    rules: Vec<Rule>,
    entries: Vec<policy::reach::Entry>,
    narrowing_helps: bool,
}

/// What is known of a policy that the control plane does not refuse before it runs the tests.
struct Findings {
    failures: Vec<TestFailure>,
    lints: Vec<Lint>,
    exposures: Vec<Exposure>,
    names: Result<Vec<UnknownName>, NameClash>,
}

impl Findings {
    /// How much of it is neither documented nor known from the control plane, where that is an error.
    fn doubtful(&self, strict: bool) -> usize {
        self.lints.iter().filter(|lint| strict && lint.kind.fails_strict()).count()
    }
}

pub fn check(case: &Case, strict: bool, format: Format) -> anyhow::Result<ExitCode> {
    let findings = match findings(case)? {
        Ok(findings) => findings,
        Err(error) if error.kind == PolicyErrorKind::TooLarge => {
            return refused(&case.policy, &error, format);
        }
        Err(error) => {
            match format {
                Format::Text => show_refusal(&case.policy, &error),
                Format::Json => output::print_json(&Report {
                    error: Some(error.to_string()),
                    line: error.line,
                    ..Report::default()
                })?,
            }
            return Ok(ExitCode::from(1));
        }
    };
    let ok = findings.failures.is_empty() && findings.doubtful(strict) == 0 && findings.names.is_ok();
    match format {
        Format::Text => tell(case, &findings, strict),
        Format::Json => output::print_json(&report(findings, strict))?,
    }
    Ok(ExitCode::from(u8::from(!ok)))
}

fn findings(case: &Case) -> anyhow::Result<Result<Findings, PolicyError>> {
    let (text, network) = (case.text()?, &case.network);
    let found = || {
        let policy = Policy::read(text, case.language)?;
        let checked = policy::validate(&policy, network)?;
        let failures = policy::run_tests(&policy, &checked, network)?;
        let lints = policy::lint(text, network, case.language)?;
        let engine = Engine::of(&policy, network)?;
        let names = policy::check_names(&policy, network, None);
        Ok((failures, lints, policy::exposure(text, &policy, &engine), names))
    };
    Ok(match found() {
        Ok((failures, lints, exposures, names)) => {
            Ok(Findings { failures, lints, exposures: exposures?, names })
        }
        Err(error) => Err(error),
    })
}

fn report(findings: Findings, strict: bool) -> Report {
    let passed = findings.failures.is_empty();
    let clash = findings.names.as_ref().err().map(ToString::to_string);
    let strange = findings.lints.iter().find(|lint| strict && lint.kind.fails_strict());
    let strange = strange.map(|lint| (lint.kind.to_string(), lint.line));
    let failed = |failure: TestFailure| Failed { rule: (&failure.rule).into(), reason: failure.reason };
    let found = |lint: Lint| Found {
        message: lint.kind.to_string(),
        kind: lint.kind,
        line: lint.line,
        fix: lint.fix.map(|splices| {
            let change = |splice: policy::splice::Splice| Change {
                start: splice.range.start,
                end: splice.range.end,
                replacement: splice.replacement,
            };
            splices.into_iter().map(change).collect()
        }),
    };
    let exposed = |exposure: Exposure| Exposed {
        message: exposure.kind.to_string(),
        rules: exposure.rules.iter().map(Rule::from).collect(),
        entries: exposure.entries,
        narrowing_helps: exposure.narrowing_helps,
    };
    Report {
        ok: passed && strange.is_none() && clash.is_none(),
        error: match &strange {
            _ if clash.is_some() => clash,
            _ if !passed => Some("test(s) failed".to_owned()),
            strange => strange.as_ref().map(|(why, _)| why.clone()),
        },
        line: findings.failures.first().map(|failure| failure.rule.line).or(strange.map(|(_, line)| line)),
        tests: findings.failures.into_iter().map(failed).collect(),
        lints: findings.lints.into_iter().map(found).collect(),
        exposures: findings.exposures.into_iter().map(exposed).collect(),
        unknown_names: findings.names.unwrap_or_default().into_iter().map(|unknown| unknown.name).collect(),
    }
}

fn tell(case: &Case, findings: &Findings, strict: bool) {
    let paint = Paint::stderr();
    for lint in &findings.lints {
        show(&case.policy, &lint.span);
        if strict && lint.kind.fails_strict() {
            output::error(&lint.kind);
        } else {
            say(format_args!("{} {}", paint.bold("lint:"), lint.kind));
        }
        if lint.fix.is_some() {
            say("  it can be taken out, and nobody reaches more or less");
        }
        say("");
    }
    for exposure in &findings.exposures {
        if let Some(rule) = exposure.rules.iter().find(|rule| rule.line > 0) {
            show(&case.policy, &rule.span());
        }
        say(format_args!("{} {}", paint.bold("exposure:"), exposure.kind));
        for entry in &exposure.entries {
            say(format_args!("  {}  {}", entry.who, super::words::reached(entry)));
        }
        if exposure.narrowing_helps {
            say("  `acequia policy narrow` would end it");
        }
        say("");
    }
    for failure in &findings.failures {
        show(&case.policy, &failure.rule.span());
        output::error(format_args!("{}[{}]: {}", failure.rule.section, failure.rule.index, failure.reason));
        say("");
    }
    match &findings.names {
        Ok(unknown) => super::edit::unknown(unknown),
        Err(clash) => output::error(clash),
    }
    let (lints, exposures) = (findings.lints.len(), findings.exposures.len());
    let more = format!("{} and {}", count(lints, "lint"), count(exposures, "exposure"));
    let doubtful = findings.doubtful(strict);
    if findings.failures.is_empty() && doubtful == 0 && findings.names.is_ok() {
        say(format_args!("{}: {more}", paint.green("the policy is good")));
    } else if findings.names.is_err() {
        output::error(format_args!("names that several accounts have; {more}"));
    } else if findings.failures.is_empty() {
        let what = count(doubtful, "thing");
        output::error(format_args!("{what} that the control plane may not take; {more}"));
    } else {
        output::error(format_args!("test(s) failed; {more}"));
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
