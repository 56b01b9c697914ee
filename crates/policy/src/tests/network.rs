//! `tests`: what a source must reach, and what it must not.

use super::principal::Principal;
use super::{Context, Fault, known};
use crate::posture::DeviceAttributes;
use crate::resolve::{Autogroup, Destination, ResolvedRule, Selector, Target};
use crate::syntax::port::{self, Ports};
use crate::syntax::{PolicyTest, Text, protocol};

/// What is asked of one destination.
struct Question<'a> {
    device: &'a DeviceAttributes,
    protocols: &'a [u8],
    /// None for a protocol without ports.
    port: Option<u16>,
    /// What rests on something that is not known here counts as so.
    lenient: bool,
}

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
        for text in &test.accept {
            let Some((targets, port)) = known(self.target(&text.value, &sources, &protocols))? else {
                continue;
            };
            let question = Question { device: &device, protocols: &protocols, port, lenient: true };
            let missed = |from: &Principal, to: &[&ResolvedRule]| {
                targets.is_empty() || !targets.iter().all(|target| self.any_may_open(to, from, target))
            };
            if self.any_source(&sources, &question, targets.len(), missed)? {
                return Err(format!("`{src}` does not reach `{}`", text.value).into());
            }
        }
        for text in &test.deny {
            let Some((targets, port)) = known(self.target(&text.value, &sources, &protocols))? else {
                continue;
            };
            let question = Question { device: &device, protocols: &protocols, port, lenient: false };
            let reached = |from: &Principal, to: &[&ResolvedRule]| {
                targets.iter().any(|target| self.any_opens(to, from, target))
            };
            if self.any_source(&sources, &question, targets.len(), reached)? {
                return Err(format!("`{src}` reaches `{}`", text.value).into());
            }
        }
        Ok(())
    }

    /// Whether `found` says so of any source and the rules that open the port to it.
    fn any_source(
        &self,
        sources: &[Principal],
        question: &Question,
        targets: usize,
        found: impl Fn(&Principal, &[&ResolvedRule]) -> bool,
    ) -> Result<bool, Fault> {
        let rules = &self.resolved.rules;
        self.budget.spend(rules.len())?;
        let rules: Vec<&ResolvedRule> = rules.iter().filter(|rule| opens(rule, question)).collect();
        for from in sources {
            self.budget.spend(rules.len() + 1)?;
            // For oneself `*` means the people, whose nodes it holds anyway.
            let own = |rule: &ResolvedRule| {
                rule.sources.wildcard && rule.destinations.iter().any(|dst| dst.target == Target::SelfOwned)
            };
            let named = |rule: &ResolvedRule| {
                let unknown = question.lenient && !rule.sources.unknown.is_empty();
                unknown || self.lets_in(&rule.sources, from) || own(rule)
            };
            let fit = |rule: &ResolvedRule| {
                self.meets(&rule.postures, question.device, from).unwrap_or(question.lenient)
            };
            let sure = |rule: &ResolvedRule| question.lenient || rule.not_understood.is_empty();
            let mine: Vec<&ResolvedRule> =
                rules.iter().filter(|rule| sure(rule) && named(rule) && fit(rule)).copied().collect();
            self.budget.spend(mine.len().saturating_mul(targets))?;
            if found(from, &mine) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a rule opens it for certain.
    fn any_opens(&self, rules: &[&ResolvedRule], from: &Principal, to: &Principal) -> bool {
        let service = matches!(to, Principal::Service(_));
        // Whether services let share recipients in is documented nowhere.
        if service && self.is_recipient(from) {
            return false;
        }
        rules.iter().any(|rule| self.leads(rule, from, to))
    }

    /// As before, or perhaps.
    fn any_may_open(&self, rules: &[&ResolvedRule], from: &Principal, to: &Principal) -> bool {
        let anywhere = |rule: &ResolvedRule| {
            rule.destinations.iter().any(|destination| destination.unknown) && is_direct(rule, to)
        };
        rules.iter().any(|rule| anywhere(rule) || self.leads(rule, from, to))
    }

    fn leads(&self, rule: &ResolvedRule, from: &Principal, to: &Principal) -> bool {
        let held = |destination: &Destination| {
            is_on_the_way(rule, destination, to) && self.opens(destination, from, to)
        };
        rule.destinations.iter().any(held)
    }

    /// A destination is one name or address and one port; everything wider fails (captures). Where the protocol has no
    /// ports the port is 0 (documentation of `tests`, "proto").
    fn target(
        &self,
        text: &str,
        sources: &[Principal],
        protocols: &[u8],
    ) -> Result<(Vec<Principal>, Option<u16>), Fault> {
        let bad = |what: &str| Fault::Fails(format!("`{text}`: {what}"));
        let with_ports = protocols.iter().all(|number| protocol::has_ports(*number));
        let (host, port) = if with_ports {
            let (host, port) = one_port(text).map_err(|error| bad(&error))?;
            (host, Some(port))
        } else {
            let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
            if port.trim() != "0" {
                return Err(bad("the protocol has no ports, so that a test takes port 0"));
            }
            let any =
                port::parse_destination(&format!("{host}:*")).map_err(|error| bad(&error.to_string()))?;
            (any.0, None)
        };
        if host.contains('/') && !matches!(Selector::parse(&host), Selector::Elsewhere(_)) {
            return Err(bad("a test takes no prefix"));
        }
        if Selector::parse(&host) == Selector::Autogroup(Autogroup::SelfOwned) {
            let owners: Vec<_> = sources.iter().filter_map(|source| self.owner(source)).collect();
            let own = |user: usize| self.resolved.names.person(user);
            let targets = owners.into_iter().flat_map(|user| self.people(&own(user))).collect();
            return Ok((targets, port));
        }
        let targets = match self.destinations(&host) {
            Err(Fault::Fails(why)) => return Err(bad(&why)),
            targets => targets?,
        };
        if targets.iter().any(|target| matches!(target, Principal::Range(_))) {
            return Err(bad("a test takes no name for more than one address"));
        }
        Ok((targets, port))
    }
}

/// Whether a rule leads there as far as routers go. Through these it leads to what is behind them: by addresses or to the
/// internet, never to a machine, a service, or whatever else it names (captures: tags, users and groups give nothing).
fn is_on_the_way(rule: &ResolvedRule, destination: &Destination, to: &Principal) -> bool {
    let behind = matches!(to, Principal::Address(_, None))
        && matches!(destination.target, Target::Ranges(_) | Target::Carved(_) | Target::Internet);
    rule.via.is_none() || behind
}

/// Whether a rule of which it is not known where it leads may lead there: through routers to no service.
fn is_direct(rule: &ResolvedRule, to: &Principal) -> bool {
    rule.via.is_none() || !matches!(to, Principal::Service(_))
}

fn one_port(text: &str) -> Result<(String, u16), String> {
    let (host, ports) = port::parse_destination(text).map_err(|error| error.to_string())?;
    let digits = text.rsplit(':').next().unwrap_or_default();
    match ports.as_slice() {
        [Ports { first, .. }] if digits.trim().bytes().all(|b| b.is_ascii_digit()) => Ok((host, *first)),
        _ => Err("a test takes one port".to_owned()),
    }
}

/// Whether a rule opens the port. ICMP passes as soon as a rule joins two addresses; other protocols without ports
/// need a rule of their own (documentation of `proto`).
fn opens(rule: &ResolvedRule, question: &Question) -> bool {
    rule.services.iter().any(|service| match question.port {
        Some(port) => {
            let spoken = service.protocols().iter().any(|number| question.protocols.contains(number));
            spoken && service.ports.iter().any(|ports| ports.contains(port))
        }
        None => question.protocols.iter().any(|number| {
            matches!(*number, protocol::ICMP | protocol::ICMP_V6)
                || (service.protocols().contains(number) && service.ports.contains(&Ports::ANY))
        }),
    })
}

/// Without a protocol a test asks for TCP or UDP.
fn protocols(text: Option<&Text>) -> Result<Vec<u8>, String> {
    match text.map_or("", Text::as_str) {
        "" => Ok(vec![protocol::TCP, protocol::UDP]),
        name => Ok(vec![protocol::parse(name).map_err(|error| error.to_string())?]),
    }
}
