use leptos::prelude::*;

use crate::browser;

/// Keeps the element `live` of the page up to date while something is going on by itself, and says each new step.
#[island]
pub fn Live(events: String) -> impl IntoView {
    let (step, set_step) = signal(String::new());
    Effect::new(move |_| {
        browser::listen(&events, move || {
            browser::renew("live", "data-running", move |now| set_step.set(now));
        });
    });
    view! { <span class="sr" role="status">{step}</span> }
}
