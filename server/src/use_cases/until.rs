//! Until when something is to be, as a form says it: in words, or as a day and hour in the zone of whoever typed it.

use model::{Timestamp, Zone};

use crate::words;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// The longest that a share may be agreed for by date: what every firewall can hold, and nobody forgets.
const LONGEST: i64 = 5 * 365 * DAY;

/// What can be chosen in words, in hours.
const WORDS: [(&str, i64); 3] = [("evening", 8), ("weekend", 3 * 24), ("month", 30 * 24)];
/// What a form begins with where nothing was chosen before.
const AT_FIRST: &str = "month";

/// What a form begins with after this was chosen: the value, and the day and hour as they are typed in `zone`. A day that has
/// passed cannot be chosen again.
pub(super) fn again(
    made: Timestamp,
    ends: Option<Timestamp>,
    zone: &Zone,
    now: Timestamp,
) -> (&'static str, String) {
    let Some(ends) = ends else { return ("ended", String::new()) };
    let in_words = WORDS.into_iter().find(|(_, hours)| made.plus_seconds(hours * HOUR) == ends);
    match in_words {
        Some((value, _)) => (value, String::new()),
        None if ends > now => ("date", zone.typed(ends)),
        None => at_first(),
    }
}

pub(super) const fn at_first() -> (&'static str, String) {
    (AT_FIRST, String::new())
}

/// The end, absent for "until ended"; or the field that is wrong.
pub(super) fn ends(
    until: &str,
    (date, zone): (&str, &str),
    now: Timestamp,
) -> Result<Option<Timestamp>, (&'static str, String)> {
    if let Some((_, hours)) = WORDS.into_iter().find(|(value, _)| *value == until) {
        return Ok(Some(now.plus_seconds(hours * HOUR)));
    }
    match until {
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

    #[test]
    fn what_was_chosen_last_is_what_the_next_form_begins_with() {
        let zone: Zone = "America/St_Johns".parse().unwrap();
        let later = NOW.plus_seconds(DAY);
        for until in ["evening", "weekend", "month", "ended"] {
            let end = ends(until, ("", ""), NOW).unwrap();
            assert_eq!(again(NOW, end, &zone, later), (until, String::new()));
        }
        // Over a change of clocks: chosen in winter, for a day in summer.
        let typed = "2027-03-20T20:00";
        let end = ends("date", (typed, zone.name()), NOW).unwrap();
        assert_eq!(again(NOW, end, &zone, later), ("date", typed.to_owned()));
        assert_eq!(again(NOW, end, &"Asia/Kolkata".parse().unwrap(), later).1, "2027-03-21T04:00");
        assert_eq!(again(NOW, end, &zone, later.plus_seconds(400 * DAY)), ("month", String::new()));
    }
}
