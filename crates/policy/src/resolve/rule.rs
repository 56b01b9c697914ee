//! Rules of the network sections with their sets.

use serde_json::Value;

use super::capability::check_capability;
use super::{Autogroup, Destination, Names, Selected, Selection, Selector, Sources, Target, check_postures};
use crate::budget::Budget;
use crate::error::{PolicyError, PolicyErrorKind};
use crate::headscale;
use crate::network::Network;
use crate::posture::Postures;
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
    /// Postures of which a source device of the own tailnet must meet one; empty means any device. What a device
    /// reports is not in the network file, so the rule is resolved as if it did.
    pub postures: Vec<String>,
    /// Whether these postures rest on what is not understood or not known here.
    pub posture_unknown: bool,
    /// What else of it is not understood, besides names: ports, a protocol, an action. Only in a policy in force; the
    /// rule may let in more than it seems to.
    pub not_understood: Vec<Text>,
}

impl ResolvedRule {
    /// Whether something of the rule is not known here that decides whom it lets in where.
    pub fn is_doubtful(&self) -> bool {
        self.posture_unknown
            || !self.not_understood.is_empty()
            || !self.sources.unknown.is_empty()
            || self.destinations.iter().any(|destination| destination.unknown)
    }
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

    /// The same ports for each of some protocols; none are those of a rule without one.
    fn each(protocols: &[u8], ports: &[Ports]) -> Vec<Self> {
        let of = |protocol| Self { protocol, ports: ports.to_vec() };
        if protocols.is_empty() {
            return vec![of(None)];
        }
        protocols.iter().map(|number| of(Some(*number))).collect()
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
    let postures = Postures::of(policy);
    let context = Context { policy, names: &names, network, budget: &budget, postures: &postures };
    let mut rules = Vec::new();
    if policy.allows_by_default() {
        rules.push(default_rule(&context)?);
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

/// The rule of a policy without rules. It is one without a posture of its own, so that the default one holds.
fn default_rule(context: &Context) -> Result<ResolvedRule, PolicyError> {
    let postures = context.postures(&[], RuleRef::DEFAULT)?;
    // Headscale lets in also what is no machine of the network.
    let selected =
        if context.names.dialect().is_headscale() { Selected::DangerAll } else { Selected::Wildcard };
    let any = Selection { text: "*".into(), span: 0..0, selected };
    Ok(ResolvedRule {
        rule: RuleRef::DEFAULT,
        sources: Sources::new(vec![any]),
        destinations: vec![Destination { text: "*".into(), span: 0..0, target: Target::Any, unknown: false }],
        services: vec![Service::any()],
        app: Vec::new(),
        via: None,
        posture_unknown: context.postures.is_doubtful(&postures),
        postures,
        not_understood: Vec::new(),
    })
}

struct Context<'a> {
    policy: &'a Policy,
    names: &'a Names,
    network: &'a Network,
    budget: &'a Budget,
    postures: &'a Postures,
}

impl Context<'_> {
    /// What is refused in a policy that is proposed is not understood in one that is in force.
    fn or_unknown<T>(
        &self,
        text: &Text,
        found: Result<T, PolicyError>,
        not_understood: &mut Vec<Text>,
        otherwise: T,
    ) -> Result<T, PolicyError> {
        match found {
            Err(error) if self.names.is_taken() && error.kind == PolicyErrorKind::Invalid => {
                not_understood.push(text.clone());
                Ok(otherwise)
            }
            found => found,
        }
    }

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
        let in_force = self.names.is_taken();
        if entry.ip.is_empty() && entry.app.is_empty() && !in_force {
            return Err(PolicyError::invalid("ip and app can not both be empty"));
        }
        let sources = self.sources(&entry.src)?;
        let one = |text: &Text| self.destination(&text.value, text);
        let destinations = entry.dst.iter().map(one).collect::<Result<Vec<_>, _>>()?;
        let mut not_understood = self.policy.unknown_fields(entry.rule);
        let mut services = Vec::with_capacity(entry.ip.len());
        if !in_force {
            check_self(&entry.src, &destinations, false)?;
        }
        for text in &entry.ip {
            let found = self.grant_services(text);
            services.extend(self.or_unknown(text, found, &mut not_understood, vec![Service::any()])?);
        }
        for (name, _) in entry.app.iter().filter(|_| !in_force) {
            check_capability(&name.value).map_err(|error| at(name, error))?;
        }
        if !entry.app.is_empty() && !in_force && destinations.iter().any(|dst| dst.target == Target::Internet)
        {
            return Err(PolicyError::invalid("cannot use app grants with autogroup:internet"));
        }
        let via = self.via(&entry.via, &mut not_understood)?;
        let postures = self.postures(&entry.src_posture, entry.rule)?;
        Ok(ResolvedRule {
            rule: entry.rule,
            sources,
            destinations,
            services,
            app: entry.app.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect(),
            via,
            posture_unknown: self.postures.is_doubtful(&postures),
            postures,
            not_understood,
        })
    }

    fn via(&self, via: &[Text], not_understood: &mut Vec<Text>) -> Result<Option<NodeSet>, PolicyError> {
        let mut routers = NodeSet::new();
        let before = not_understood.len();
        for text in via {
            let found = match Selector::parse(&text.value) {
                Selector::Tag(name) => self.names.tag(&name).cloned().ok_or_else(|| {
                    at(text, PolicyError::invalid(format!("tag {} not found", quoted(&name))))
                }),
                _ => Err(at(text, PolicyError::invalid("via can only be a tag"))),
            };
            routers.union_with(&self.or_unknown(text, found, not_understood, NodeSet::new())?);
        }
        // A router that is not known here may be any.
        Ok((!via.is_empty() && not_understood.len() == before).then_some(routers))
    }

    fn acl(&self, entry: &Acl) -> Result<Vec<ResolvedRule>, PolicyError> {
        let mut not_understood = self.policy.unknown_fields(entry.rule);
        let action = entry.action.as_ref().map_or("", Text::as_str);
        if action != "accept" {
            if !self.names.is_taken() {
                return Err(PolicyError::invalid(format!("action={} is not supported", quoted(action))));
            }
            not_understood.extend(entry.action.clone());
        }
        let protocols = match &entry.proto {
            Some(text) => self.or_unknown(text, self.protocols(text), &mut not_understood, Vec::new())?,
            None => self.protocols(&Text { value: String::new(), span: 0..0 })?,
        };
        let sources = self.sources(&entry.src)?;
        let postures = self.postures(&entry.src_posture, entry.rule)?;
        let posture_unknown = self.postures.is_doubtful(&postures);
        let mut parts = Vec::with_capacity(entry.dst.len());
        for text in &entry.dst {
            let otherwise = (Destination::not_understood(text), vec![Service::any()]);
            let found = self.acl_destination(text, &protocols);
            parts.push(self.or_unknown(text, found, &mut not_understood, otherwise)?);
        }
        for (destination, _) in parts.iter().filter(|_| !self.names.is_taken()) {
            check_self(&entry.src, std::slice::from_ref(destination), true)?;
        }
        // Beside other destinations those for oneself come last; among autogroups only, the order stays (captures).
        if parts.iter().any(|(destination, _)| !destination.text.starts_with("autogroup:")) {
            parts.sort_by_key(|(destination, _)| destination.target == Target::SelfOwned);
        }
        // Each destination has its own copy of the sources.
        self.budget.spend(sources.weight().saturating_mul(parts.len()))?;
        let rule = |(destination, services)| ResolvedRule {
            rule: entry.rule,
            sources: sources.clone(),
            destinations: vec![destination],
            services,
            app: Vec::new(),
            via: None,
            postures: postures.clone(),
            posture_unknown,
            not_understood: not_understood.clone(),
        };
        Ok(parts.into_iter().map(rule).collect())
    }

    /// The numbers of a protocol; none are those of a rule without one.
    fn protocols(&self, text: &Text) -> Result<Vec<u8>, PolicyError> {
        let dialect = self.names.dialect();
        let found = match text.as_str() {
            name if dialect.is_headscale() => headscale::numbers(dialect, name),
            "" => Ok(Vec::new()),
            name => protocol::parse(name).map(|number| vec![number]).map_err(|error| error.to_string()),
        };
        found.map_err(|why| at(text, PolicyError::invalid(why)))
    }

    fn grant_services(&self, text: &Text) -> Result<Vec<Service>, PolicyError> {
        let dialect = self.names.dialect();
        if !dialect.is_headscale() {
            return Ok(vec![service(text)?]);
        }
        let (protocols, ports) =
            headscale::entry(dialect, &text.value).map_err(|why| at(text, PolicyError::invalid(why)))?;
        Ok(Service::each(&protocols, &ports))
    }

    fn acl_destination(
        &self,
        text: &Text,
        protocols: &[u8],
    ) -> Result<(Destination, Vec<Service>), PolicyError> {
        let refuse = |host: &str, what: String| {
            at(text, PolicyError::invalid(format!("dst={}: {what}", quoted(host))))
        };
        let dialect = self.names.dialect();
        let parsed = if dialect.is_headscale() {
            headscale::destination(dialect, &text.value)
        } else {
            port::parse_destination(&text.value).map_err(|error| error.to_string())
        };
        let (host, ports) = parsed.map_err(|why| refuse(&text.value, why))?;
        let destination = self.destination(&host, text)?;
        let portless = protocols.iter().find(|number| !protocol::has_ports(**number));
        if let Some(number) = portless.filter(|_| ports != [Ports::ANY] && !dialect.is_headscale()) {
            let name = protocol::name(*number);
            return Err(refuse(&text.value, format!("protocol {} has no ports, use *", quoted(&name))));
        }
        Ok((destination, Service::each(protocols, &ports)))
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
