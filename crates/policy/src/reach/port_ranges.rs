//! A set of ports.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::syntax::port::Ports;

/// Ports as sorted ranges that neither overlap nor touch. All of 0 to 65535 is written `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRanges(Vec<(u16, u16)>);

impl PortRanges {
    /// No port.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Every port.
    pub fn all() -> Self {
        Self(vec![(0, u16::MAX)])
    }

    /// One range; empty if `last < first`.
    pub fn range(first: u16, last: u16) -> Self {
        Self(if first <= last { vec![(first, last)] } else { Vec::new() })
    }

    /// Whether no port is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every port is in the set; rules for protocols without ports need that.
    pub fn is_all(&self) -> bool {
        self.0 == [(0, u16::MAX)]
    }

    /// Whether a port is in the set.
    pub fn contains(&self, port: u16) -> bool {
        let at = self.0.partition_point(|range| range.1 < port);
        self.0.get(at).is_some_and(|range| range.0 <= port)
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.0
    }

    /// Adds everything of `other`.
    pub fn union_with(&mut self, other: &Self) {
        if self.is_all() || other.is_empty() {
            return;
        }
        let mut ranges = std::mem::take(&mut self.0);
        ranges.extend_from_slice(&other.0);
        ranges.sort_unstable();
        for (first, last) in ranges {
            match self.0.last_mut() {
                Some(top) if first <= top.1.saturating_add(1) => top.1 = top.1.max(last),
                _ => self.0.push((first, last)),
            }
        }
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        for &(first, last) in &self.0 {
            let mut next = Some(first);
            for &(start, end) in &other.0 {
                let Some(from) = next.filter(|from| *from <= last) else { break };
                if end < from {
                    continue;
                }
                if start > last {
                    break;
                }
                if from < start {
                    rest.push((from, start - 1));
                }
                next = end.checked_add(1);
            }
            if let Some(from) = next.filter(|from| *from <= last) {
                rest.push((from, last));
            }
        }
        Self(rest)
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.difference(&self.difference(other))
    }

    /// Each range as people write it: `22`, `8000-8100`, `*`.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(|&(first, last)| Ports { first, last }.to_string()).collect()
    }
}

impl FromIterator<Ports> for PortRanges {
    fn from_iter<I: IntoIterator<Item = Ports>>(items: I) -> Self {
        let mut set = Self::new();
        for item in items {
            set.union_with(&Self::range(item.first, item.last));
        }
        set
    }
}

impl fmt::Display for PortRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(","))
    }
}

impl Serialize for PortRanges {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.texts().serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sets() -> impl Strategy<Value = PortRanges> {
        let edge = prop_oneof![0u16..40, 65_500u16..=65_535];
        proptest::collection::vec((edge, 0u16..9), 0..6).prop_map(|pairs| {
            pairs.into_iter().map(|(first, more)| Ports { first, last: first.saturating_add(more) }).collect()
        })
    }

    proptest! {
        #[test]
        fn port_sets_answer_as_port_by_port(a in sets(), b in sets()) {
            let mut either = a.clone();
            either.union_with(&b);
            let (minus, both) = (a.difference(&b), a.intersection(&b));
            for port in (0..60).chain(65_490..=65_535) {
                prop_assert_eq!(either.contains(port), a.contains(port) || b.contains(port));
                prop_assert_eq!(minus.contains(port), a.contains(port) && !b.contains(port));
                prop_assert_eq!(both.contains(port), a.contains(port) && b.contains(port));
            }
            let mut again = minus;
            again.union_with(&both);
            prop_assert_eq!(again, a);
        }
    }

    #[test]
    fn all_ports_are_written_as_a_star() {
        assert_eq!(PortRanges::all().to_string(), "*");
        assert_eq!(PortRanges::range(8000, 8100).texts(), ["8000-8100"]);
    }
}
