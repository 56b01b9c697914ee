//! The packet filter of every node, kept compact: numbers of sources, ranges of destinations.

mod cut;
mod plan;

use std::sync::Arc;

use super::address::{Addresses, as_range};
use super::source::SourceTable;
use super::wire::{CapGrant, CapMap, DstPort, FilterRule};
use crate::set::IpRange;
use crate::syntax::port::Ports;

pub(crate) use plan::Plan;

/// A destination on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dst {
    /// `*`
    Any,
    /// An address, prefix or range, the shortest way.
    Range(IpRange),
    /// A part of the internet, always written `a-b`.
    Internet(IpRange),
}

/// One rule of one node.
#[derive(Clone, Debug)]
pub(crate) enum NodeRule {
    /// Opens ports.
    Ports { source: usize, protocol: Option<u8>, dsts: Vec<(Dst, Ports)> },
    /// Grants capabilities.
    Caps { source: usize, grants: Vec<(Vec<IpRange>, Arc<CapMap>)> },
}

/// A compact rule on the wire.
pub(crate) fn wire(rule: &NodeRule, sources: &SourceTable, addresses: &Addresses) -> FilterRule {
    let texts = |number: usize| sources.texts(number, addresses);
    match rule {
        NodeRule::Ports { source, protocol, dsts } => {
            let mut dst_ports: Vec<DstPort> = dsts
                .iter()
                .map(|(dst, ports)| {
                    let ip = match dst {
                        Dst::Any => "*".to_owned(),
                        Dst::Range(range) => range.to_string(),
                        Dst::Internet(range) => as_range(*range),
                    };
                    DstPort { ip, ports: *ports }
                })
                .collect();
            dst_ports.sort_by(|a, b| a.ip.cmp(&b.ip));
            FilterRule {
                src_ips: texts(*source),
                dst_ports,
                ip_proto: protocol.iter().copied().collect(),
                cap_grant: Vec::new(),
            }
        }
        NodeRule::Caps { source, grants } => FilterRule {
            src_ips: texts(*source),
            cap_grant: grants
                .iter()
                .map(|(dsts, map)| CapGrant {
                    dsts: dsts.iter().map(|dst| dst.with_length()).collect(),
                    cap_map: CapMap::clone(map),
                })
                .collect(),
            ..FilterRule::default()
        },
    }
}
