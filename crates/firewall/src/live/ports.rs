//! The ports that a host's own firewall lets in: sets, because neither their order nor how they are cut says anything.

use std::collections::BTreeSet;
use std::fmt::Display;

use model::Protocol;

use super::compare::Difference;
use crate::{Input, guard};

pub(super) type Ports = BTreeSet<u16>;

/// What the open part of `input` lets in.
pub(super) fn wanted(input: &Input, protocol: Protocol) -> Ports {
    let permits = guard::opened(input).into_iter().filter(|permit| permit.protocol == protocol);
    permits.flat_map(|permit| permit.ranges).flat_map(|range| range.first()..=range.last()).collect()
}

/// One port or a range with `between` its ends. Port 0 and ranges that run backwards are none: the host has them
/// not from us, and the caller shows the rule as it stands.
pub(super) fn range(text: &str, between: char) -> Option<std::ops::RangeInclusive<u16>> {
    let (first, last) = text.split_once(between).unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (0 < first && first <= last).then_some(first..=last)
}

/// Where two sets part, in ranges, each followed by `beside`: protocol, and where.
pub(super) fn differences(wanted: &Ports, found: &Ports, beside: impl Display) -> Vec<Difference> {
    let missing = in_ranges(wanted.difference(found));
    let extra = in_ranges(found.difference(wanted));
    let missing = missing.map(|ports| Difference::Missing { wanted: format!("{ports}{beside}") });
    missing.chain(extra.map(|ports| Difference::Extra { found: format!("{ports}{beside}") })).collect()
}

/// Neighbours as one.
fn in_ranges<'a>(ports: impl Iterator<Item = &'a u16>) -> impl Iterator<Item = String> {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for port in ports {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*port) => *last = *port,
            _ => ranges.push((*port, *port)),
        }
    }
    ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
}
