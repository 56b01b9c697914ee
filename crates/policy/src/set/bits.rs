//! A set of small indexes.

use std::fmt;

/// Node indexes of one [`Network`](crate::Network).
pub type NodeSet = Bits;
/// User indexes of one [`Network`](crate::Network).
pub type UserSet = Bits;

/// A set of small numbers, one bit each; grows as needed. Iterates in ascending order.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits {
    /// The last word is never zero, so that equal sets have equal words.
    words: Vec<u64>,
}

impl Bits {
    /// The empty set.
    pub const fn new() -> Self {
        Self { words: Vec::new() }
    }

    /// Every index below `count`.
    pub fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        if !count.is_multiple_of(64) {
            words.push((1 << (count % 64)) - 1);
        }
        Self { words }
    }

    /// Adds an index; true if it was not there.
    pub fn insert(&mut self, index: usize) -> bool {
        let (word, bit) = (index / 64, 1u64 << (index % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        match self.words.get_mut(word) {
            Some(slot) => {
                let fresh = *slot & bit == 0;
                *slot |= bit;
                fresh
            }
            None => false,
        }
    }

    /// Takes an index out; true if it was there.
    pub fn remove(&mut self, index: usize) -> bool {
        let bit = 1u64 << (index % 64);
        let Some(slot) = self.words.get_mut(index / 64) else { return false };
        let there = *slot & bit != 0;
        *slot &= !bit;
        self.trim();
        there
    }

    /// Whether an index is in the set.
    pub fn contains(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many indexes are in the set.
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many words of memory it takes.
    pub(crate) fn words(&self) -> usize {
        self.words.len()
    }

    /// Adds everything of `other`.
    pub fn union_with(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine |= theirs;
        }
    }

    /// Keeps what is also in `other`.
    pub fn intersect_with(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
        self.trim();
    }

    /// Takes out everything of `other`.
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
        self.trim();
    }

    /// Whether the two share an index.
    pub fn intersects(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    /// Whether everything is also in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words.len() <= other.words.len() && self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    /// The indexes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros() as usize;
                    rest &= rest - 1;
                    at * 64 + bit
                })
            })
        })
    }

    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<I: IntoIterator<Item = usize>>(indexes: I) -> Self {
        let mut set = Self::new();
        set.extend(indexes);
        set
    }
}

impl Extend<usize> for Bits {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, indexes: I) {
        for index in indexes {
            self.insert(index);
        }
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn indexes() -> impl Strategy<Value = BTreeSet<usize>> {
        proptest::collection::btree_set(0usize..200, 0..40)
    }

    proptest! {
        #[test]
        fn bits_do_what_ordered_sets_do(a in indexes(), b in indexes()) {
            let (x, y): (Bits, Bits) = (a.iter().copied().collect(), b.iter().copied().collect());
            let list = |set: &Bits| set.iter().collect::<BTreeSet<_>>();
            let (mut or, mut and, mut minus) = (x.clone(), x.clone(), x.clone());
            or.union_with(&y);
            and.intersect_with(&y);
            minus.subtract(&y);
            prop_assert_eq!(list(&or), a.union(&b).copied().collect());
            prop_assert_eq!(list(&and), a.intersection(&b).copied().collect());
            prop_assert_eq!(list(&minus), a.difference(&b).copied().collect());
            prop_assert_eq!(x.intersects(&y), !a.is_disjoint(&b));
            prop_assert_eq!(x.is_subset(&y), a.is_subset(&b));
            prop_assert_eq!(x.len(), a.len());
            // Equality must not depend on how a set came about.
            minus.union_with(&and);
            prop_assert_eq!(minus, x);
        }
    }

    #[test]
    fn all_has_exactly_the_indexes_below_its_count() {
        for count in [0, 1, 63, 64, 65, 130] {
            assert_eq!(Bits::all(count), (0..count).collect());
        }
    }
}
