use std::time::Duration;

use leptos::prelude::*;

use crate::browser;

/// Characters of a text that its button is called by.
const SAID: usize = 40;

/// A text that one will want elsewhere. The button appears where there is a clipboard.
#[island]
pub fn Copy(text: String) -> impl IntoView {
    let (can, set_can) = signal(false);
    let (done, set_done) = signal(false);
    Effect::new(move |_| set_can.set(browser::has_clipboard()));
    let value = text.clone();
    // A page has several: whoever only hears the button is told what it copies.
    let what = text.chars().take(SAID).collect::<String>();
    let press = move |_| {
        browser::copy(&value, move || {
            set_done.set(true);
            set_timeout(move || set_done.set(false), Duration::from_secs(2));
        });
    };
    view! {
        <span class="copy">
            <code>{text}</code>
            <button type="button" hidden=move || !can.get() on:click=press>
                {move || if done.get() { "Copied" } else { "Copy" }}
                <span class="sr">": "<code>{what}</code></span>
            </button>
            <span class="sr" role="status">{move || if done.get() { "Copied" } else { "" }}</span>
        </span>
    }
}
