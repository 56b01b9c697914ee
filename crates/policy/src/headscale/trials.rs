//! `tests` and `sshTests` before they are run: what a test may ask.

use std::ops::Range;

use super::alias::{self, Alias};
use super::{Faults, TESTS_FAILED, ports, protocol, scalars, together};
use crate::quote::quoted;
use crate::syntax::port::Ports;
use crate::syntax::{Policy, PolicyTest, SshTest, Text, protocol as numbers};

/// Tests that ask of more than one host, port and protocol: all of them are one fault among those of the other sections.
pub(super) fn shape(policy: &Policy, faults: &mut Faults) {
    let tests = policy.tests.iter().enumerate().flat_map(|(at, test)| network(policy, at, test));
    add(tests.collect(), faults);
    let tests = policy.ssh_tests.iter().enumerate().flat_map(|(at, test)| ssh(policy, at, test));
    add(tests.collect(), faults);
}

fn add(found: Vec<(String, Range<usize>)>, faults: &mut Faults) {
    let Some((_, span)) = found.first() else { return };
    let words: Vec<&str> = found.iter().map(|(words, _)| words.as_str()).collect();
    faults.add_at(span.clone(), format!("{TESTS_FAILED}\n{}", together(&words)));
}

fn network(policy: &Policy, at: usize, test: &PolicyTest) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    if test.accept.is_empty() && test.deny.is_empty() {
        let words = format!("test {at}: test entry must have at least one of \"accept\" or \"deny\"");
        found.push((words, test.rule.span()));
    }
    if let Some(text) = &test.proto
        && let Ok(Some(protocol)) = protocol::read(policy.language.dialect, &text.value, true)
        && ![numbers::TCP, numbers::UDP, numbers::SCTP].contains(&protocol.number)
    {
        let name = quoted(&protocol.name);
        let words = format!("test {at}: test protocol must be tcp, udp, sctp, or empty: {name}");
        found.push((words, text.span.clone()));
    }
    for (side, places) in [("accept", &test.accept), ("deny", &test.deny)] {
        let strange = places.iter().filter_map(|text| Some((text, wide(policy, text).err()?)));
        found.extend(strange.map(|(text, why)| {
            (format!("test {at}, {side} {}: {why}", quoted(&text.value)), text.span.clone())
        }));
    }
    found
}

fn ssh(policy: &Policy, at: usize, test: &SshTest) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    if test.src.as_ref().is_none_or(|text| text.value.is_empty()) {
        let words = format!("sshTest {at}: SSH tests entry must have a non-empty src");
        found.push((words, test.rule.span()));
    }
    if test.dst.is_empty() {
        let words = format!("sshTest {at}: SSH tests entry must have at least one dst");
        found.push((words, test.rule.span()));
    }
    let strange = test.dst.iter().filter_map(|text| Some((text, no_machine(policy, text)?)));
    found.extend(strange.map(|(text, why)| {
        let words = format!("sshTest {at}: SSH tests dst contains {why} {}", quoted(&text.value));
        (words, text.span.clone())
    }));
    found
}

/// Refuses a destination that is no single host with a single port.
fn wide(policy: &Policy, text: &Text) -> Result<(), String> {
    let dialect = policy.language.dialect;
    scalars::host_and_ports(dialect, &text.value)?;
    let (host, ports) = ports::destination(dialect, &text.value)?;
    if host == "autogroup:internet" {
        return Err("autogroup:internet not valid as a test destination".to_owned());
    }
    if !matches!(ports.as_slice(), [Ports { first, last }] if first == last) {
        return Err("test destination port must be a single port".to_owned());
    }
    let range = match Alias::of(&host) {
        Some(Alias::Prefix) => host.contains('/'),
        Some(Alias::Host) => is_wide(policy, &host),
        _ => false,
    };
    if range {
        return Err("test destination must be a single host, not a CIDR range".to_owned());
    }
    Ok(())
}

/// Whether a host is a prefix of more than one address.
fn is_wide(policy: &Policy, host: &str) -> bool {
    let known = policy.hosts.iter().find(|known| known.name.value == host);
    known.is_some_and(|known| is_range(&known.value.value))
}

fn is_range(text: &str) -> bool {
    alias::prefix(text).is_some_and(|(address, length)| length < if address.is_ipv4() { 32 } else { 128 })
}

fn no_machine(policy: &Policy, text: &Text) -> Option<&'static str> {
    let wide = match Alias::of(&text.value)? {
        Alias::Tag if !super::access::is_defined(policy, Alias::Tag, text) => return Some("unknown tag"),
        Alias::Prefix => is_range(&text.value),
        Alias::Host => is_wide(policy, &text.value),
        Alias::Autogroup => text.value == "autogroup:internet",
        Alias::Wildcard | Alias::User | Alias::Group | Alias::Tag => false,
    };
    wide.then_some("disallowed element")
}
