//! Who did what, newest first.

use leptos::prelude::*;

use super::when::when;
use crate::ports::audit::Entry;
use crate::site::here::Here;

/// The history of one object, below everything else on its page.
pub fn history(here: &Here, entries: &[Entry]) -> AnyView {
    if entries.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="history" aria-labelledby="history-heading">
            <h2 id="history-heading">"What happened"</h2>
            {list(here, entries, false)}
        </section>
    }
    .into_any()
}

/// `object`: name and link the object too.
pub fn list(here: &Here, entries: &[Entry], object: bool) -> AnyView {
    let rows = entries.iter().map(|entry| row(here, entry, object)).collect_view();
    view! { <ol class="entries">{rows}</ol> }.into_any()
}

fn row(here: &Here, entry: &Entry, object: bool) -> AnyView {
    let about = object.then(|| match &entry.href {
        Some(path) => view! { <a href=here.to(path)>{entry.object.clone()}</a> }.into_any(),
        None => view! { <span>{entry.object.clone()}</span> }.into_any(),
    });
    let change = (entry.before.is_some() || entry.after.is_some()).then(|| {
        let side = |title: &'static str, text: Option<String>| {
            text.map(|text| view! { <div><dt>{title}</dt><dd><pre tabindex="0">{text}</pre></dd></div> })
        };
        view! {
            <details>
                <summary>"Before and after"</summary>
                <dl class="before-after">{side("Before", entry.before.clone())}{side("After", entry.after.clone())}</dl>
            </details>
        }
    });
    view! {
        <li>
            <p><strong>{entry.actor.clone()}</strong>" "{entry.what.clone()}</p>
            <p class="soft">{when(here, entry.at)}{about.map(|about| view! { " · "{about} })}</p>
            {change}
        </li>
    }
    .into_any()
}
