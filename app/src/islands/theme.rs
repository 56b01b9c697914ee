use leptos::prelude::*;

use crate::browser;

/// The button of the theme form: light, dark, or as the system has it. `next` is what a press will do.
#[island]
pub fn Theme(next: String, path: String) -> impl IntoView {
    let (next, set_next) = signal(next);
    let press = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let now = next.get_untracked();
        browser::set_theme(Some(now.as_str()).filter(|theme| *theme != "system"), &path);
        set_next.set(
            if now == "system" {
                "dark"
            } else if now == "dark" {
                "light"
            } else {
                "system"
            }
            .into(),
        );
    };
    let says = move || match next.get().as_str() {
        "dark" => "Dark",
        "light" => "Light",
        _ => "As the system",
    };
    view! {
        <button class="quiet" type="submit" name="theme" value=move || next.get() on:click=press title="Colours">
            <span class="theme-icon" aria-hidden="true"></span>
            <span class="sr">"Colours: switch to "</span>
            <span class="theme-word">{says}</span>
        </button>
    }
}
