//! Until when: the choice that an offer, an extension and a wish have in common.

use leptos::prelude::*;
use model::Zone;

use super::field::{Choice, Field, Form, hidden, radios, select};
use crate::site::here::Here;

/// What can be chosen by a word, and how many days that is at least; nothing for what has no end.
const WORDS: [(&str, &str, &str, Option<u32>); 4] = [
    ("evening", "An evening", "Eight hours from now", Some(1)),
    ("weekend", "A weekend", "Three days from now", Some(3)),
    ("month", "A month", "Thirty days from now", Some(30)),
    ("ended", "Until ended", "Until one of you ends it", None),
];

/// The fields `until`, `date` and `zone` of a form. `initial` is one of the values, `date` what stands in its field.
pub fn choices(here: &Here, form: &Form, legend: &str, initial: &str, date: &str) -> AnyView {
    within(here, form, (legend, u32::MAX), initial, date)
}

/// The same for so many days at most: the longest of the words is chosen.
pub fn at_most(here: &Here, form: &Form, legend: &str, days: u32) -> AnyView {
    let longest = WORDS.iter().rev().find(|(_, _, _, least)| least.is_some_and(|least| least <= days));
    within(here, form, (legend, days), longest.map_or("date", |(value, ..)| value), "")
}

fn within(here: &Here, form: &Form, (legend, days): (&str, u32), initial: &str, date: &str) -> AnyView {
    let mut ends: Vec<Choice> = WORDS
        .into_iter()
        .filter(|(_, _, _, least)| least.unwrap_or(u32::MAX) <= days)
        .map(|(value, title, about, _)| Choice {
            value: value.into(),
            title: title.into(),
            about: about.into(),
            more: None,
        })
        .collect();
    // What was typed was typed in the zone of that page. Of a name that is none, nothing comes back.
    let zone: Zone = form.value("zone", here.zone.name()).parse().unwrap_or_else(|_| here.zone.clone());
    let label = format!("Day and hour, in {}", zone.name());
    ends.push(Choice {
        value: "date".into(),
        title: "A day and hour".into(),
        about: String::new(),
        more: Some(Field::new("date", label).kind("datetime-local").initial(date).view(form)),
    });
    view! { {hidden("zone", zone.name())}{radios(form, "until", legend, initial, ends)} }.into_any()
}

/// The same as a closed list, for a form that begins with what was chosen last: `date` can be chosen as it was.
pub fn short(here: &Here, form: &Form, initial: &str, date: &str) -> AnyView {
    let mut ends: Vec<(String, String)> =
        WORDS.into_iter().map(|(value, title, ..)| (value.into(), title.into())).collect();
    if initial == "date" {
        ends.insert(0, ("date".into(), format!("{} again", date.replace('T', ", "))));
    }
    view! {
        {hidden("zone", here.zone.name())}
        {(initial == "date").then(|| hidden("date", date))}
        {select(form, "until", "Until when", initial, ends)}
    }
    .into_any()
}
