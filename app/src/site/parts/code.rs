//! A text that is read and copied as it stands.

use leptos::prelude::*;

/// Whoever comes to it by keyboard, to scroll it, hears `label` first.
pub fn code(label: impl Into<String>, text: impl Into<String>) -> AnyView {
    as_class("code", label, text)
}

/// The same in the look of a letter.
pub fn letter(label: impl Into<String>, text: impl Into<String>) -> AnyView {
    as_class("letter", label, text)
}

fn as_class(class: &'static str, label: impl Into<String>, text: impl Into<String>) -> AnyView {
    let (label, text) = (label.into(), text.into());
    view! { <pre class=class tabindex="0" role="group" aria-label=label>{text}</pre> }.into_any()
}
