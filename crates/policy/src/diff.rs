//! What changes between two policies: gained and lost reach, told in people.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde::Serialize;

use crate::reach::atlas::{Cuts, Origin, Spot};
use crate::reach::survey::{Passage, Survey, Teller};
use crate::reach::{Engine, Entry, Who, grouped, join_ranges, told};

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
    if old.cuts == new.cuts && old.services == new.services {
        return Diff { gained: beyond(old, new), lost: beyond(new, old) };
    }
    let cuts: Cuts = old.cuts.union(&new.cuts).copied().collect();
    let services: BTreeSet<String> = old.services.iter().chain(&new.services).cloned().collect();
    let services: Vec<String> = services.into_iter().collect();
    let (old, new) = (old.cut_at(&cuts, &services), new.cut_at(&cuts, &services));
    Diff { gained: beyond(&old, &new), lost: beyond(&new, &old) }
}

/// What `new` allows and `old` does not.
fn beyond(old: &Engine, new: &Engine) -> Vec<Entry> {
    let counterpart = Counterpart::of(old, new);
    let (mut before, mut after) = (Survey::of(old), Survey::of(new));
    let mut teller = Teller::of(new, None, None);
    // Both passages are kept, so that their addresses stay theirs.
    let mut known: HashMap<(usize, usize), [Rc<Passage>; 3]> = HashMap::new();
    let mut all = Vec::new();
    for (who, origins) in new.everybody() {
        // What is alike in one engine may differ in the other.
        let groups = grouped(origins, |origin| {
            let then = counterpart.of_origin(origin).map(|origin| old.source_kind(origin));
            new.source_kind(origin).map(|kind| (kind, then))
        });
        for node in new.nodes_before(origins).iter() {
            let spots = new.numbered_spots(node);
            all.extend(told(new, &mut teller, (who, &groups), (node, &spots), |origin, at, spot| {
                let now = after.passage(origin, at, spot);
                let Some((origin, (at, spot))) = counterpart.of_origin(origin).zip(counterpart.of_spot(at))
                else {
                    return now;
                };
                if now.is_empty() {
                    return now;
                }
                let then = before.passage(origin, *at, spot);
                let key = (Rc::as_ptr(&now).addr(), Rc::as_ptr(&then).addr());
                let more = known.entry(key).or_insert_with(|| {
                    let more = Rc::new(now.beyond(&then));
                    [now, then, more]
                });
                Rc::clone(&more[2])
            }));
        }
    }
    join_ranges(all)
}

/// Finds sources and places of one engine in another, whose network may differ.
struct Counterpart {
    origins: HashMap<Origin, Origin>,
    /// By index of the spot in the new engine.
    spots: Vec<Option<(usize, Spot)>>,
}

impl Counterpart {
    fn of(old: &Engine, new: &Engine) -> Self {
        let node = |index: usize| old.place_named(new.place_name(index)?);
        let origin = |origin: &Origin| match origin {
            Origin::Range(range) => Some(Origin::Range(*range)),
            Origin::Node(index) => node(*index).map(Origin::Node),
            Origin::Somebody(number) => {
                let name = new.somebody.get(*number)?;
                old.somebody.iter().position(|known| known == name).map(Origin::Somebody)
            }
            Origin::Unseen(user) => {
                let same = old.origins_of(&new.person(*user));
                same.into_iter().find(|origin| matches!(origin, Origin::Unseen(_)))
            }
        };
        let known: HashMap<Spot, usize> =
            old.atlas.spots.iter().enumerate().map(|(at, spot)| (*spot, at)).collect();
        let spot = |spot: &Spot| {
            let spot = Spot { node: node(spot.node)?, ..*spot };
            known.get(&spot).map(|at| (*at, spot))
        };
        Self {
            origins: new.atlas.origins.iter().filter_map(|new| Some((new.clone(), origin(new)?))).collect(),
            spots: new.atlas.spots.iter().map(spot).collect(),
        }
    }

    fn of_origin(&self, origin: &Origin) -> Option<&Origin> {
        self.origins.get(origin)
    }

    fn of_spot(&self, at: usize) -> Option<&(usize, Spot)> {
        self.spots.get(at)?.as_ref()
    }
}
