//! Times as people say them, with the exact time behind.

use leptos::prelude::*;
use model::Timestamp;

use crate::site::here::Here;

/// "3 hours ago", "in 2 days"; the exact time on hover and for machines.
pub fn when(here: &Here, time: Timestamp) -> AnyView {
    view! { <time datetime=time.to_string() title=time.to_minutes()>{relative(here.now(), time)}</time> }
        .into_any()
}

/// The date and time in words, with how far that is.
pub fn exactly(here: &Here, time: Timestamp) -> AnyView {
    view! {
        <time datetime=time.to_string() title=time.to_minutes()>{calendar(here.now(), time)}</time>
        <span class="soft">{format!(" ({})", relative(here.now(), time))}</span>
    }
    .into_any()
}

/// "until Thu 24 Dec, 22:00 UTC (in 2 days)", or "until ended".
pub fn until(here: &Here, end: Option<Timestamp>) -> AnyView {
    match end {
        Some(end) => view! { "until "{exactly(here, end)} }.into_any(),
        None => "until ended".into_any(),
    }
}

/// "Thu 24 Dec, 22:00 UTC"; with the year if it is another one than now.
pub fn calendar(now: Timestamp, time: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let written = time.to_minutes();
    let mut parts = written.split(['-', ' ']);
    let [Some(year), Some(month), Some(day), Some(clock)] = std::array::from_fn(|_| parts.next()) else {
        return written;
    };
    // The first day of 1970 was a Thursday.
    let weekday = usize::try_from(time.seconds().div_euclid(86_400).rem_euclid(7)).unwrap_or_default();
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month - 1)).unwrap_or(&"");
    let day = day.trim_start_matches('0');
    let year = if now.to_date().starts_with(year) { String::new() } else { format!(" {year}") };
    format!("{} {day} {month}{year}, {clock} UTC", DAYS[weekday])
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
    fn dates_have_a_weekday_and_a_year_only_if_it_is_another() {
        let (now, time): (Timestamp, Timestamp) =
            ("2026-11-23T18:00:00Z".parse().unwrap(), "2026-12-04T22:05:00Z".parse().unwrap());
        assert_eq!(calendar(now, time), "Fri 4 Dec, 22:05 UTC");
        assert_eq!(calendar(now, "2027-01-01T00:00:00Z".parse().unwrap()), "Fri 1 Jan 2027, 00:00 UTC");
    }
}
