//! Times as people say them, with the exact time behind.

use leptos::prelude::*;
use model::zone::Local;
use model::{Timestamp, Zone};

use crate::site::here::Here;

/// "3 hours ago", "in 2 days"; the exact time on hover and for machines.
pub fn when(here: &Here, time: Timestamp) -> AnyView {
    view! { <time datetime=time.to_string() title=here.zone.to_minutes(time)>{relative(here.now(), time)}</time> }
        .into_any()
}

/// The date and time in words.
pub fn on(here: &Here, time: Timestamp) -> AnyView {
    view! {
        <time datetime=time.to_string() title=here.zone.to_minutes(time)>{calendar_in(&here.zone, here.now(), time)}</time>
    }
    .into_any()
}

/// The same with how far that is.
pub fn exactly(here: &Here, time: Timestamp) -> AnyView {
    view! {
        {on(here, time)}
        <span class="soft">{format!(" ({})", relative(here.now(), time))}</span>
    }
    .into_any()
}

/// "until Thu 24 Dec, 22:00 UTC+1 (in 2 days)", or "until ended".
pub fn until(here: &Here, end: Option<Timestamp>) -> AnyView {
    match end {
        Some(end) => view! { "until "{exactly(here, end)} }.into_any(),
        None => "until ended".into_any(),
    }
}

/// A text that was written down with times in UTC, such as an entry of the trail, with those of whoever reads it.
pub fn in_text(zone: &Zone, text: &str) -> String {
    // As `Timestamp::to_minutes` writes them: `2026-12-24 22:00 UTC`.
    const END: &str = " UTC";
    let (mut told, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(END) {
        let (before, after) = rest.split_at(at + END.len());
        let from = at.saturating_sub(16);
        let time =
            before.get(from..at).and_then(|time| Zone::default().read(&time.replacen(' ', "T", 1)).ok());
        match time.filter(|time| before.ends_with(&time.to_minutes()) && !after.starts_with(['+', '-'])) {
            Some(time) => told.extend([&before[..from], &zone.to_minutes(time)]),
            None => told.push_str(before),
        }
        rest = after;
    }
    told + rest
}

/// "Thu 24 Dec, 22:00 UTC"; with the year if it is another one than now. For those of whom it is not known where they are.
pub fn calendar(now: Timestamp, time: Timestamp) -> String {
    calendar_in(&Zone::default(), now, time)
}

/// The same as it is read in a zone, with its offset.
pub fn calendar_in(zone: &Zone, now: Timestamp, time: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Local { weekday, day, month, year, clock, offset } = zone.local(time);
    let name = |names: &[&'static str], number: i8| {
        usize::try_from(number - 1).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
    };
    let (weekday, month) = (name(&DAYS, weekday), name(&MONTHS, month));
    let year = if zone.local(now).year == year { String::new() } else { format!(" {year}") };
    format!("{weekday} {day} {month}{year}, {clock} {offset}")
}

pub fn relative(now: Timestamp, time: Timestamp) -> String {
    let seconds = time.seconds() - now.seconds();
    let (count, unit) = match seconds.unsigned_abs() {
        0..45 => return "just now".into(),
        s @ 45..3_570 => (((s + 30) / 60).max(1), "minute"),
        s @ 3_570..129_600 => ((s + 1_800) / 3_600, "hour"),
        s @ 129_600..1_209_600 => ((s + 43_200) / 86_400, "day"),
        s @ 1_209_600..5_184_000 => ((s + 302_400) / 604_800, "week"),
        s @ 5_184_000..63_072_000 => ((s + 1_314_900) / 2_629_800, "month"),
        s => ((s + 15_778_800) / 31_557_600, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if seconds < 0 { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_the_unit_that_people_would_use() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let say = |seconds| relative(now, now.plus_seconds(seconds));
        assert_eq!(say(10), "just now");
        assert_eq!(say(-60), "1 minute ago");
        assert_eq!(say(-3600), "1 hour ago");
        assert_eq!(say(2 * 3600), "in 2 hours");
        assert_eq!(say(-36 * 3600), "2 days ago");
        assert_eq!(say(30 * 86_400), "in 4 weeks");
        assert_eq!(say(-400 * 86_400), "13 months ago");
    }

    #[test]
    fn what_was_written_down_in_utc_is_read_in_the_zone_of_who_reads() {
        let zone: Zone = "Asia/Kolkata".parse().unwrap();
        let text = "moved it from 2026-12-24 22:00 UTC to 2027-01-01 00:00 UTC, and é UTC is no time";
        let told =
            "moved it from 2026-12-25 03:30 UTC+5:30 to 2027-01-01 05:30 UTC+5:30, and é UTC is no time";
        assert_eq!(in_text(&zone, text), told);
        assert_eq!(in_text(&zone, told), told);
        assert_eq!(in_text(&Zone::default(), text), text);
    }

    #[test]
    fn dates_have_a_weekday_and_a_year_only_if_it_is_another() {
        let (now, time): (Timestamp, Timestamp) =
            ("2026-11-23T18:00:00Z".parse().unwrap(), "2026-12-04T22:05:00Z".parse().unwrap());
        assert_eq!(calendar(now, time), "Fri 4 Dec, 22:05 UTC");
        assert_eq!(calendar(now, "2027-01-01T00:00:00Z".parse().unwrap()), "Fri 1 Jan 2027, 00:00 UTC");
    }
}
