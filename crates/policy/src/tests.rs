//! The policy's own `tests` and `sshTests`: what must hold, or the policy is refused.

mod headscale;
mod network;
mod principal;
mod ssh;

use crate::budget::Budget;
use crate::error::{PolicyError, PolicyErrorKind};
use crate::network::Network;
use crate::posture::Postures;
use crate::resolve::Resolved;
use crate::set::IpSet;
use crate::ssh::ResolvedSsh;
use crate::syntax::{Policy, RuleRef};

/// An entry of `tests` or `sshTests` that does not hold. Tailscale says no more than `test(s) failed`; the reason is ours.
/// Headscale's reasons are its own, one line for each destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    /// The entry.
    pub rule: RuleRef,
    /// What does not hold.
    pub reason: String,
}

/// Runs every test of a policy.
///
/// # Errors
/// [`PolicyError`] for an entry of `sshTests` that the control plane refuses before it runs, and for a bad
/// posture.
pub(crate) fn run(
    policy: &Policy,
    resolved: &Resolved,
    ssh: &[ResolvedSsh],
    network: &Network,
) -> Result<Vec<TestFailure>, PolicyError> {
    let postures = Postures::new(policy)?;
    let budget = Budget::new("the tests", MAX_STEPS);
    let internet = crate::compile::address::internet();
    let context = Context {
        policy,
        resolved,
        rules: ssh,
        network,
        postures: &postures,
        internet: &internet,
        budget: &budget,
    };
    if policy.language.dialect.is_headscale() {
        return context.headscale();
    }
    for test in &policy.ssh_tests {
        context.check_ssh_test(test).map_err(|error| error.within(test.rule))?;
    }
    let mut failures = Vec::new();
    for test in &policy.tests {
        failures.extend(failure(test.rule, context.test(test))?);
    }
    for test in &policy.ssh_tests {
        failures.extend(failure(test.rule, context.ssh_test(test))?);
    }
    Ok(failures)
}

/// How often all tests together may compare a source with a rule.
const MAX_STEPS: u64 = 200_000_000;

/// How a test ends that does not hold.
enum Fault {
    /// It fails.
    Fails(String),
    /// Whom or what it speaks of is not known here, so that nothing is said about it.
    Unknown,
    /// It asks for more than the engine does.
    Stops(PolicyError),
}

impl From<String> for Fault {
    fn from(reason: String) -> Self {
        Self::Fails(reason)
    }
}

impl From<&str> for Fault {
    fn from(reason: &str) -> Self {
        Self::Fails(reason.to_owned())
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Self {
        Self::Stops(error)
    }
}

/// Of a destination that is not known here nothing is said, whatever the test says of others.
fn known<T>(found: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match found {
        Err(Fault::Unknown) => Ok(None),
        found => found.map(Some),
    }
}

fn failure(rule: RuleRef, outcome: Result<(), Fault>) -> Result<Option<TestFailure>, PolicyError> {
    match outcome {
        Ok(()) | Err(Fault::Unknown) => Ok(None),
        Err(Fault::Fails(reason)) => Ok(Some(TestFailure { rule, reason })),
        Err(Fault::Stops(error)) => Err(error.within(rule)),
    }
}

/// The refusal of a policy whose tests fail, if any does.
pub(crate) fn refusal(policy: &Policy, failures: &[TestFailure]) -> Option<PolicyError> {
    let failure = failures.first()?;
    let mut message = "test(s) failed".to_owned();
    if policy.language.dialect.is_headscale() {
        let reasons: Vec<&str> = failures.iter().map(|failure| failure.reason.as_str()).collect();
        message = format!("{message}:\n{}", reasons.join("\n"));
    }
    let refusal = PolicyError { kind: PolicyErrorKind::TestsFailed, message, span: None, line: None };
    Some(refusal.within(failure.rule))
}

/// Everything that a test is judged by.
#[derive(Clone, Copy)]
struct Context<'a> {
    policy: &'a Policy,
    resolved: &'a Resolved,
    rules: &'a [ResolvedSsh],
    network: &'a Network,
    postures: &'a Postures,
    internet: &'a IpSet,
    budget: &'a Budget,
}
