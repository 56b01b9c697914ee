//! Who reaches what, and through which line of the policy.

use leptos::prelude::*;

use crate::ports::shares::ReachLine;

/// Rules of one line that are named.
const NUMBERS: usize = 6;

/// `nothing` is said where the list is empty.
pub fn list(class: &'static str, lines: &[ReachLine], nothing: &'static str) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="soft">{nothing}</p> }.into_any();
    }
    let rows = lines.iter().map(|line| row(line, with_text(line))).collect_view();
    view! { <ul class=format!("reach {class}")>{rows}</ul> }.into_any()
}

/// The same with each line's rules as links to their lines of the policy, whose page is at `policy`. The text of a rule
/// that many lines name stands once, beside the list.
pub fn linked(lines: &[ReachLine], policy: &str) -> AnyView {
    let rows = lines.iter().map(|line| row(line, by_number(line, policy))).collect_view();
    view! { <ul class="reach">{rows}</ul> }.into_any()
}

fn with_text(line: &ReachLine) -> Option<AnyView> {
    let rules = line.rules.iter().take(NUMBERS).cloned().map(|rule| {
        let place =
            rule.line.map_or_else(|| "the default of a file without rules".into(), |n| format!("line {n}"));
        view! { <li><span class="place">{place}</span>" "<code>{rule.text}</code></li> }
    });
    let more = more(line).map(|words| view! { <li>{words}</li> });
    (!line.rules.is_empty()).then(|| view! { <ul class="rules">{rules.collect_view()}{more}</ul> }.into_any())
}

fn by_number(line: &ReachLine, policy: &str) -> Option<AnyView> {
    let rules = line.rules.iter().take(NUMBERS).map(|rule| match rule.line {
        Some(line) => {
            let href = format!("{policy}?line={line}#L{line}");
            view! { <a class="place" href=href>{format!("line {line}")}</a>" " }.into_any()
        }
        None => view! { <span class="place">"the default of a file without rules"</span> }.into_any(),
    });
    let more = more(line);
    (!line.rules.is_empty()).then(|| view! { <p class="rules">{rules.collect_view()}{more}</p> }.into_any())
}

/// How many rules of a line are not named.
fn more(line: &ReachLine) -> Option<String> {
    let left = line.rules.len().saturating_sub(NUMBERS);
    (left > 0).then(|| format!("and {left} rules more"))
}

fn row(line: &ReachLine, rules: Option<AnyView>) -> AnyView {
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
