//! Which children of an element go on as which ones of its new self. Pure, so that it can be tested without a browser.

/// As what a child is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its tag, with its classes where it has no key; or what kind of text it is.
    pub kind: String,
    /// What nothing else beside it has: its id, where it leads, what it posts to.
    pub key: Option<String>,
}

/// For each of the new ones the place of the old one that it goes on as. Places only rise, so that nothing has to be moved:
/// what is moved loses the focus.
pub fn pairs(old: &[Mark], new: &[Mark]) -> Vec<Option<usize>> {
    let mut next = 0;
    let mut found = Vec::with_capacity(new.len());
    for (at, mark) in new.iter().enumerate() {
        // Nothing is passed over that a later one goes on as. Only what has a key passes over what has none.
        let later = new.get(at + 1..).unwrap_or_default();
        let holds = |one: &Mark| (mark.key.is_none() || one.key.is_some()) && later.contains(one);
        let rest = old.get(next..).unwrap_or_default();
        let ahead = rest.iter().position(|one| one == mark);
        let pair = ahead.filter(|ahead| !rest.iter().take(*ahead).any(holds)).map(|ahead| next + ahead);
        next = pair.map_or(next, |pair| pair + 1);
        found.push(pair);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `p` has no key, `section#invite` has one.
    fn marks(list: &[&str]) -> Vec<Mark> {
        let of = |text: &&str| {
            let (kind, key) = text.split_once('#').map_or((*text, None), |(kind, key)| (kind, Some(key)));
            Mark { kind: kind.to_owned(), key: key.map(ToOwned::to_owned) }
        };
        list.iter().map(of).collect()
    }

    /// What there was, what there will be, and which goes on as which.
    type Case = (&'static [&'static str], &'static [&'static str], &'static [Option<usize>]);

    const CASES: &[Case] = &[
        (&["p", "p"], &["p", "p"], &[Some(0), Some(1)]),
        // Something comes, something goes.
        (&["section#a"], &["section#b", "section#a"], &[None, Some(0)]),
        (&["section#a", "section#b"], &["section#b"], &[Some(1)]),
        (&["p", "a#x"], &["a#x"], &[Some(1)]),
        // A new paragraph takes no place from the list behind it.
        (&["ul", "p"], &["p", "ul", "p"], &[None, Some(0), Some(1)]),
        (&["section#a", "ul"], &["ul"], &[Some(1)]),
        // What is known by a key stays, though a paragraph changed sides.
        (&["p", "details#x"], &["details#x", "p"], &[Some(1), None]),
        (&["a#x"], &["a#y"], &[None]),
        (&[], &["p"], &[None]),
        (&["p"], &[], &[]),
    ];

    #[test]
    fn what_is_there_before_and_after_goes_on() {
        for (old, new, expected) in CASES {
            assert_eq!(pairs(&marks(old), &marks(new)), *expected, "{old:?} {new:?}");
        }
    }

    /// Every list of up to four of these.
    fn lists() -> Vec<Vec<Mark>> {
        let mut all = vec![Vec::new()];
        let mut longest = all.clone();
        for _ in 0..4 {
            let longer = |list: &Vec<&'static str>| {
                ["p", "ul", "a#x", "a#y"].map(|one| [list.as_slice(), &[one]].concat())
            };
            longest = longest.iter().flat_map(longer).collect();
            all.extend(longest.clone());
        }
        all.iter().map(|list| marks(list)).collect()
    }

    #[test]
    fn places_rise() {
        let lists = lists();
        for old in &lists {
            for new in &lists {
                let found = pairs(old, new);
                assert_eq!(found.len(), new.len());
                let places: Vec<usize> = found.iter().copied().flatten().collect();
                assert!(places.windows(2).all(|two| two[0] < two[1]), "{old:?} {new:?}");
                for (place, mark) in found.iter().zip(new) {
                    assert!(place.is_none_or(|place| old[place] == *mark), "{old:?} {new:?}");
                }
            }
        }
    }
}
