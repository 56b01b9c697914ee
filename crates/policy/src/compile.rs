//! Everything that the control plane sends to each node for a policy.

pub(crate) mod address;
mod approval;
mod attributes;
mod companion;
mod filter;
mod output;
mod peers;
mod source;
pub mod wire;

use std::collections::BTreeMap;
use std::net::IpAddr;

use self::address::Addresses;
pub(crate) use self::attributes::{CGNAT, RESERVED, check_pool};
use self::filter::{NodeRule, Plan};
pub use self::output::Output;
use self::source::{Source, SourceTable};
use self::wire::{CapMap, FilterRule, NodeOutput};
use crate::error::PolicyError;
use crate::network::Network;
use crate::posture::Postures;
use crate::resolve::{Resolved, resolve};
use crate::set::{IpRange, NodeSet};
use crate::ssh::{self, ResolvedSsh};
use crate::syntax::Policy;
use crate::tests::{self, TestFailure};

/// A policy that the control plane would take, with all its sections resolved.
#[derive(Clone, Debug)]
pub struct Checked {
    /// `grants` and `acls`.
    pub resolved: Resolved,
    /// `ssh`.
    pub ssh: Vec<ResolvedSsh>,
    /// The attributes of every node, by node index.
    pub attributes: Vec<CapMap>,
    /// The advertised routes of every node that `autoApprovers` approves, by node index.
    pub approvals: Vec<Vec<IpRange>>,
}

/// A policy compiled for a network. Kept compact; texts are made when asked for.
#[derive(Debug)]
pub struct Compiled<'a> {
    addresses: Addresses<'a>,
    checked: Checked,
    sources: SourceTable,
    filters: Vec<Vec<NodeRule>>,
    peers: Vec<NodeSet>,
}

/// Whether the control plane would take a policy: validates every section and runs `tests` and `sshTests`.
///
/// # Errors
/// [`PolicyError`] with the control plane's text; of several faults the first, in the order names, grants,
/// ACLs, SSH, node attributes, approvers, tests.
pub fn check(policy: &Policy, network: &Network) -> Result<Checked, PolicyError> {
    let checked = validate(policy, network)?;
    if let Some(refusal) = tests::refusal(policy, &run_tests(policy, &checked, network)?) {
        return Err(refusal);
    }
    let found = attributes::check_targets(policy, &checked.resolved.names, network);
    found.map_err(|error| policy.locate(error))?;
    Ok(checked)
}

/// As [`check`], without running the tests: for those who want to know about every failing test, see
/// [`run_tests`].
///
/// # Errors
/// As [`check`].
pub fn validate(policy: &Policy, network: &Network) -> Result<Checked, PolicyError> {
    let resolved = resolve(policy, network)?;
    let located = |error| policy.locate(error);
    let ssh = ssh::resolve_ssh(policy, &resolved.names, network)?;
    let attributes = attributes::attributes(policy, &resolved.names, network).map_err(located)?;
    let approvals = approval::approvals(policy, &resolved.names, network).map_err(located)?;
    Postures::new(policy).map_err(located)?;
    Ok(Checked { resolved, ssh, attributes, approvals })
}

/// Every entry of `tests` and `sshTests` that does not hold, with the reason.
///
/// # Errors
/// [`PolicyError`] for an entry of `sshTests` that the control plane refuses before it runs.
pub fn run_tests(
    policy: &Policy,
    checked: &Checked,
    network: &Network,
) -> Result<Vec<TestFailure>, PolicyError> {
    let known = network.with_recipients();
    let run = if known.users().len() == network.users().len() {
        tests::run(policy, &checked.resolved, &checked.ssh, network)
    } else {
        // Whom only `shared_to` names is somebody for a test too, as they are for reach.
        let resolved = resolve(policy, &known)?;
        let ssh = ssh::resolve_ssh(policy, &resolved.names, &known)?;
        tests::run(policy, &resolved, &ssh, &known)
    };
    run.map_err(|error| policy.locate(error))
}

/// Compiles a policy: validation, `tests` and `sshTests`, packet filters, peers, capabilities, attributes. What is in force
/// is sent whatever its tests say now: they are run when a text is written.
///
/// ```
/// let policy = policy::Policy::parse(r#"{"grants": [{"src": ["*"], "dst": ["100.64.0.2"], "ip": ["tcp:80"]}]}"#)?;
/// let network = policy::Network::parse(r#"{"nodes": {"a": {"ipv4": "100.64.0.1"}, "b": {"ipv4": "100.64.0.2"}}}"#)?;
/// let compiled = policy::compile(&policy, &network)?;
/// assert_eq!(compiled.filter(1)[0].dst_ports[0].ip, "100.64.0.2");
/// assert!(compiled.filter(0).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PolicyError`] with the control plane's text.
pub fn compile<'a>(policy: &Policy, network: &'a Network) -> Result<Compiled<'a>, PolicyError> {
    let taken = policy.language.reading.is_in_force();
    let checked = if taken { validate(policy, network) } else { check(policy, network) }?;
    let addresses = Addresses::new(network, attributes::without_v4(policy, &checked.attributes));
    let (filters, sources) = Plan::new(&checked.resolved, &addresses).filters()?;
    let peers = peers::peers(&filters, &sources, &checked.resolved, &addresses);
    Ok(Compiled { addresses, checked, sources, filters, peers })
}

/// The nodes to which the policy leaves no IPv4 address.
///
/// # Errors
/// The control plane's refusal of `nodeAttrs`.
pub(crate) fn without_v4(
    policy: &Policy,
    resolved: &Resolved,
    network: &Network,
) -> Result<NodeSet, PolicyError> {
    let attributes = attributes::attributes(policy, &resolved.names, network);
    Ok(attributes::without_v4(policy, &attributes.map_err(|error| policy.locate(error))?))
}

impl Compiled<'_> {
    /// The sections that it was compiled from.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The packet filter of a node, by its index; empty means that all is denied.
    pub fn filter(&self, node: usize) -> Vec<FilterRule> {
        let rules = self.filters.get(node).into_iter().flatten();
        rules.map(|rule| filter::wire(rule, &self.sources, &self.addresses)).collect()
    }

    /// The SSH rules of a node.
    pub fn ssh_rules(&self, node: usize) -> Vec<wire::SshRule> {
        ssh::rules(node, &self.checked.ssh, &self.checked.resolved.names, &self.addresses)
    }

    /// The nodes that a node sees.
    pub fn peers(&self, node: usize) -> Option<&NodeSet> {
        self.peers.get(node)
    }

    /// The attributes of a node.
    pub fn attributes(&self, node: usize) -> Option<&CapMap> {
        self.checked.attributes.get(node)
    }

    /// The routes of a node that `autoApprovers` approves. What is compiled rests on the routes that the
    /// network file says are approved: approval happens when a route is advertised, not when a policy is read.
    pub fn approvals(&self, node: usize) -> &[IpRange] {
        self.checked.approvals.get(node).map_or(&[], Vec::as_slice)
    }

    /// The capabilities of a peer's address on a node.
    pub fn capabilities(&self, node: usize, peer: IpAddr) -> CapMap {
        let mut map = CapMap::new();
        for rule in self.filters.get(node).into_iter().flatten() {
            let NodeRule::Caps { source, grants } = rule else { continue };
            if !self.sources.get(*source).is_some_and(|source| Source::covers(source, peer, &self.addresses))
            {
                continue;
            }
            let own =
                |dsts: &[IpRange]| self.addresses.of(node).any(|a| dsts.iter().any(|dst| dst.contains(a)));
            for (_, caps) in grants.iter().filter(|(dsts, _)| own(dsts)) {
                for (name, values) in caps.iter() {
                    let slot = map.entry(name.clone()).or_default();
                    if let Some(values) = values {
                        slot.get_or_insert_default().extend(values.iter().cloned());
                    }
                }
            }
        }
        map
    }

    /// Everything for one node, by its index.
    pub fn node(&self, node: usize) -> NodeOutput {
        NodeOutput {
            packet_filter_rules: self.filter(node),
            ssh_rules: self.ssh_rules(node),
            peers: self.peer_names(node).map(str::to_owned).collect(),
            capabilities: self.peer_capabilities(node),
            attributes: self.attributes(node).cloned().unwrap_or_default(),
        }
    }

    fn peer_names(&self, node: usize) -> impl Iterator<Item = &str> {
        let peers = self.peers(node).into_iter().flat_map(NodeSet::iter);
        peers.filter_map(|peer| Some(self.addresses.network().node(peer)?.name.as_str()))
    }

    fn peer_capabilities(&self, node: usize) -> BTreeMap<String, CapMap> {
        let grants =
            self.filters.get(node).into_iter().flatten().any(|rule| matches!(rule, NodeRule::Caps { .. }));
        let peers = self.peers(node).filter(|_| grants).into_iter().flat_map(NodeSet::iter);
        peers
            .flat_map(|peer| self.addresses.of(peer))
            .map(|address| (address.to_string(), self.capabilities(node, address)))
            .filter(|(_, map)| !map.is_empty())
            .collect()
    }

    /// Everything, as `acequia policy compile` prints it: `{"nodes": {NAME: …}}`. Nodes are written one by one,
    /// because all of them at once may be gigabytes of text.
    pub fn output(&self) -> Output<'_> {
        Output(self)
    }
}
