use leptos::prelude::*;

use crate::browser;

/// The search field of the directory. Sending the form searches everything; typing sifts what is on the page.
#[island]
pub fn Filter(q: String) -> impl IntoView {
    let (left, set_left) = signal(None::<u32>);
    let type_ = move |event| {
        let words = event_target_value(&event);
        set_left.set(Some(browser::filter("notice", &words)));
    };
    view! {
        <input id="directory-q" type="search" name="q" value=q placeholder="minecraft, ana, maple …" maxlength="80" on:input=type_ />
        <span class="sr" role="status">
            {move || left.get().map(|left| format!("{left} on this page")).unwrap_or_default()}
        </span>
    }
}
