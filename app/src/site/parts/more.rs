//! The way to the next page of a list.

use leptos::prelude::*;

use crate::paths;
use crate::site::here::Here;

/// A link to this page with the list going on from `next`, which is sent as `name`; `at` is the list's heading.
pub fn more(
    here: &Here,
    name: &'static str,
    at: &'static str,
    next: Option<&String>,
    words: &'static str,
) -> Option<AnyView> {
    let fragment = if at.is_empty() { String::new() } else { format!("#{at}") };
    next.map(|next| {
        let href = format!("{}{fragment}", here.to(&paths::with(&here.path, name, next)));
        view! { <p class="more"><a class="button" href=href rel="next">{words}</a></p> }.into_any()
    })
}
