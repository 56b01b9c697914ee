use leptos::prelude::*;

use crate::browser;

/// Keeps the page up to date while something is going on by itself. What it turned to is said in the frame.
#[island]
pub fn Live(events: String) -> impl IntoView {
    Effect::new(move |_| browser::follow(&events));
    view! { <span data-follows="" hidden></span> }
}
