//! Who reaches what, and through which line of the policy.

use leptos::prelude::*;

use crate::ports::shares::ReachLine;

/// `nothing` is said where the list is empty.
pub fn list(class: &'static str, lines: &[ReachLine], nothing: &'static str) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="soft">{nothing}</p> }.into_any();
    }
    rows(class, lines, None)
}

/// The same with links to the lines of the policy, whose page is at `policy`.
pub fn linked(class: &'static str, lines: &[ReachLine], policy: &str) -> AnyView {
    rows(class, lines, Some(policy))
}

fn rows(class: &'static str, lines: &[ReachLine], policy: Option<&str>) -> AnyView {
    let rows = lines.iter().map(|line| row(line, policy)).collect_view();
    view! { <ul class=format!("reach {class}")>{rows}</ul> }.into_any()
}

fn row(line: &ReachLine, policy: Option<&str>) -> AnyView {
    let rules = line.rules.iter().cloned().map(|rule| {
        let place =
            rule.line.map_or_else(|| "the default of a file without rules".into(), |n| format!("line {n}"));
        let place = match (policy, rule.line) {
            (Some(policy), Some(line)) => {
                let href = format!("{policy}?line={line}#L{line}");
                view! { <a class="place" href=href>{place}</a> }.into_any()
            }
            _ => view! { <span class="place">{place}</span> }.into_any(),
        };
        view! { <li>{place}" "<code>{rule.text}</code></li> }
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
