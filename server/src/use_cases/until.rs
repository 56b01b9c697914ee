//! Until when something is to be, as a form says it: in words, or as a day and hour in the zone of whoever typed it.

use model::{Timestamp, Zone};

use crate::words;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// The longest that a share may be agreed for by date: what every firewall can hold, and nobody forgets.
const LONGEST: i64 = 5 * 365 * DAY;

/// The end, absent for "until ended"; or the field that is wrong.
pub(super) fn ends(
    until: &str,
    (date, zone): (&str, &str),
    now: Timestamp,
) -> Result<Option<Timestamp>, (&'static str, String)> {
    let in_hours = |hours| Ok(Some(now.plus_seconds(hours * HOUR)));
    match until {
        "evening" => in_hours(8),
        "weekend" => in_hours(3 * 24),
        "month" => in_hours(30 * 24),
        "ended" => Ok(None),
        "date" => {
            let text = date.trim();
            let zone: Zone = zone.parse().map_err(|error| ("date", format!("{error}")))?;
            // What a browser's field for date and time sends, in the zone that the page named; or a full time.
            match text.parse().or_else(|_| zone.read(text)) {
                Err(_) => Err(("date", words::offer::WRITE_THE_DATE.into())),
                Ok(time) if time <= now => Err(("date", words::offer::HAS_PASSED.into())),
                Ok(time) if time > now.plus_seconds(LONGEST) => {
                    Err(("date", words::offer::AT_MOST_FIVE_YEARS.into()))
                }
                Ok(time) => Ok(Some(time)),
            }
        }
        _ => Err(("until", words::offer::CHOOSE_UNTIL_WHEN.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn an_end_lies_ahead_and_within_five_years_in_the_zone_that_was_named() {
        let error = |date: &str| ends("date", (date, ""), NOW).unwrap_err().1;
        assert_eq!(error("yesterday"), "write it like 2026-12-24T22:00");
        assert_eq!(error("2020-01-01T10:00"), "this has passed already");
        assert!(error("2040-01-01T10:00").starts_with("at most five years"));
        let at =
            |zone: &str| ends("date", ("2027-02-01T10:00", zone), NOW).map(|end| end.unwrap().to_string());
        assert_eq!(at("").unwrap(), "2027-02-01T10:00:00Z");
        assert_eq!(at("Asia/Kolkata").unwrap(), "2027-02-01T04:30:00Z");
        assert_eq!(at("America/St_Johns").unwrap(), "2027-02-01T13:30:00Z");
        assert_eq!(at("Mars/Olympus").unwrap_err().0, "date");
        assert_eq!(ends("ended", ("", ""), NOW), Ok(None));
    }
}
