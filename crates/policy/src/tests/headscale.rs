//! Tests as Headscale runs them: against the addresses that machines have now, each failure in its own line.

use super::principal::Principal;
use super::{Context, TestFailure};
use crate::compile::address::TAILNET;
use crate::headscale;
use crate::posture::DeviceAttributes;
use crate::quote::quoted;
use crate::resolve::{Autogroup, ResolvedRule, Selected, Selector, Sources, Target, people_or_nodes};
use crate::set::{IpRange, IpSet};
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
        let dialect = self.policy.language.dialect;
        let proto = test.proto.as_ref().map_or("", Text::as_str);
        let numbers = headscale::numbers(dialect, proto).unwrap_or_default();
        let suffix = match numbers.as_slice() {
            [number] => format!(" ({})", protocol::name(*number)),
            _ => String::new(),
        };
        let sources = match self.addresses_of_source(src) {
            Ok(sources) => addresses(&sources).prefixes(),
            Err(why) => return vec![format!("{src}{suffix}: {why}")],
        };
        let (mut faults, mut lines) = (Vec::new(), Vec::new());
        for (texts, wanted) in [(&test.accept, true), (&test.deny, false)] {
            for text in texts {
                let dst = &text.value;
                match self.reaches(&sources, dst, &numbers) {
                    Ok(reached) if reached == wanted => {}
                    Ok(reached) => {
                        let (wanted, reached) = (word(wanted), word(reached));
                        lines.push(format!("{src} -> {dst}{suffix}: expected {wanted}, got {reached}"));
                    }
                    Err(why) => faults.push(format!("{src}{suffix}: error testing {}: {why}", quoted(dst))),
                }
            }
        }
        faults.extend(lines);
        faults
    }

    fn addresses_of_source(&self, src: &str) -> Result<Vec<Principal>, String> {
        let failed = |why: String| format!("failed to resolve source {}: {why}", quoted(src));
        let form = headscale::check_name(self.policy.language.dialect, src);
        form.map_err(|why| failed(format!("invalid alias: {why}")))?;
        let sources = self.resolved_addresses(src).map_err(|why| failed(format!("resolving: {why}")))?;
        if sources.is_empty() {
            return Err(format!("source {} resolved to no IP addresses", quoted(src)));
        }
        Ok(sources)
    }

    /// Everything that a name stands for now, address by address.
    fn resolved_addresses(&self, text: &str) -> Result<Vec<Principal>, String> {
        let selector = Selector::parse(text);
        let names = &self.resolved.names;
        let unresolved = headscale::unresolved(text, self.policy, names.accounts(), self.network);
        if !unresolved.is_empty() {
            return Err(headscale::together(&unresolved));
        }
        let all =
            |ranges: &[IpRange]| -> Vec<Principal> { ranges.iter().copied().map(Principal::Range).collect() };
        match &selector {
            Selector::Wildcard => return Ok(all(&TAILNET)),
            Selector::Autogroup(Autogroup::DangerAll) => {
                return Ok(all(&[IpRange::ALL_V4, IpRange::ALL_V6]));
            }
            Selector::Autogroup(Autogroup::Internet) => {
                return Ok(self.internet.ranges().map(Principal::Range).collect());
            }
            Selector::UnknownAutogroup(_) | Selector::Autogroup(Autogroup::NonRoot) => {
                return Err(format!("unknown autogroup: {}", quoted(text)));
            }
            Selector::Autogroup(Autogroup::SelfOwned) => {
                return Err(
                    "autogroup:self requires per-node resolution and cannot be resolved in this context"
                        .into(),
                );
            }
            Selector::Host(name) if names.host(name).is_none() => {
                return Err(format!("error resolving host: {}", quoted(name)));
            }
            // A machine may have a tag that the text does not define.
            Selector::Tag(name) => {
                let nodes = self.network.nodes().iter().enumerate();
                let tagged = nodes.filter(|(_, node)| node.tags.contains(name)).map(|(index, _)| index);
                return Ok(self.of_nodes(&tagged.collect()));
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

    /// Whether each prefix of the sources reaches some part of the destination. The server takes addresses that lie side by
    /// side as one prefix, and is content if a rule is for a part of it.
    fn reaches(&self, sources: &[IpRange], text: &str, numbers: &[u8]) -> Result<bool, String> {
        let (host, ports) = headscale::destination(self.policy.language.dialect, text)?;
        let targets =
            self.resolved_addresses(&host).map_err(|why| format!("resolving destination: {why}"))?;
        if targets.is_empty() {
            return Err(format!("destination resolved to no IP addresses: {}", quoted(text)));
        }
        let targets = addresses(&targets);
        let Some(Ports { first: port, .. }) = ports.first() else { return Ok(false) };
        let numbers = if numbers.is_empty() { &protocol::DEFAULT_PROTOCOLS[..] } else { numbers };
        let opens = |rule: &&ResolvedRule| {
            rule.services.iter().any(|service| {
                // A rule without a protocol is for every one here.
                service.protocol.is_none_or(|number| numbers.contains(&number))
                    && service.ports.iter().any(|ports| ports.contains(*port))
            })
        };
        // What is through routers, or for people's own machines, is in no rule that is for all.
        let rules = self.resolved.rules.iter().filter(|rule| rule.via.is_none()).filter(opens);
        let leads = |rule: &&ResolvedRule| {
            rule.destinations.iter().any(|destination| self.overlaps(&destination.target, &targets))
        };
        let rules: Vec<&ResolvedRule> = rules.filter(leads).collect();
        Ok(sources.iter().all(|from| rules.iter().any(|rule| self.comes_from(&rule.sources, *from))))
    }

    fn overlaps(&self, target: &Target, asked: &IpSet) -> bool {
        match target {
            Target::Any => true,
            Target::Nodes(nodes) => asked.intersects(&addresses(&self.of_nodes(nodes))),
            Target::Ranges(ranges) | Target::Carved(ranges) => {
                ranges.iter().any(|range| asked.overlaps(*range))
            }
            Target::Internet => asked.intersects(self.internet),
            Target::SelfOwned | Target::Service(_) => false,
        }
    }

    fn comes_from(&self, sources: &Sources, from: IpRange) -> bool {
        let tailnet =
            || TAILNET.iter().any(|range| range.overlaps(from)) || self.network.subnets().overlaps(from);
        sources.danger_all
            || sources.ranges.overlaps(from)
            || (sources.wildcard && tailnet())
            || addresses(&self.of_nodes(&sources.nodes)).overlaps(from)
    }

    fn ssh_lines(&self, test: &SshTest) -> Vec<String> {
        let src = test.src.as_ref().map_or("", Text::as_str);
        let sources = match self.addresses_of_source(src) {
            Ok(sources) => sources,
            Err(why) => return vec![format!("{src}: {why}")],
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

fn addresses(principals: &[Principal]) -> IpSet {
    let range = |principal: &Principal| match principal {
        Principal::Address(address, _) => Some(IpRange::single(*address)),
        Principal::Range(range) => Some(*range),
        _ => None,
    };
    principals.iter().filter_map(range).collect()
}

const fn word(allowed: bool) -> &'static str {
    if allowed { "ALLOWED" } else { "DENIED" }
}
