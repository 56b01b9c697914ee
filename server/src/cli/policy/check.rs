//! Whether a policy holds.

use std::process::ExitCode;

use policy::lint::LintKind;
use policy::tests::TestFailure;
use policy::{Engine, Exposure, Lint, Policy, PolicyError, PolicyErrorKind};
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
}

pub fn check(case: &Case, format: Format) -> anyhow::Result<ExitCode> {
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
    let ok = findings.failures.is_empty();
    match format {
        Format::Text => tell(case, &findings),
        Format::Json => output::print_json(&report(findings))?,
    }
    Ok(ExitCode::from(u8::from(!ok)))
}

fn findings(case: &Case) -> anyhow::Result<Result<Findings, PolicyError>> {
    let (text, network) = (case.text()?, &case.network);
    let found = || {
        let policy = Policy::parse(text)?;
        let checked = policy::validate(&policy, network)?;
        let failures = policy::run_tests(&policy, &checked, network)?;
        let lints = policy::lint(text, network)?;
        let engine = Engine::of(&policy, network)?;
        Ok((failures, lints, policy::exposure(text, &policy, &engine)))
    };
    Ok(match found() {
        Ok((failures, lints, exposures)) => Ok(Findings { failures, lints, exposures: exposures? }),
        Err(error) => Err(error),
    })
}

fn report(findings: Findings) -> Report {
    let ok = findings.failures.is_empty();
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
        ok,
        error: (!ok).then(|| "test(s) failed".to_owned()),
        line: findings.failures.first().map(|failure| failure.rule.line),
        tests: findings.failures.into_iter().map(failed).collect(),
        lints: findings.lints.into_iter().map(found).collect(),
        exposures: findings.exposures.into_iter().map(exposed).collect(),
    }
}

fn tell(case: &Case, findings: &Findings) {
    let paint = Paint::stderr();
    for lint in &findings.lints {
        show(&case.policy, &lint.span);
        say(format_args!("{} {}", paint.bold("lint:"), lint.kind));
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
    let (lints, exposures) = (findings.lints.len(), findings.exposures.len());
    let more = format!("{} and {}", count(lints, "lint"), count(exposures, "exposure"));
    if findings.failures.is_empty() {
        say(format_args!("{}: {more}", paint.green("the policy is good")));
    } else {
        output::error(format_args!("test(s) failed; {more}"));
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
