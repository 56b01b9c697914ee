//! `tests` and `sshTests` before they are run: what a test may ask.

use super::alias::{self, Alias};
use super::{ports, refused};
use crate::error::{PolicyError, PolicyErrorKind};
use crate::quote::quoted;
use crate::syntax::port::Ports;
use crate::syntax::{Policy, Text};

/// Refuses tests that ask for more than one host or port.
pub(super) fn shape(policy: &Policy) -> Result<(), PolicyError> {
    let mut found: Vec<(String, std::ops::Range<usize>)> = Vec::new();
    for (at, test) in policy.tests.iter().enumerate() {
        if test.accept.is_empty() && test.deny.is_empty() {
            let words = format!("test {at}: test entry must have at least one of \"accept\" or \"deny\"");
            found.push((words, test.rule.span()));
        }
        for (side, places) in [("accept", &test.accept), ("deny", &test.deny)] {
            for text in places {
                if let Some(why) = wide(policy, text) {
                    found.push((
                        format!("test {at}, {side} {}: {why}", quoted(&text.value)),
                        text.span.clone(),
                    ));
                }
            }
        }
    }
    for (at, test) in policy.ssh_tests.iter().enumerate() {
        for text in &test.dst {
            if let Some(why) = no_machine(policy, text) {
                let words = format!("sshTest {at}: SSH tests dst contains {why} {}", quoted(&text.value));
                found.push((words, text.span.clone()));
            }
        }
    }
    let Some((_, span)) = found.first() else { return Ok(()) };
    let lines: Vec<&str> = found.iter().map(|(line, _)| line.as_str()).collect();
    let message = format!("parsing policy: test(s) failed:\n{}", lines.join("\n"));
    Err(refused(PolicyErrorKind::TestsFailed, message, Some(span)))
}

/// Why a destination is no single host with a single port.
fn wide(policy: &Policy, text: &Text) -> Option<&'static str> {
    let (host, ports) = ports::destination(policy.language.dialect, &text.value).ok()?;
    if host == "autogroup:internet" {
        return Some("autogroup:internet not valid as a test destination");
    }
    let range = match Alias::of(&host) {
        Some(Alias::Prefix) => host.contains('/'),
        Some(Alias::Host) => policy.hosts.iter().any(|known| {
            known.name.value == host
                && alias::prefix(&known.value.value)
                    .is_some_and(|(address, length)| length < if address.is_ipv4() { 32 } else { 128 })
        }),
        _ => false,
    };
    if range {
        return Some("test destination must be a single host, not a CIDR range");
    }
    let single = matches!(ports.as_slice(), [Ports { first, last }] if first == last);
    (!single).then_some("test destination port must be a single port")
}

fn no_machine(policy: &Policy, text: &Text) -> Option<&'static str> {
    match Alias::of(&text.value) {
        Some(Alias::Tag) if !super::access::is_defined(policy, Alias::Tag, text) => Some("unknown tag"),
        Some(Alias::Prefix) if text.value.contains('/') => Some("disallowed element"),
        Some(Alias::Wildcard | Alias::Autogroup) | None => Some("disallowed element"),
        _ => None,
    }
}
