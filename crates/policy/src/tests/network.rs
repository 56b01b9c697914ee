//! `tests`: what a source must reach, and what it must not.

use super::Context;
use super::principal::Principal;
use crate::posture::DeviceAttributes;
use crate::resolve::{Autogroup, ResolvedRule, Selector};
use crate::syntax::port::{self, Ports};
use crate::syntax::{PolicyTest, Text, protocol};

impl Context<'_> {
    pub(super) fn test(&self, test: &PolicyTest) -> Result<(), String> {
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
        let reaches = |from: &Principal, to: &Principal, port: u16| {
            rules.iter().any(|rule| self.allows(rule, from, to, &protocols, port))
        };
        for text in &test.accept {
            let (targets, port) = self.target(&text.value, &sources)?;
            let missed = |from: &&Principal| !targets.iter().all(|to| reaches(from, to, port));
            if sources.iter().find(missed).is_some() || targets.is_empty() {
                return Err(format!("`{src}` does not reach `{}`", text.value));
            }
        }
        for text in &test.deny {
            let (targets, port) = self.target(&text.value, &sources)?;
            if sources.iter().any(|from| targets.iter().any(|to| reaches(from, to, port))) {
                return Err(format!("`{src}` reaches `{}`", text.value));
            }
        }
        Ok(())
    }

    fn allows(
        &self,
        rule: &ResolvedRule,
        from: &Principal,
        to: &Principal,
        protocols: &[u8],
        port: u16,
    ) -> bool {
        let open = rule.services.iter().any(|service| {
            let spoken = service.protocols().iter().any(|number| protocols.contains(number));
            spoken && service.ports.iter().any(|ports| ports.contains(port))
        });
        open && rule.destinations.iter().any(|destination| {
            let own = destination.target == crate::resolve::Target::SelfOwned;
            // For oneself `*` means the people, whose nodes it holds anyway.
            self.opens(destination, from, to)
                && (self.lets_in(&rule.sources, from) || (own && rule.sources.wildcard))
        })
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
