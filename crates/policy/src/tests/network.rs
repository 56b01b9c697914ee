//! `tests`: what a source must reach, and what it must not.

use super::principal::Principal;
use super::{Context, Fault};
use crate::posture::DeviceAttributes;
use crate::resolve::{Autogroup, ResolvedRule, Selector, Target};
use crate::syntax::port::{self, Ports};
use crate::syntax::{PolicyTest, Text, protocol};

impl Context<'_> {
    pub(super) fn test(&self, test: &PolicyTest) -> Result<(), Fault> {
        let src = test.src.as_ref().map_or("", Text::as_str);
        if src.is_empty() {
            return Err("the test has no src".into());
        }
        if test.accept.is_empty() && test.deny.is_empty() {
            return Err("the test has neither accept nor deny".into());
        }
        let sources = self.principals(src)?;
        let protocols = protocols(test.proto.as_ref())?;
        let device: DeviceAttributes =
            test.src_posture_attrs.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect();
        let rules: Vec<_> =
            self.resolved.rules.iter().filter(|rule| self.postures.met(&rule.postures, &device)).collect();
        for text in &test.accept {
            let (targets, port) = self.target(&text.value, &sources)?;
            let missed = |from: &Principal, to: &[&ResolvedRule]| {
                targets.is_empty() || !targets.iter().all(|target| self.any_opens(to, from, target))
            };
            if self.any_source(&rules, &sources, &protocols, port, targets.len(), missed)? {
                return Err(format!("`{src}` does not reach `{}`", text.value).into());
            }
        }
        for text in &test.deny {
            let (targets, port) = self.target(&text.value, &sources)?;
            let reached = |from: &Principal, to: &[&ResolvedRule]| {
                targets.iter().any(|target| self.any_opens(to, from, target))
            };
            if self.any_source(&rules, &sources, &protocols, port, targets.len(), reached)? {
                return Err(format!("`{src}` reaches `{}`", text.value).into());
            }
        }
        Ok(())
    }

    /// Whether `found` says so of any source and the rules that open the port to it.
    fn any_source(
        &self,
        rules: &[&ResolvedRule],
        sources: &[Principal],
        protocols: &[u8],
        port: u16,
        targets: usize,
        found: impl Fn(&Principal, &[&ResolvedRule]) -> bool,
    ) -> Result<bool, Fault> {
        self.budget.spend(rules.len())?;
        let open = |rule: &&&ResolvedRule| {
            rule.services.iter().any(|service| {
                let spoken = service.protocols().iter().any(|number| protocols.contains(number));
                spoken && service.ports.iter().any(|ports| ports.contains(port))
            })
        };
        let rules: Vec<&ResolvedRule> = rules.iter().filter(open).copied().collect();
        for from in sources {
            self.budget.spend(rules.len() + 1)?;
            // For oneself `*` means the people, whose nodes it holds anyway.
            let own = |rule: &ResolvedRule| {
                rule.sources.wildcard && rule.destinations.iter().any(|dst| dst.target == Target::SelfOwned)
            };
            let mine = rules.iter().filter(|rule| self.lets_in(&rule.sources, from) || own(rule));
            let mine: Vec<&ResolvedRule> = mine.copied().collect();
            self.budget.spend(mine.len().saturating_mul(targets))?;
            if found(from, &mine) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_opens(&self, rules: &[&ResolvedRule], from: &Principal, to: &Principal) -> bool {
        rules.iter().any(|rule| rule.destinations.iter().any(|destination| self.opens(destination, from, to)))
    }

    /// A destination is one name or address and one port; everything wider fails (captures).
    fn target(&self, text: &str, sources: &[Principal]) -> Result<(Vec<Principal>, u16), String> {
        let bad = |what: &str| format!("`{text}`: {what}");
        let (host, ports) = port::parse_destination(text).map_err(|error| bad(&error.to_string()))?;
        let digits = text.rsplit(':').next().unwrap_or_default();
        let one = digits.trim().bytes().all(|b| b.is_ascii_digit());
        let [Ports { first: port, .. }] = ports.as_slice() else { return Err(bad("a test takes one port")) };
        if !one {
            return Err(bad("a test takes one port"));
        }
        if host.contains('/') {
            return Err(bad("a test takes no prefix"));
        }
        if Selector::parse(&host) == Selector::Autogroup(Autogroup::SelfOwned) {
            let owners: Vec<_> = sources.iter().filter_map(|source| self.owner(source)).collect();
            let own = |user: usize| self.resolved.names.person(user);
            let targets = owners.into_iter().flat_map(|user| self.people(&own(user))).collect();
            return Ok((targets, *port));
        }
        let targets = self.principals(&host).map_err(|error| bad(&error))?;
        if targets.iter().any(|target| matches!(target, Principal::Range(_))) {
            return Err(bad("a test takes no name for more than one address"));
        }
        Ok((targets, *port))
    }
}

/// Without a protocol a test asks for TCP or UDP; protocols without ports cannot be tested (captures, icmp).
fn protocols(text: Option<&Text>) -> Result<Vec<u8>, String> {
    match text.map_or("", Text::as_str) {
        "" => Ok(vec![protocol::TCP, protocol::UDP]),
        name => {
            let number = protocol::parse(name).map_err(|error| error.to_string())?;
            if protocol::has_ports(number) {
                Ok(vec![number])
            } else {
                Err(format!("`{name}` has no ports to test"))
            }
        }
    }
}
