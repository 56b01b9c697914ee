//! Tests as Headscale runs them: against the addresses that machines have now, each failure in its own line.

use super::principal::Principal;
use super::{Context, TestFailure};
use crate::headscale;
use crate::posture::DeviceAttributes;
use crate::quote::quoted;
use crate::resolve::{Autogroup, ResolvedRule, Selected, Selector, people_or_nodes};
use crate::set::IpRange;
use crate::syntax::port::Ports;
use crate::syntax::{PolicyTest, SshTest, Text, protocol};

impl Context<'_> {
    /// A failure for each test that does not hold; its reason has a line for everything that is wrong.
    pub(super) fn headscale(&self) -> Result<Vec<TestFailure>, crate::PolicyError> {
        let mut failures = Vec::new();
        for test in &self.policy.tests {
            self.budget.spend(self.resolved.rules.len() * (test.accept.len() + test.deny.len() + 1))?;
            failures.push(TestFailure { rule: test.rule, reason: self.lines(test).join("\n") });
        }
        for test in &self.policy.ssh_tests {
            self.budget.spend(self.rules.len() * (test.dst.len() + 1))?;
            failures.push(TestFailure { rule: test.rule, reason: self.ssh_lines(test).join("\n") });
        }
        failures.retain(|failure| !failure.reason.is_empty());
        Ok(failures)
    }

    fn lines(&self, test: &PolicyTest) -> Vec<String> {
        let src = test.src.as_ref().map_or("", Text::as_str);
        let sources = match self.addresses_of_source(src) {
            Ok(sources) => sources,
            Err(line) => return vec![line],
        };
        let dialect = self.policy.language.dialect;
        let proto = test.proto.as_ref().map_or("", Text::as_str);
        let numbers = headscale::numbers(dialect, proto).unwrap_or_default();
        let suffix = match numbers.as_slice() {
            [number] => format!(" ({})", protocol::name(*number)),
            _ => String::new(),
        };
        let mut lines = Vec::new();
        for (texts, wanted) in [(&test.accept, true), (&test.deny, false)] {
            for text in texts {
                let reached = match self.reaches(&sources, &text.value, &numbers) {
                    Ok(reached) => reached,
                    Err(why) => {
                        lines.push(format!("{src}: error testing {}: {why}", quoted(&text.value)));
                        continue;
                    }
                };
                if reached != wanted {
                    let dst = &text.value;
                    lines.push(format!(
                        "{src} -> {dst}{suffix}: expected {}, got {}",
                        word(wanted),
                        word(reached)
                    ));
                }
            }
        }
        lines
    }

    fn addresses_of_source(&self, src: &str) -> Result<Vec<Principal>, String> {
        let found = self.resolved_addresses(src);
        let sources = found
            .map_err(|why| format!("{src}: failed to resolve source {}: resolving: {why}", quoted(src)))?;
        if sources.is_empty() {
            return Err(format!("{src}: source {} resolved to no IP addresses", quoted(src)));
        }
        Ok(sources)
    }

    /// Everything that a name stands for now, address by address.
    fn resolved_addresses(&self, text: &str) -> Result<Vec<Principal>, String> {
        let selector = Selector::parse(text);
        let names = &self.resolved.names;
        match &selector {
            Selector::Wildcard => {
                return Ok(vec![Principal::Range(IpRange::ALL_V4), Principal::Range(IpRange::ALL_V6)]);
            }
            Selector::Login(login) if names.user(login).is_none() => {
                return Err(format!("user not found: token {}", quoted(login)));
            }
            Selector::UnknownAutogroup(name) => return Err(format!("unknown autogroup: {}", quoted(name))),
            Selector::Autogroup(Autogroup::SelfOwned) => {
                return Err(
                    "autogroup:self requires per-node resolution and cannot be resolved in this context"
                        .into(),
                );
            }
            Selector::Host(name) if names.host(name).is_none() => {
                return Err(format!("error resolving host: {}", quoted(name)));
            }
            _ => {}
        }
        Ok(match people_or_nodes(&selector, names, self.network) {
            Ok(Some(Selected::People(people))) => self.of_nodes(&people.nodes),
            Ok(Some(Selected::Nodes(nodes))) => self.of_nodes(&nodes),
            Ok(Some(Selected::Ranges(ranges))) => {
                let one = |range: IpRange| {
                    if range.is_single() { self.address(range.first()) } else { Principal::Range(range) }
                };
                ranges.into_iter().map(one).collect()
            }
            _ => Vec::new(),
        })
    }

    fn reaches(&self, sources: &[Principal], text: &str, numbers: &[u8]) -> Result<bool, String> {
        let (host, ports) = headscale::destination(self.policy.language.dialect, text)?;
        let targets =
            self.resolved_addresses(&host).map_err(|why| format!("resolving destination: {why}"))?;
        if targets.is_empty() {
            return Err(format!("destination resolved to no IP addresses: {}", quoted(text)));
        }
        let Some(Ports { first: port, .. }) = ports.first() else { return Ok(false) };
        let numbers = if numbers.is_empty() { &[protocol::TCP, protocol::UDP][..] } else { numbers };
        let opens = |rule: &&ResolvedRule| {
            rule.services.iter().any(|service| {
                service.protocols().iter().any(|number| numbers.contains(number))
                    && service.ports.iter().any(|ports| ports.contains(*port))
            })
        };
        let rules: Vec<&ResolvedRule> =
            self.resolved.rules.iter().filter(|rule| rule.via.is_none()).filter(opens).collect();
        let reaches = |from: &Principal, to: &Principal| {
            let mut leads = rules.iter().filter(|rule| self.lets_in(&rule.sources, from));
            leads.any(|rule| rule.destinations.iter().any(|destination| self.opens(destination, from, to)))
        };
        Ok(sources.iter().all(|from| targets.iter().any(|to| reaches(from, to))))
    }

    fn ssh_lines(&self, test: &SshTest) -> Vec<String> {
        let src = test.src.as_ref().map_or("", Text::as_str);
        let sources = match self.addresses_of_source(src) {
            Ok(sources) => sources,
            Err(line) => return vec![line],
        };
        let asked = [(&test.accept, "ALLOWED"), (&test.deny, "DENIED"), (&test.check, "CHECK")];
        if asked.iter().all(|(logins, _)| logins.is_empty()) {
            return vec![format!("{src}: no accept, deny, or check assertions specified")];
        }
        let mut lines = Vec::new();
        for text in &test.dst {
            let dst = text.as_str();
            let targets = match self.resolved_addresses(dst) {
                Ok(targets) if targets.is_empty() => {
                    lines.push(format!("{src}: destination {} resolved to no nodes", quoted(dst)));
                    continue;
                }
                Err(why) => {
                    lines.push(format!(
                        "{src}: failed to resolve destination {}: resolving: {why}",
                        quoted(dst)
                    ));
                    continue;
                }
                Ok(targets) => targets,
            };
            let mut nodes: Vec<usize> = targets
                .iter()
                .filter_map(|target| if let Principal::Address(_, node) = target { *node } else { None })
                .collect();
            nodes.dedup();
            for (node, (logins, wanted)) in
                nodes.iter().flat_map(|node| asked.iter().map(move |asked| (*node, *asked)))
            {
                let to = targets
                    .iter()
                    .find(|target| matches!(target, Principal::Address(_, Some(at)) if *at == node));
                let (Some(to), Some(name)) = (to, self.network.node(node).map(|node| &node.name)) else {
                    continue;
                };
                for login in logins {
                    let got = self.ssh_word(&sources, to, login.as_str());
                    let fine = wanted == got || (wanted == "ALLOWED" && got == "CHECK");
                    if !fine {
                        let login = if login.value.is_empty() { "\"\"" } else { login.as_str() };
                        lines.push(format!("{src}/{login} -> {name}: expected {wanted}, got {got}"));
                    }
                }
            }
        }
        lines
    }

    fn ssh_word(&self, sources: &[Principal], to: &Principal, login: &str) -> &'static str {
        let device = DeviceAttributes::new();
        let verdicts: Vec<_> =
            sources.iter().map(|from| self.verdict((from, to), login, &device, false)).collect();
        match () {
            () if login.is_empty() => "DENIED",
            () if verdicts.iter().all(|verdict| verdict.check) => "CHECK",
            () if verdicts.iter().all(|verdict| verdict.accept || verdict.check) => "ALLOWED",
            () => "DENIED",
        }
    }
}

const fn word(allowed: bool) -> &'static str {
    if allowed { "ALLOWED" } else { "DENIED" }
}
