//! The policy's own `tests` and `sshTests`: what must hold, or the policy is refused.

mod network;
mod principal;
mod ssh;

use crate::error::{PolicyError, PolicyErrorKind};
use crate::network::Network;
use crate::posture::Postures;
use crate::resolve::Resolved;
use crate::ssh::ResolvedSsh;
use crate::syntax::{Policy, RuleRef};

/// An entry of `tests` or `sshTests` that does not hold. The control plane says no more than `test(s) failed`;
/// the reason is ours.
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
    let context = Context { policy, resolved, rules: ssh, network, postures: &postures };
    for test in &policy.ssh_tests {
        context.check_ssh_test(test).map_err(|error| error.within(test.rule))?;
    }
    let fail =
        |rule: RuleRef, outcome: Result<(), String>| outcome.err().map(|reason| TestFailure { rule, reason });
    let tests = policy.tests.iter().filter_map(|test| fail(test.rule, context.test(test)));
    let ssh_tests = policy.ssh_tests.iter().filter_map(|test| fail(test.rule, context.ssh_test(test)));
    Ok(tests.chain(ssh_tests).collect())
}

/// The refusal of a policy whose tests fail.
pub(crate) fn refusal(failure: &TestFailure) -> PolicyError {
    let message = "test(s) failed".to_owned();
    PolicyError { kind: PolicyErrorKind::TestsFailed, message, span: None, line: None }.within(failure.rule)
}

/// Everything that a test is judged by.
#[derive(Clone, Copy)]
struct Context<'a> {
    policy: &'a Policy,
    resolved: &'a Resolved,
    rules: &'a [ResolvedSsh],
    network: &'a Network,
    postures: &'a Postures,
}
