//! The time zone of whoever reads: times are stored in UTC, and read and typed in theirs.
//!
//! With the feature `zones` all zones of the IANA database are known, as it was when this was built; without it UTC alone.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::Timestamp;

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

    /// A name such as `Asia/Kolkata`; empty is UTC.
    fn from_str(name: &str) -> Result<Self, ZoneError> {
        if name.is_empty() || name == "UTC" {
            return Ok(Self::default());
        }
        // What comes from outside is looked up, and nothing else.
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        if name.len() > 64 || !name.chars().all(fine) {
            return Err(ZoneError);
        }
        let zone = TimeZone::get(name).map_err(|_| ZoneError)?;
        Ok(Self { name: name.to_owned(), zone })
    }
}

impl Zone {
    /// As the database calls it.
    pub fn name(&self) -> &str {
        &self.name
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

    /// What was typed into such a field here. An hour that comes twice is the first of the two, and one that is left out is
    /// as much later (RFC 5545, section 3.3.5).
    ///
    /// # Errors
    /// When it is no day and hour.
    pub fn read(&self, text: &str) -> Result<Timestamp, crate::time::TimestampError> {
        let wrong = crate::time::TimestampError;
        let typed: DateTime = text.trim().parse().map_err(|_| wrong)?;
        let here = typed.to_zoned_datetime(self.zone.clone()).map_err(|_| wrong)?;
        Ok(Timestamp::from_micros(here.timestamp().as_microsecond()))
    }

    fn civil(&self, time: Timestamp) -> jiff::ZonedDateTime {
        let time = jiff::Timestamp::from_microsecond(time.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        time.to_zoned_datetime(self.zone.clone())
    }
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
        for wrong in ["", "tomorrow", "2026-02-30T10:00"] {
            assert!(zone.read(wrong).is_err(), "{wrong}");
        }
        for wrong in ["Mars/Olympus", "../../etc/passwd", "Asia/Kolkata\n"] {
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
    }
}
