//! The sources of compiled rules, each distinct one once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::address::{Addresses, TAILNET};
use super::wire::SrcIps;
use crate::resolve::{Destination, Selected, Sources, Target};
use crate::set::{Bits, IpRange, IpSet, NodeSet};

/// A distinct source; two rules with the same one have the same `SrcIPs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    /// `["*"]`, which swallows everything else.
    everything: bool,
    /// The tailnet's ranges and all approved subnet routes.
    tailnet: bool,
    /// Node addresses, see [`Addresses::bits`].
    addresses: Bits,
    /// What is literal and no node's address; sorted, neither merged nor cut.
    ranges: Vec<IpRange>,
}

impl Source {
    pub(crate) fn of(sources: &Sources, addresses: &Addresses) -> Self {
        let mut source =
            Self { tailnet: sources.wildcard, addresses: addresses.bits(&sources.nodes), ..Self::default() };
        if sources.danger_all {
            return Self { everything: true, ..Self::default() };
        }
        for selection in &sources.selections {
            if let Selected::Ranges(ranges) = &selection.selected {
                source.add_all(ranges, addresses);
            }
        }
        source.finish(addresses)
    }

    /// The destinations of a rule as the sources of its companion.
    pub(crate) fn of_destinations(destinations: &[Destination], addresses: &Addresses) -> Self {
        let mut source = Self::default();
        for destination in destinations {
            match &destination.target {
                Target::Any => source.tailnet = true,
                Target::Nodes(nodes) => source.addresses.union_with(&addresses.bits(nodes)),
                Target::Ranges(ranges) | Target::Carved(ranges) => source.add_all(ranges, addresses),
                Target::SelfOwned | Target::Internet | Target::Service(_) => {}
            }
        }
        source.finish(addresses)
    }

    pub(crate) fn of_nodes(nodes: &NodeSet, addresses: &Addresses) -> Self {
        Self { addresses: addresses.bits(nodes), ..Self::default() }
    }

    fn add_all(&mut self, ranges: &[IpRange], addresses: &Addresses) {
        for range in ranges {
            match range.is_single().then(|| addresses.bit(range.first())).flatten() {
                Some(bit) => _ = self.addresses.insert(bit),
                None => self.ranges.push(*range),
            }
        }
    }

    fn finish(mut self, addresses: &Addresses) -> Self {
        if self.tailnet {
            let routes = addresses.network().nodes().iter().flat_map(crate::network::Node::subnets);
            self.ranges.extend(TAILNET.into_iter().chain(routes));
        }
        self.ranges.sort_unstable();
        self.ranges.dedup();
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.everything && self.addresses.is_empty() && self.ranges.is_empty()
    }

    /// Sorted as text.
    fn texts(&self, addresses: &Addresses) -> Vec<String> {
        if self.everything {
            return vec!["*".into()];
        }
        let own =
            self.addresses.iter().filter_map(|bit| addresses.of_bit(bit)).map(|address| address.to_string());
        let mut texts: Vec<String> = own.chain(self.ranges.iter().map(IpRange::to_string)).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// The nodes whose packets may come from here: by an address of their own, or by an approved subnet.
    pub(crate) fn nodes(&self, addresses: &Addresses) -> NodeSet {
        let network = addresses.network();
        if self.everything {
            return NodeSet::all(network.nodes().len());
        }
        let mut nodes: NodeSet = self.addresses.iter().map(|bit| bit / 2).collect();
        let set: IpSet = self.ranges.iter().copied().collect();
        for range in set.ranges() {
            for index in addresses.within(range) {
                nodes.insert(index);
            }
        }
        if self.ranges.is_empty() {
            return nodes;
        }
        for (index, node) in network.nodes().iter().enumerate() {
            if node.subnets().any(|route| set.overlaps(route)) {
                nodes.insert(index);
            }
        }
        nodes
    }

    /// The nodes that have an address in it.
    pub(crate) fn own_nodes(&self, addresses: &Addresses) -> NodeSet {
        if self.everything {
            return NodeSet::all(addresses.network().nodes().len());
        }
        let mut nodes: NodeSet = self.addresses.iter().map(|bit| bit / 2).collect();
        for index in self.ranges.iter().flat_map(|range| addresses.within(*range)) {
            nodes.insert(index);
        }
        nodes
    }

    /// Whether an address lies in it.
    pub(crate) fn covers(&self, address: std::net::IpAddr, addresses: &Addresses) -> bool {
        self.everything
            || addresses.bit(address).is_some_and(|bit| self.addresses.contains(bit))
            || self.ranges.iter().any(|range| range.contains(address))
    }
}

/// Every distinct source with a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceTable {
    numbers: BTreeMap<Source, usize>,
    sources: Vec<Source>,
    /// As texts, each made when it is first asked for.
    texts: Vec<OnceLock<SrcIps>>,
}

impl SourceTable {
    pub(crate) fn number(&mut self, source: Source) -> usize {
        let next = self.sources.len();
        let number = *self.numbers.entry(source.clone()).or_insert(next);
        if number == next {
            self.sources.push(source);
            self.texts.push(OnceLock::new());
        }
        number
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Source> {
        self.sources.get(number)
    }

    /// `SrcIPs` of a source.
    pub(crate) fn texts(&self, number: usize, addresses: &Addresses) -> SrcIps {
        let known = self.get(number).zip(self.texts.get(number));
        let texts = known.map(|(source, texts)| texts.get_or_init(|| source.texts(addresses).into()).clone());
        texts.unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter()
    }
}
