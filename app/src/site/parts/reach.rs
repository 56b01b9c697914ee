//! Who reaches what, and through which line of the policy.

use leptos::prelude::*;

use crate::ports::shares::ReachLine;

/// `nothing` is said where the list is empty.
pub fn list(class: &'static str, lines: &[ReachLine], nothing: &'static str) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="soft">{nothing}</p> }.into_any();
    }
    view! { <ul class=format!("reach {class}")>{lines.iter().map(row).collect_view()}</ul> }.into_any()
}

fn row(line: &ReachLine) -> AnyView {
    let rules = line.rules.iter().cloned().map(|rule| {
        let place =
            rule.line.map_or_else(|| "the default of a file without rules".into(), |n| format!("line {n}"));
        view! { <li><span class="place">{place}</span>" "<code>{rule.text}</code></li> }
    });
    let rules = (!line.rules.is_empty()).then(|| view! { <ul class="rules">{rules.collect_view()}</ul> });
    let note = line.note.clone().map(|note| view! { <p class="soft">{note}</p> });
    view! {
        <li>
            <p>
                <strong>{line.who.clone()}</strong>
                <span class="arrow" aria-hidden="true">" → "</span>
                <span class="sr">" reaches "</span>
                <strong>{line.node.clone()}</strong>
                " "
                <span class="what">{line.what.clone()}</span>
            </p>
            {rules}
            {note}
        </li>
    }
    .into_any()
}
