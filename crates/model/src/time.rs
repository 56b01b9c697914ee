//! Points in time, to the microsecond: what both databases keep.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// The text is no RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time; write it like 2026-12-24T22:00:00Z")]
pub struct TimestampError;

impl Timestamp {
    /// How far the clocks of two machines, or of one before and after it was set, may be apart without either being
    /// called wrong.
    pub const SKEW_SECONDS: i64 = 60;

    /// From microseconds since the epoch, as stored.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch, for the store.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by so many seconds (or earlier, if negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// A time of something that happened, as told at `now`. One that lies ahead was written by a clock that was
    /// wrong, and counts as never: otherwise whatever comes after it waits for that day.
    pub fn happened(self, now: Self) -> Option<Self> {
        (self <= now.plus_seconds(Self::SKEW_SECONDS)).then_some(self)
    }

    /// Whether a wait until this time is over at `now`. So is one that is longer than `longest`, the most that is
    /// ever waited for this: a clock that was wrong has set it.
    pub fn is_over(self, now: Self, longest: Duration) -> bool {
        self <= now || self > now.plus(longest).plus_seconds(Self::SKEW_SECONDS)
    }

    /// Later by this much.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The beginning of a day, written like `2026-12-24`, in UTC.
    ///
    /// # Errors
    /// When it is no day.
    pub fn of_date(text: &str) -> Result<Self, TimestampError> {
        let is_date = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_date { format!("{text}T00:00:00Z").parse() } else { Err(TimestampError) }
    }

    fn civil(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// `2026-12-24 22:00 UTC`, for people.
    pub fn to_minutes(self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// `2026-12-24`, in UTC.
    pub fn to_date(self) -> String {
        self.civil().strftime("%Y-%m-%d").to_string()
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_microsecond())).map_err(|_| TimestampError)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.civil().fmt(f)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_in_utc() {
        let time: Timestamp = "2026-12-25T00:00:00.5+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2026-12-24T22:00:00.5Z");
        assert_eq!(time.to_minutes(), "2026-12-24 22:00 UTC");
        assert_eq!(time.seconds(), 1_798_149_600);
        assert!("tomorrow".parse::<Timestamp>().is_err());
        assert_eq!(Timestamp::of_date("2026-12-24").unwrap().to_minutes(), "2026-12-24 00:00 UTC");
        for wrong in ["", "2026-02-30", "24.12.2026", "2026-12-24T", "-026-12-24", "2026-12-2\u{661}"] {
            assert!(Timestamp::of_date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_lies_ahead_has_not_happened_and_no_wait_is_longer_than_its_longest() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let hour = Duration::from_hours(1);
        assert_eq!(now.happened(now), Some(now));
        assert_eq!(now.plus_seconds(-1).happened(now), Some(now.plus_seconds(-1)));
        assert_eq!(
            now.plus_seconds(60).happened(now),
            Some(now.plus_seconds(60)),
            "two clocks of two machines"
        );
        assert_eq!(now.plus_seconds(61).happened(now), None);
        assert!(now.is_over(now, hour) && !now.plus_seconds(1).is_over(now, hour));
        assert!(!now.plus(hour).is_over(now, hour));
        assert!(now.plus(hour).plus_seconds(61).is_over(now, hour), "nobody waits that long");
        assert!(!Timestamp::from_micros(i64::MAX).is_over(now, Duration::MAX), "no overflow");
    }
}
