//! The time zone of whoever reads: times are stored in UTC, and read and typed in theirs.
//!
//! With the feature `zones` all zones of the IANA database are known, as it was when this was built; without it UTC alone.

use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::Timestamp;
use crate::time::TimestampError;

/// The one that is built in, and none that the host may have: what is written down here can be read anywhere.
static KNOWN: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
/// Longer names there are not.
const LONGEST_NAME: usize = 64;

/// A zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// A text names no zone that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this time zone is not known here")]
pub struct ZoneError;

/// What a change of the clocks does to a day and hour that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The clocks go back over it: it comes twice, and the first one is meant.
    Twice,
    /// The clocks go forward over it: there is none, and as much later is meant.
    LeftOut,
}

/// A time as it is read in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// From 1 for Monday to 7 for Sunday.
    pub weekday: i8,
    /// The day of the month, from 1.
    pub day: i8,
    /// From 1.
    pub month: i8,
    /// Of the common era.
    pub year: i16,
    /// `22:05`.
    pub clock: String,
    /// `UTC`, `UTC+5:30`, `UTC-3`.
    pub offset: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".into(), zone: TimeZone::UTC }
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    /// A name such as `Asia/Kolkata`, in capitals or not; empty is UTC.
    fn from_str(name: &str) -> Result<Self, ZoneError> {
        if name.is_empty() || name.eq_ignore_ascii_case("UTC") {
            return Ok(Self::default());
        }
        // What comes from outside is looked up, and nothing else.
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        if name.len() > LONGEST_NAME || !name.chars().all(fine) {
            return Err(ZoneError);
        }
        let zone = KNOWN.get(name).map_err(|_| ZoneError)?;
        // Its name is the one in the database, never the text that came; `Etc/Unknown` is a place that nobody is in.
        let name = zone.iana_name().filter(|_| !zone.is_unknown()).ok_or(ZoneError)?.to_owned();
        Ok(Self { name, zone })
    }
}

impl Zone {
    /// As the database calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names that have these letters in them, the shortest first: for somebody who typed a city. Spaces are underscores there.
    pub fn like(text: &str) -> Vec<String> {
        let text = text.trim().replace(' ', "_").to_ascii_lowercase();
        let fits = |name: &String| !text.is_empty() && name.to_ascii_lowercase().contains(&text);
        let mut names: Vec<_> = KNOWN.available().map(|name| name.to_string()).filter(fits).collect();
        names.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        names
    }

    /// A time as it is read here.
    pub fn local(&self, time: Timestamp) -> Local {
        let here = self.civil(time);
        let seconds = here.offset().seconds();
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        let sign = if seconds < 0 { '-' } else { '+' };
        let offset = match (hours, minutes) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        };
        Local {
            weekday: here.weekday().to_monday_one_offset(),
            day: here.day(),
            month: here.month(),
            year: here.year(),
            clock: here.strftime("%H:%M").to_string(),
            offset,
        }
    }

    /// `2026-12-24 22:00 UTC+1`, for people.
    pub fn to_minutes(&self, time: Timestamp) -> String {
        let Local { offset, .. } = self.local(time);
        format!("{} {offset}", self.civil(time).strftime("%Y-%m-%d %H:%M"))
    }

    /// As the field of a browser for day and hour has it.
    pub fn typed(&self, time: Timestamp) -> String {
        self.civil(time).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// `2026-12-24`, the day that it is here.
    pub fn to_date(&self, time: Timestamp) -> String {
        self.civil(time).strftime("%Y-%m-%d").to_string()
    }

    /// What was typed into such a field here. An hour that comes twice is the first of the two, and one that is left out is
    /// as much later (RFC 5545, section 3.3.5).
    ///
    /// # Errors
    /// When it is no day and hour.
    pub fn read(&self, text: &str) -> Result<Timestamp, TimestampError> {
        self.at(typed(text)?)
    }

    /// Whether a change of the clocks here makes what was typed another time than it seems.
    pub fn oddity(&self, text: &str) -> Option<Oddity> {
        match self.zone.to_ambiguous_timestamp(typed(text).ok()?).offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Fold { .. } => Some(Oddity::Twice),
            AmbiguousOffset::Gap { .. } => Some(Oddity::LeftOut),
        }
    }

    /// A day as it is here, written like `2026-12-24`: when it begins, and when the next one does. It may have an hour more
    /// or less than others.
    ///
    /// # Errors
    /// When it is no day.
    pub fn day(&self, text: &str) -> Result<(Timestamp, Timestamp), TimestampError> {
        // Says what a day looks like.
        Timestamp::of_date(text)?;
        let day: Date = text.parse().map_err(|_| TimestampError)?;
        let next = day.tomorrow().map_err(|_| TimestampError)?;
        Ok((self.at(day.into())?, self.at(next.into())?))
    }

    fn at(&self, here: DateTime) -> Result<Timestamp, TimestampError> {
        let here = here.to_zoned_datetime(self.zone.clone()).map_err(|_| TimestampError)?;
        Ok(Timestamp::from_micros(here.timestamp().as_microsecond()))
    }

    fn civil(&self, time: Timestamp) -> jiff::ZonedDateTime {
        let time = jiff::Timestamp::from_microsecond(time.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        time.to_zoned_datetime(self.zone.clone())
    }
}

/// A day and hour without a word on where: brackets would name another zone, which is not looked at.
fn typed(text: &str) -> Result<DateTime, TimestampError> {
    let text = Some(text.trim()).filter(|text| !text.contains('[')).ok_or(TimestampError)?;
    text.parse().map_err(|_| TimestampError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_in_utc_is_read_in_utc_and_nonsense_is_not_read() {
        let zone = Zone::default();
        let time = zone.read("2026-12-24T22:00").unwrap();
        assert_eq!(time.to_string(), "2026-12-24T22:00:00Z");
        assert_eq!((zone.typed(time).as_str(), zone.name()), ("2026-12-24T22:00", "UTC"));
        assert_eq!(zone.to_minutes(time), time.to_minutes());
        for wrong in ["", "tomorrow", "2026-02-30T10:00", "2026-12-24T22:00[Asia/Kolkata]"] {
            assert!(zone.read(wrong).is_err(), "{wrong}");
        }
        for wrong in ["Mars/Olympus", "../../etc/passwd", "Asia/Kolkata\n", "Etc/Unknown", "<b>"] {
            assert_eq!(wrong.parse::<Zone>(), Err(ZoneError), "{wrong}");
        }
    }

    /// The changes of clocks are those of the IANA database: St. John's goes back on the first Sunday of November at 2:00 and
    /// forward on the second one of March; India has none.
    #[cfg(feature = "zones")]
    #[test]
    fn eight_in_the_evening_is_eight_in_the_evening_there_over_a_change_of_clocks() {
        let (india, newfoundland): (Zone, Zone) =
            ("Asia/Kolkata".parse().unwrap(), "America/St_Johns".parse().unwrap());
        let cases = [
            (&india, "2026-10-31T20:00", "2026-10-31T14:30:00Z", "UTC+5:30"),
            (&india, "2026-11-01T20:00", "2026-11-01T14:30:00Z", "UTC+5:30"),
            (&newfoundland, "2026-10-31T20:00", "2026-10-31T22:30:00Z", "UTC-2:30"),
            (&newfoundland, "2026-11-01T20:00", "2026-11-01T23:30:00Z", "UTC-3:30"),
            (&newfoundland, "2027-03-13T20:00", "2027-03-13T23:30:00Z", "UTC-3:30"),
            (&newfoundland, "2027-03-14T20:00", "2027-03-14T22:30:00Z", "UTC-2:30"),
            // The first of two, and the one that is left out.
            (&newfoundland, "2026-11-01T01:30", "2026-11-01T04:00:00Z", "UTC-2:30"),
        ];
        for (zone, typed, utc, offset) in cases {
            let time = zone.read(typed).unwrap();
            assert_eq!(time.to_string(), utc, "{typed} in {}", zone.name());
            assert_eq!(zone.typed(time), typed, "{}", zone.name());
            assert_eq!(zone.local(time).offset, offset, "{typed}");
        }
        let left_out = newfoundland.read("2027-03-14T02:30").unwrap();
        assert_eq!(newfoundland.typed(left_out), "2027-03-14T03:30");
        assert_eq!(newfoundland.oddity("2027-03-14T02:30"), Some(Oddity::LeftOut));
        assert_eq!(newfoundland.oddity("2026-11-01T01:30"), Some(Oddity::Twice));
        assert_eq!(newfoundland.oddity("2026-11-01T20:00"), None);
        assert_eq!(india.oddity("2027-03-14T02:30"), None);
    }

    #[cfg(feature = "zones")]
    #[test]
    fn a_day_is_as_long_as_it_is_there() {
        let zone: Zone = "America/St_Johns".parse().unwrap();
        let hours = |day: &str| {
            let (begin, end) = zone.day(day).unwrap();
            assert_eq!(zone.to_date(begin), day);
            assert_eq!(zone.to_date(end.plus_seconds(-1)), day);
            (end.seconds() - begin.seconds()) / 3600
        };
        let all = ["2026-10-31", "2026-11-01", "2027-03-14", "2027-07-01"].map(hours);
        assert_eq!(all, [24, 25, 23, 24]);
        assert_eq!(zone.day("2026-07-01").unwrap().0.to_string(), "2026-07-01T02:30:00Z");
        for wrong in ["", "2026-02-30", "24.12.2026", "2026-12-24T00:00", "9999-12-31"] {
            assert!(zone.day(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "zones")]
    #[test]
    fn a_zone_is_called_as_in_the_database_and_found_by_its_city() {
        assert_eq!("asia/KOLKATA".parse::<Zone>().unwrap().name(), "Asia/Kolkata");
        assert_eq!(Zone::like("st johns"), ["America/St_Johns"]);
        assert_eq!(Zone::like("kolk"), ["Asia/Kolkata"]);
        assert_eq!(Zone::like(""), [""; 0]);
        assert_eq!(Zone::like("<b>"), [""; 0]);
    }

    #[cfg(feature = "zones")]
    mod any {
        use proptest::prelude::*;

        use super::*;

        fn zones() -> impl Strategy<Value = Zone> {
            let known = KNOWN.available().map(|name| name.to_string()).filter_map(|name| name.parse().ok());
            prop::sample::select(known.collect::<Vec<Zone>>())
        }

        /// From 1990 to 2060: long enough for zones that changed their rules, and for what is agreed today.
        fn minutes() -> impl Strategy<Value = Timestamp> {
            (10_519_200_i64..47_340_000).prop_map(|minute| Timestamp::from_seconds(minute * 60))
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(2_000))]

            /// What is typed is shown as it was typed if there is such an hour; if it comes twice, the first is meant, and if
            /// there is none, a later one.
            #[test]
            fn what_is_typed_in_a_zone_is_read_back_as_it_was_typed(
                zone in zones(), time in minutes(), moved in -180_i64..180,
            ) {
                // Beside the changes of clocks there are few hours that are odd: half of the cases go there.
                let time = match zone.zone.following(zone.civil(time).timestamp()).next() {
                    Some(change) if moved % 2 == 0 => {
                        Timestamp::from_seconds(change.timestamp().as_second() / 60 * 60 + moved * 60)
                    }
                    _ => time,
                };
                let typed = zone.typed(time);
                let read = zone.read(&typed).unwrap();
                let odd = zone.oddity(&typed);
                prop_assert_eq!(zone.typed(read), typed.clone());
                prop_assert_ne!(odd, Some(Oddity::LeftOut), "{} is an hour that was", typed);
                // To the minute: before there were zones, clocks differed by seconds.
                let early = time.seconds() - read.seconds();
                prop_assert!(if odd.is_none() { early.abs() < 60 } else { early >= 0 }, "{typed}: {early}");
            }

            #[test]
            fn what_may_be_typed_anywhere_is_shown_as_it_was_typed_or_later_where_there_is_no_such_hour(
                zone in zones(), day in 7_305_u32..25_567, hour in 0_u32..24, minute in 0_u32..60,
            ) {
                let date = Timestamp::from_seconds(i64::from(day) * 86_400).to_date();
                let typed = format!("{date}T{hour:02}:{minute:02}");
                let shown = zone.typed(zone.read(&typed).unwrap());
                match zone.oddity(&typed) {
                    Some(Oddity::LeftOut) => prop_assert!(shown > typed, "{typed} became {shown}"),
                    Some(Oddity::Twice) | None => prop_assert_eq!(shown, typed),
                }
            }
        }
    }
}
