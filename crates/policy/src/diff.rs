//! What changes between two policies: gained and lost reach, told in people.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::reach::atlas::{Cuts, Origin, Spot};
use crate::reach::survey::Survey;
use crate::reach::{Engine, Entry, Who, join_ranges, told};

/// Reach that one policy allows and another does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Allowed only by the new policy; the rules are its.
    pub gained: Vec<Entry>,
    /// Allowed only by the old policy; the rules are its.
    pub lost: Vec<Entry>,
}

impl Diff {
    /// Whether reach is the same under both.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }

    /// The entries by person, tag or address: gained, lost.
    pub fn by_who(&self) -> BTreeMap<&Who, (Vec<&Entry>, Vec<&Entry>)> {
        let mut map: BTreeMap<&Who, (Vec<&Entry>, Vec<&Entry>)> = BTreeMap::new();
        self.gained.iter().for_each(|entry| map.entry(&entry.who).or_default().0.push(entry));
        self.lost.iter().for_each(|entry| map.entry(&entry.who).or_default().1.push(entry));
        map
    }
}

/// Compares reach under two policies (or in two networks): by device and address, told by name.
pub fn diff(old: &Engine, new: &Engine) -> Diff {
    if old.cuts == new.cuts {
        return Diff { gained: beyond(old, new), lost: beyond(new, old) };
    }
    let cuts: Cuts = old.cuts.union(&new.cuts).copied().collect();
    let (old, new) = (old.cut_at(&cuts), new.cut_at(&cuts));
    Diff { gained: beyond(&old, &new), lost: beyond(&new, &old) }
}

/// What `new` allows and `old` does not.
fn beyond(old: &Engine, new: &Engine) -> Vec<Entry> {
    let counterpart = Counterpart::of(old, new);
    let (mut before, mut after) = (Survey::of(old), Survey::of(new));
    let targets = new.targets(None);
    let mut all = Vec::new();
    for (who, origins) in new.everybody() {
        for (node, spots) in &targets {
            all.extend(told(new, &who, &origins, *node, spots, None, |origin, at, spot| {
                let now = after.passage(origin, at, spot);
                match counterpart.origin(origin).zip(counterpart.spot(spot)) {
                    Some((origin, (at, spot))) if !now.is_empty() => {
                        now.beyond(&before.passage(&origin, at, &spot))
                    }
                    _ => now,
                }
            }));
        }
    }
    join_ranges(all)
}

/// Finds sources and places of one engine in another, whose network may differ.
struct Counterpart<'a> {
    old: &'a Engine,
    new: &'a Engine,
    spots: HashMap<Spot, usize>,
}

impl<'a> Counterpart<'a> {
    fn of(old: &'a Engine, new: &'a Engine) -> Self {
        Self { old, new, spots: old.atlas.spots.iter().enumerate().map(|(at, spot)| (*spot, at)).collect() }
    }

    fn node(&self, index: usize) -> Option<usize> {
        self.old.network().node_named(&self.new.network().node(index)?.name)
    }

    fn origin(&self, origin: &Origin) -> Option<Origin> {
        match origin {
            Origin::Range(range) => Some(Origin::Range(*range)),
            Origin::Node(index) => self.node(*index).map(Origin::Node),
            Origin::Unseen(user) => {
                let same = self.old.origins_of(&self.new.person(*user));
                same.into_iter().find(|origin| matches!(origin, Origin::Unseen(_)))
            }
        }
    }

    fn spot(&self, spot: &Spot) -> Option<(usize, Spot)> {
        let spot = Spot { node: self.node(spot.node)?, ..*spot };
        self.spots.get(&spot).map(|at| (*at, spot))
    }
}
