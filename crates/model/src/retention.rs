//! How long what is written down is kept, and what time it is for whoever throws away.

use std::time::Duration;

use crate::Timestamp;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing is dropped because of its age.
    Forever,
    /// What is older may be dropped.
    For(Duration),
}

impl Keep {
    /// Before which time things may be dropped, as of `now`.
    pub fn dropped_before(self, now: Timestamp) -> Option<Timestamp> {
        let Self::For(time) = self else { return None };
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        Some(Timestamp::from_micros(now.micros().saturating_sub(micros)))
    }
}

/// By how much the time by which things are dropped moves on from one round to the next, at most.
pub const STEP: Duration = Duration::from_hours(2);
/// Rounds come once an hour; one that comes sooner than this after another is none.
pub const BETWEEN: Duration = Duration::from_mins(50);

/// The time by which things are dropped: not the clock's, but one that is moved towards it, by [`STEP`] in each round. So a
/// clock that is years ahead for a while makes nothing older than it is, but for an hour or two; one that was set back is
/// followed at once, because it drops less.
pub fn believed(before: Timestamp, now: Timestamp) -> Timestamp {
    now.min(before.plus(STEP))
}

/// Whether a round is due, of which the last was at `last` by the clock of then.
pub fn is_due(last: Timestamp, now: Timestamp) -> bool {
    last.plus(BETWEEN) <= now || last.happened(now).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn a_clock_that_is_years_ahead_for_a_day_makes_things_a_day_older_at_most() {
        let start = Timestamp::from_seconds(1_800_000_000);
        let (mut time, ahead) = (start, start.plus_seconds(3650 * DAY));
        for hour in 1..=24 {
            time = believed(time, ahead.plus_seconds(hour * 3_600));
        }
        assert_eq!(time, start.plus_seconds(2 * DAY));
        // Right again: what it believed too much is taken back.
        assert_eq!(believed(time, start.plus_seconds(DAY)), start.plus_seconds(DAY));
        assert_eq!(believed(start, start.plus_seconds(3_600)), start.plus_seconds(3_600));
    }

    #[test]
    fn a_round_is_due_after_an_hour_and_when_the_last_one_lies_ahead() {
        let now = Timestamp::from_seconds(1_800_000_000);
        assert!(!is_due(now, now) && !is_due(now.plus_seconds(-2_999), now));
        assert!(is_due(now.plus_seconds(-3_000), now) && is_due(now.plus_seconds(DAY), now));
    }

    #[test]
    fn what_is_kept_for_ever_is_never_dropped() {
        let now = Timestamp::from_seconds(1_800_000_000);
        assert_eq!(Keep::Forever.dropped_before(now), None);
        assert_eq!(Keep::For(Duration::from_hours(24)).dropped_before(now), Some(now.plus_seconds(-DAY)));
    }
}
