//! A set of addresses as sorted ranges.

use std::net::IpAddr;

use super::IpRange;

/// Addresses of both families as sorted ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IpSet {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

/// The two arithmetic steps that merging and cutting of ranges need.
trait Step: Copy + Ord {
    fn after(self) -> Option<Self>;
    fn before(self) -> Option<Self>;
}

impl Step for u32 {
    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Step for u128 {
    fn after(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn before(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

fn merge<T: Step>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
    for &(first, last) in ranges.iter() {
        match merged.last_mut() {
            Some(top) if top.1.after().is_none_or(|next| first <= next) => top.1 = top.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    *ranges = merged;
}

fn cut<T: Step>(from: &[(T, T)], what: &[(T, T)]) -> Vec<(T, T)> {
    let mut rest = Vec::with_capacity(from.len());
    let mut holes = what.iter().copied().peekable();
    for &(mut first, last) in from {
        while holes.peek().is_some_and(|hole| hole.1 < first) {
            holes.next();
        }
        let mut open = true;
        let mut ahead = holes.clone();
        while let Some(hole) = ahead.next_if(|hole| hole.0 <= last) {
            if let Some(end) = hole.0.before().filter(|end| first <= *end) {
                rest.push((first, end));
            }
            if let Some(next) = hole.1.after().filter(|next| *next <= last) {
                first = next;
            } else {
                open = false;
                break;
            }
        }
        if open {
            rest.push((first, last));
        }
    }
    rest
}

fn common<T: Step>(a: &[(T, T)], b: &[(T, T)]) -> Vec<(T, T)> {
    let (mut x, mut y) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    let mut both = Vec::new();
    while let (Some(&left), Some(&right)) = (x.peek(), y.peek()) {
        let (first, last) = (left.0.max(right.0), left.1.min(right.1));
        if first <= last {
            both.push((first, last));
        }
        if left.1 < right.1 {
            x.next();
        } else {
            y.next();
        }
    }
    both
}

/// The only range that may overlap `first..=last` from the left, or lies in it, decides each question.
fn meets<T: Step>(ranges: &[(T, T)], first: T, last: T) -> bool {
    let at = ranges.partition_point(|range| range.1 < first);
    ranges.get(at).is_some_and(|range| range.0 <= last)
}

fn holds<T: Step>(ranges: &[(T, T)], first: T, last: T) -> bool {
    let at = ranges.partition_point(|range| range.1 < first);
    ranges.get(at).is_some_and(|range| range.0 <= first && last <= range.1)
}

impl IpSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { v4: Vec::new(), v6: Vec::new() }
    }

    /// Every address of both families.
    pub fn everything() -> Self {
        [IpRange::ALL_V4, IpRange::ALL_V6].into_iter().collect()
    }

    /// Adds a range. For many ranges collect them instead, which sorts once.
    pub fn insert(&mut self, range: IpRange) {
        self.extend([range]);
    }

    /// Whether no address is in the set.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether an address is in the set.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.covers(IpRange::single(address))
    }

    /// Whether a range shares an address with the set.
    pub fn overlaps(&self, range: IpRange) -> bool {
        match range {
            IpRange::V4(first, last) => meets(&self.v4, first, last),
            IpRange::V6(first, last) => meets(&self.v6, first, last),
        }
    }

    /// Whether all of a range is in the set.
    pub fn covers(&self, range: IpRange) -> bool {
        match range {
            IpRange::V4(first, last) => holds(&self.v4, first, last),
            IpRange::V6(first, last) => holds(&self.v6, first, last),
        }
    }

    /// Whether all of `other` is in the set.
    pub fn is_superset(&self, other: &Self) -> bool {
        other.ranges().all(|range| self.covers(range))
    }

    /// Whether the two share an address.
    pub fn intersects(&self, other: &Self) -> bool {
        other.ranges().any(|range| self.overlaps(range))
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.ranges().chain(other.ranges()).collect()
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: common(&self.v4, &other.v4), v6: common(&self.v6, &other.v6) }
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: cut(&self.v4, &other.v4), v6: cut(&self.v6, &other.v6) }
    }

    /// The fewest prefixes that make up the set, as Headscale writes it.
    ///
    /// ```
    /// use policy::set::{IpRange, IpSet};
    /// let texts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
    /// let set: IpSet = texts.into_iter().flat_map(str::parse::<IpRange>).collect();
    /// let prefixes: Vec<String> = set.prefixes().iter().map(ToString::to_string).collect();
    /// assert_eq!(prefixes, ["10.0.0.1", "10.0.0.2/31"]);
    /// ```
    pub fn prefixes(&self) -> Vec<IpRange> {
        self.ranges().flat_map(IpRange::prefixes).collect()
    }

    /// The ranges, IPv4 first, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = IpRange> + '_ {
        let v4 = self.v4.iter().map(|&(first, last)| IpRange::V4(first, last));
        v4.chain(self.v6.iter().map(|&(first, last)| IpRange::V6(first, last)))
    }
}

impl Extend<IpRange> for IpSet {
    fn extend<I: IntoIterator<Item = IpRange>>(&mut self, ranges: I) {
        for range in ranges {
            match range {
                IpRange::V4(first, last) => self.v4.push((first, last)),
                IpRange::V6(first, last) => self.v6.push((first, last)),
            }
        }
        merge(&mut self.v4);
        merge(&mut self.v6);
    }
}

impl FromIterator<IpRange> for IpSet {
    fn from_iter<I: IntoIterator<Item = IpRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        set.extend(ranges);
        set
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn sets() -> impl Strategy<Value = IpSet> {
        proptest::collection::vec((0u32..60, 0u32..12), 0..8).prop_map(|pairs| {
            pairs.into_iter().map(|(first, more)| IpRange::V4(first, first + more)).collect()
        })
    }

    proptest! {
        #[test]
        fn range_sets_answer_as_address_by_address(a in sets(), b in sets(), first in 0u32..80, more in 0u32..12) {
            let has = |set: &IpSet, n: u32| set.contains(Ipv4Addr::from_bits(n).into());
            let (or, and, minus) = (a.union(&b), a.intersection(&b), a.difference(&b));
            for n in 0..100 {
                prop_assert_eq!(has(&or, n), has(&a, n) || has(&b, n));
                prop_assert_eq!(has(&and, n), has(&a, n) && has(&b, n));
                prop_assert_eq!(has(&minus, n), has(&a, n) && !has(&b, n));
            }
            let range = IpRange::V4(first, first + more);
            prop_assert_eq!(a.overlaps(range), (first..=first + more).any(|n| has(&a, n)));
            prop_assert_eq!(a.covers(range), (first..=first + more).all(|n| has(&a, n)));
            prop_assert_eq!(minus.union(&and), a);
        }
    }

    #[test]
    fn the_ends_of_the_number_space_do_not_overflow() {
        let all = IpSet::everything();
        let none = all.difference(&all);
        assert!(none.is_empty());
        assert_eq!(none.union(&all), all);
        let rest = all.difference(
            &"::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".parse::<IpRange>().into_iter().collect(),
        );
        assert_eq!(rest.ranges().map(|r| r.to_string()).collect::<Vec<_>>(), ["0.0.0.0/0", "::"]);
    }
}
