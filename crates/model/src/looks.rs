//! What looks at a thing that changes tell of a stretch of time: what it was like when, and when nobody looked.

use crate::Timestamp;

/// The same was found at each look from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// The first look that found it.
    pub first: Timestamp,
    /// The last one.
    pub last: Timestamp,
}

/// A part of the time that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// It was as these looks say.
    Seen {
        /// Which of the looks, by its place.
        at: usize,
        /// From here.
        from: Timestamp,
        /// To here.
        to: Timestamp,
    },
    /// Nobody looked, so nothing can be said.
    Unseen {
        /// From here.
        from: Timestamp,
        /// To here.
        to: Timestamp,
    },
}

/// What `looks`, oldest first, tell of the time from `from` to `to`. Two looks that are no further apart than `patience`
/// cover what lies between them: it was as the first of them says, until the second. What is behind the last look or before
/// the first one is covered by nothing, but for that patience. The stretches follow each other without a hole.
pub fn stretches(
    looks: &[Looks],
    (from, to): (Timestamp, Timestamp),
    patience: std::time::Duration,
) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut at = from;
    let unseen = |all: &mut Vec<Stretch>, from: Timestamp, to: Timestamp| {
        if from < to {
            all.push(Stretch::Unseen { from, to });
        }
    };
    for (place, look) in looks.iter().enumerate() {
        let next = looks.get(place + 1).map_or(to, |next| next.first);
        let end = if next <= look.last.plus(patience) { next.max(look.first) } else { look.last };
        let (begin, end) = (look.first.max(at), end.min(to));
        if begin > end || look.first > to || end < at {
            continue;
        }
        unseen(&mut all, at, begin);
        // A single look is a moment; one at the very edge of what was asked says nothing about it.
        if begin < end || (look.first == look.last && begin == look.first) {
            all.push(Stretch::Seen { at: place, from: begin, to: end });
        }
        at = at.max(end);
    }
    unseen(&mut all, at, to);
    all
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Stretch::{Seen, Unseen};
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn told(looks: &[(i64, i64)], from: i64, to: i64) -> Vec<Stretch> {
        let looks: Vec<Looks> =
            looks.iter().map(|(first, last)| Looks { first: at(*first), last: at(*last) }).collect();
        stretches(&looks, (at(from), at(to)), PATIENCE)
    }

    fn seen(place: usize, from: i64, to: i64) -> Stretch {
        Seen { at: place, from: at(from), to: at(to) }
    }

    fn unseen(from: i64, to: i64) -> Stretch {
        Unseen { from: at(from), to: at(to) }
    }

    #[test]
    fn looks_cover_what_lies_between_them_and_nothing_else() {
        assert_eq!(told(&[], 0, 100), [unseen(0, 100)]);
        assert_eq!(told(&[(0, 100)], 20, 80), [seen(0, 20, 80)]);
        assert_eq!(told(&[(30, 60)], 0, 100), [unseen(0, 30), seen(0, 30, 60), unseen(60, 100)]);
        assert_eq!(
            told(&[(30, 95)], 0, 100),
            [unseen(0, 30), seen(0, 30, 100)],
            "the next look is not due yet"
        );
        // A change between two looks: as before until the look that found it.
        assert_eq!(told(&[(0, 40), (50, 100)], 0, 100), [seen(0, 0, 50), seen(1, 50, 100)]);
        // Nobody looked for longer than anybody waits for a look.
        assert_eq!(told(&[(0, 40), (60, 100)], 0, 100), [seen(0, 0, 40), unseen(40, 60), seen(1, 60, 100)]);
        assert_eq!(told(&[(50, 50)], 0, 100), [unseen(0, 50), seen(0, 50, 50), unseen(50, 100)]);
        assert_eq!(told(&[(0, 10), (200, 300)], 50, 100), [unseen(50, 100)], "neither is of that time");
    }

    #[test]
    fn stretches_follow_each_other_without_a_hole() {
        for first in [-5, 0, 7, 99, 100, 120] {
            for length in [0, 3, 50, 400] {
                for gap in [1, 10, 11, 60] {
                    let second = first + length + gap;
                    let told = told(&[(first, first + length), (second, second + 5)], 0, 100);
                    let mut at = at(0);
                    for stretch in &told {
                        let (Seen { from, to, .. } | Unseen { from, to }) = *stretch;
                        assert!(from == at && to >= from, "{first} {length} {gap}: {told:?}");
                        at = to;
                    }
                    assert_eq!(at, self::at(100), "{first} {length} {gap}: {told:?}");
                }
            }
        }
    }
}
