use leptos::prelude::*;

use crate::browser;

/// Keeps the element `live` of the page up to date while something is going on by itself.
#[island]
pub fn Live(events: String) -> impl IntoView {
    Effect::new(move |_| browser::listen(&events, || browser::renew("live", "data-running")));
    view! { <span hidden></span> }
}
