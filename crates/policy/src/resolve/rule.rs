//! Rules of the network sections with their sets.

use serde_json::Value;

use super::{Autogroup, Destination, Names, Selected, Selection, Selector, Sources, Target, check_postures};
use crate::budget::Budget;
use crate::error::PolicyError;
use crate::network::Network;
use crate::quote::quoted;
use crate::set::NodeSet;
use crate::syntax::port::{self, Ports};
use crate::syntax::{Acl, Grant, Policy, RuleRef, Text, protocol};

/// A policy's network rules resolved against a network, with the tables that resolved them.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// What the policy's names stand for.
    pub names: Names,
    /// In the control plane's order: all grants, then all ACLs with one rule for each of their destinations;
    /// or the one default rule.
    pub rules: Vec<ResolvedRule>,
}

/// A grant, or one destination of an ACL. Whoever is in `sources` may use each of `services` on each of
/// `destinations`, and has the capabilities of `app` there.
#[derive(Clone, Debug)]
pub struct ResolvedRule {
    /// Where it stands; [`RuleRef::DEFAULT`] for the rule of a policy without rules.
    pub rule: RuleRef,
    /// Who.
    pub sources: Sources,
    /// Where. One for an ACL.
    pub destinations: Vec<Destination>,
    /// On which ports. Empty for a grant with `app` only.
    pub services: Vec<Service>,
    /// Application capabilities, in the order of the file.
    pub app: Vec<(String, Value)>,
    /// Through which routers, if only through some.
    pub via: Option<NodeSet>,
    /// Postures of which the source device must meet one; empty means any device. What a device reports is
    /// not in the network file, so the rule is resolved as if it did.
    pub postures: Vec<String>,
}

/// Ports of one protocol, or of the protocols that a rule without one stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    /// The protocol number; `None` is TCP, UDP, ICMP and `ICMPv6`.
    pub protocol: Option<u8>,
    /// Ports, in the order of the rule.
    pub ports: Vec<Ports>,
}

impl Service {
    /// Every port of the default protocols.
    pub fn any() -> Self {
        Self { protocol: None, ports: vec![Ports::ANY] }
    }

    /// The protocol numbers it stands for.
    pub fn protocols(&self) -> &[u8] {
        match &self.protocol {
            Some(number) => std::slice::from_ref(number),
            None => &protocol::DEFAULT_PROTOCOLS,
        }
    }
}

/// Resolves `acls` and `grants`.
///
/// # Errors
/// The control plane's refusal of the first bad entry: names first, then grants, then ACLs.
pub fn resolve(policy: &Policy, network: &Network) -> Result<Resolved, PolicyError> {
    resolve_sections(policy, network).map_err(|error| policy.locate(error))
}

fn resolve_sections(policy: &Policy, network: &Network) -> Result<Resolved, PolicyError> {
    let names = Names::new(policy, network)?;
    let budget = Budget::new("the rules of the policy", MAX_STEPS);
    let context = Context { policy, names: &names, network, budget: &budget };
    let mut rules = Vec::new();
    if policy.allows_by_default() {
        rules.push(default_rule());
    }
    for entry in policy.grants.iter().flatten() {
        rules.push(context.grant(entry).map_err(|error| error.within(entry.rule))?);
    }
    for entry in policy.acls.iter().flatten() {
        rules.extend(context.acl(entry).map_err(|error| error.within(entry.rule))?);
    }
    Ok(Resolved { names, rules })
}

/// What the sets of all rules together may hold, in words of memory.
const MAX_STEPS: u64 = 16 << 20;

fn default_rule() -> ResolvedRule {
    let any = Selection { text: "*".into(), span: 0..0, selected: Selected::Wildcard };
    ResolvedRule {
        rule: RuleRef::DEFAULT,
        sources: Sources::new(vec![any]),
        destinations: vec![Destination { text: "*".into(), span: 0..0, target: Target::Any }],
        services: vec![Service::any()],
        app: Vec::new(),
        via: None,
        postures: Vec::new(),
    }
}

struct Context<'a> {
    policy: &'a Policy,
    names: &'a Names,
    network: &'a Network,
    budget: &'a Budget,
}

impl Context<'_> {
    fn sources(&self, src: &[Text]) -> Result<Sources, PolicyError> {
        let one = |text: &Text| {
            let selection = Selection::source(text, self.names, self.network);
            let selection = selection.map_err(|error| at(text, prefixed("src=", error)))?;
            self.budget.spend(selection.weight())?;
            Ok(selection)
        };
        Ok(Sources::new(src.iter().map(one).collect::<Result<_, _>>()?))
    }

    fn destination(&self, host: &str, text: &Text) -> Result<Destination, PolicyError> {
        let destination = Destination::new(host, text.span.clone(), self.names, self.network);
        let destination = destination.map_err(|error| {
            let plain = error.message.starts_with("dst ") || error.message.starts_with("cannot ");
            at(text, if plain { error } else { prefixed(&format!("dst={}: ", quoted(host)), error) })
        })?;
        self.budget.spend(destination.weight())?;
        Ok(destination)
    }

    fn postures(&self, own: &[Text], rule: RuleRef) -> Result<Vec<String>, PolicyError> {
        let postures = if own.is_empty() { &self.policy.default_src_posture } else { own };
        check_postures(self.names, postures, rule)?;
        Ok(postures.iter().map(|posture| posture.value.clone()).collect())
    }

    fn grant(&self, entry: &Grant) -> Result<ResolvedRule, PolicyError> {
        if entry.ip.is_empty() && entry.app.is_empty() {
            return Err(PolicyError::invalid("ip and app can not both be empty"));
        }
        let sources = self.sources(&entry.src)?;
        let one = |text: &Text| self.destination(&text.value, text);
        let destinations = entry.dst.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        check_self(&entry.src, &destinations, false)?;
        let services = entry.ip.iter().map(service).collect::<Result<Vec<_>, _>>()?;
        for (name, _) in &entry.app {
            check_capability(name)?;
        }
        if !entry.app.is_empty() && destinations.iter().any(|dst| dst.target == Target::Internet) {
            return Err(PolicyError::invalid("cannot use app grants with autogroup:internet"));
        }
        Ok(ResolvedRule {
            rule: entry.rule,
            sources,
            destinations,
            services,
            app: entry.app.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect(),
            via: self.via(&entry.via)?,
            postures: self.postures(&entry.src_posture, entry.rule)?,
        })
    }

    fn via(&self, via: &[Text]) -> Result<Option<NodeSet>, PolicyError> {
        let mut routers = NodeSet::new();
        for text in via {
            let Selector::Tag(name) = Selector::parse(&text.value) else {
                return Err(at(text, PolicyError::invalid("via can only be a tag")));
            };
            let missing = || at(text, PolicyError::invalid(format!("tag {} not found", quoted(&name))));
            routers.union_with(self.names.tag(&name).ok_or_else(missing)?);
        }
        Ok((!via.is_empty()).then_some(routers))
    }

    fn acl(&self, entry: &Acl) -> Result<Vec<ResolvedRule>, PolicyError> {
        let action = entry.action.as_ref().map_or("", Text::as_str);
        if action != "accept" {
            return Err(PolicyError::invalid(format!("action={} is not supported", quoted(action))));
        }
        let protocol = match &entry.proto {
            Some(text) if !text.value.is_empty() => Some(
                protocol::parse(&text.value)
                    .map_err(|error| at(text, PolicyError::invalid(error.to_string())))?,
            ),
            _ => None,
        };
        let sources = self.sources(&entry.src)?;
        let postures = self.postures(&entry.src_posture, entry.rule)?;
        let mut parts = entry
            .dst
            .iter()
            .map(|text| self.acl_destination(text, protocol))
            .collect::<Result<Vec<_>, _>>()?;
        for (destination, _) in &parts {
            check_self(&entry.src, std::slice::from_ref(destination), true)?;
        }
        // Beside other destinations those for oneself come last; among autogroups only, the order stays (captures).
        if parts.iter().any(|(destination, _)| !destination.text.starts_with("autogroup:")) {
            parts.sort_by_key(|(destination, _)| destination.target == Target::SelfOwned);
        }
        // Each destination has its own copy of the sources.
        self.budget.spend(sources.weight().saturating_mul(parts.len()))?;
        let rule = |(destination, service)| ResolvedRule {
            rule: entry.rule,
            sources: sources.clone(),
            destinations: vec![destination],
            services: vec![service],
            app: Vec::new(),
            via: None,
            postures: postures.clone(),
        };
        Ok(parts.into_iter().map(rule).collect())
    }

    fn acl_destination(
        &self,
        text: &Text,
        protocol: Option<u8>,
    ) -> Result<(Destination, Service), PolicyError> {
        let refuse = |host: &str, what: String| {
            at(text, PolicyError::invalid(format!("dst={}: {what}", quoted(host))))
        };
        let (host, ports) =
            port::parse_destination(&text.value).map_err(|error| refuse(&text.value, error.to_string()))?;
        let destination = self.destination(&host, text)?;
        if protocol.is_some_and(|number| !protocol::has_ports(number)) && ports != [Ports::ANY] {
            let name = protocol.map(protocol::name).unwrap_or_default();
            return Err(refuse(&text.value, format!("protocol {} has no ports, use *", quoted(&name))));
        }
        Ok((destination, Service { protocol, ports }))
    }
}

fn prefixed(prefix: &str, mut error: PolicyError) -> PolicyError {
    // This refusal stands by itself (captures).
    if !error.message.contains("not valid on the src side") {
        error.message.insert_str(0, prefix);
    }
    error
}

fn at(text: &Text, mut error: PolicyError) -> PolicyError {
    error.span.get_or_insert_with(|| text.span.clone());
    error
}

/// `autogroup:self` takes sources that are users, groups or autogroups of users; in ACLs also `*`, which then
/// means each user by themselves (captures).
fn check_self(src: &[Text], destinations: &[Destination], wildcard: bool) -> Result<(), PolicyError> {
    if !destinations.iter().any(|destination| destination.target == Target::SelfOwned) {
        return Ok(());
    }
    let fine = |text: &Text| match Selector::parse(&text.value) {
        Selector::Wildcard => wildcard,
        Selector::Login(_) | Selector::Domain(_) | Selector::Group(_) => true,
        Selector::Autogroup(autogroup) => matches!(autogroup, Autogroup::Member | Autogroup::Role(_)),
        _ => false,
    };
    match src.iter().find(|text| !fine(text)) {
        None => Ok(()),
        Some(text) => {
            let message = "autogroup:self can only be used with users, groups, or supported autogroups";
            Err(at(text, PolicyError::invalid(message)))
        }
    }
}

fn service(text: &Text) -> Result<Service, PolicyError> {
    let (protocol, ports) =
        port::parse_entry(&text.value).map_err(|error| at(text, PolicyError::invalid(error.to_string())))?;
    if let Some(number) = protocol.filter(|number| !protocol::has_ports(*number) && ports != Ports::ANY) {
        let what = format!(
            "{}: protocol {} has no ports, use *",
            quoted(&text.value),
            quoted(&protocol::name(number))
        );
        return Err(at(text, PolicyError::invalid(what)));
    }
    Ok(Service { protocol, ports: vec![ports] })
}

/// Capabilities of Tailscale's own that a policy may grant: the first four are in captures, the others are
/// used by published programs (tsidp, setec, golink).
const OWN_CAPABILITIES: [&str; 7] = ["drive", "relay", "webui", "kubernetes", "tsidp", "secrets", "golink"];

fn check_capability(name: &Text) -> Result<(), PolicyError> {
    if name.value.contains("://") || !name.value.contains('/') {
        return Err(at(name, PolicyError::invalid("capability name must have the form {domain}/{path}")));
    }
    let Some(path) = name.value.strip_prefix("tailscale.com/") else { return Ok(()) };
    if path.strip_prefix("cap/").is_some_and(|cap| OWN_CAPABILITIES.contains(&cap)) {
        return Ok(());
    }
    Err(at(name, PolicyError::invalid("capability name must not be in the tailscale.com domain")))
}
