//! Until when: the choice that an offer, an extension and a wish have in common.

use leptos::prelude::*;
use model::Zone;

use super::field::{Choice, Field, Form, hidden, radios, select};
use crate::site::here::Here;

/// The fields `until`, `date` and `zone` of a form. `initial` is one of the values, `date` what stands in its field.
pub fn choices(here: &Here, form: &Form, legend: &str, initial: &str, date: &str) -> AnyView {
    let until = [
        ("evening", "An evening", "Eight hours from now"),
        ("weekend", "A weekend", "Three days from now"),
        ("month", "A month", "Thirty days from now"),
        ("ended", "Until ended", "Until one of you ends it"),
    ];
    let mut ends: Vec<Choice> = until
        .into_iter()
        .map(|(value, title, about)| Choice {
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
    let until =
        [("evening", "An evening"), ("weekend", "A weekend"), ("month", "A month"), ("ended", "Until ended")];
    let mut ends: Vec<(String, String)> =
        until.into_iter().map(|(value, title)| (value.into(), title.into())).collect();
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
