//! Who did what, newest first.

use leptos::prelude::*;

use super::code::code;
use super::diff::diff;
use super::head::section;
use super::reach;
use super::when::{in_text, when};
use crate::paths;
use crate::ports::audit::{Entry, PolicyChange};
use crate::ports::shares::{DiffKind, ReachLine};
use crate::site::here::Here;

/// Characters of a text that stand in a list; all of it stands on the page of the entry.
const IN_LIST: usize = 120;

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
    let whole = here.to(&paths::audit_entry(entry.id));
    // A list of entries has several such links: whoever only hears them is told what each is.
    let of_what = format!(": {}, {}", in_text(&here.zone, &entry.what), here.zone.to_minutes(entry.at));
    let more = |words: &'static str| {
        view! { <a href=whole.clone()>{words}<span class="sr">{of_what.clone()}</span></a> }.into_any()
    };
    let policy = entry.policy.as_ref().map(|change| {
        view! { <p class="small">{in_short(change)}" "{more("The difference")}</p> }
    });
    let change = (entry.policy.is_none() && (entry.before.is_some() || entry.after.is_some())).then(|| {
        let side = |title: &'static str, text: &Option<String>| {
            text.as_deref()
                .map(|text| cut(&on_record(here, text)))
                .map(|text| view! { <div><dt>{title}</dt><dd>{code(title, text)}</dd></div> })
        };
        let longer =
            [&entry.before, &entry.after].into_iter().flatten().any(|text| text.chars().count() > IN_LIST);
        let longer = longer.then(|| view! { <p class="small">{more("All of it")}</p> });
        view! {
            <details>
                <summary>"Before and after"</summary>
                <dl class="before-after">{side("Before", &entry.before)}{side("After", &entry.after)}</dl>
                {longer}
            </details>
        }
    });
    view! {
        <li>
            <p><strong>{entry.actor.clone()}</strong>" "{in_text(&here.zone, &entry.what)}</p>
            <p class="soft">{when(here, entry.at)}{about.map(|about| view! { " · "{about} })}</p>
            {policy}
            {change}
        </li>
    }
    .into_any()
}

/// A text of before or after: a sentence has times in it, a file stays as it is.
fn on_record(here: &Here, text: &str) -> String {
    if text.contains('\n') { text.to_owned() } else { in_text(&here.zone, text) }
}

/// The beginning of a text that is long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(IN_LIST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// How much a write of the policy changed.
fn in_short(change: &PolicyChange) -> String {
    let lines = |kind| change.diff.iter().filter(|line| line.kind == kind).count();
    let people = |lines: &[ReachLine], more: usize| {
        let mut names: Vec<&str> = lines.iter().map(|line| line.who.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        (names.len(), more > 0)
    };
    let told = |(count, more): (usize, bool), verb: &str| match (count, more) {
        (0, _) => format!("nobody {verb}s reach"),
        (1, false) => format!("1 {verb}s reach"),
        (count, false) => format!("{count} {verb} reach"),
        (count, true) => format!("{count} or more {verb} reach"),
    };
    let least = if change.more_lines > 0 { "at least " } else { "" };
    format!(
        "Lines added: {least}{}, taken out: {least}{}; {}, {}.",
        lines(DiffKind::Added),
        lines(DiffKind::Removed),
        told(people(&change.gained, change.more_gained), "gain"),
        told(people(&change.lost, change.more_lost), "lose"),
    )
}

/// All that is kept of a write of the policy.
pub fn policy(change: &PolicyChange) -> AnyView {
    let part = |class: &'static str, title: &'static str, lines: &[ReachLine], more: usize| {
        let more = (more > 0).then(|| view! { <p class="soft">{format!("And {more} more.")}</p> });
        (!lines.is_empty()).then(|| view! { <h3>{title}</h3>{reach::list(class, lines, "")}{more} })
    };
    let nobody = (change.gained.is_empty() && change.lost.is_empty())
        .then(|| view! { <p>"It is not written down that anybody gained or lost reach."</p> });
    let more = (change.more_lines > 0)
        .then(|| view! { <p class="soft">{format!("And {} lines more, which were not kept.", change.more_lines)}</p> });
    view! {
        {section("people", "People", view! {
            {part("gains", "Who gained reach", &change.gained, change.more_gained)}
            {part("loses", "Who lost reach", &change.lost, change.more_lost)}
            {nobody}
        })}
        {section("change", "Policy", view! { {diff("The change of the policy", &change.diff)}{more} })}
    }
    .into_any()
}

/// Both texts of an entry, whole.
pub fn before_and_after(here: &Here, entry: &Entry) -> AnyView {
    let side = |id: &'static str, title: &'static str, text: &Option<String>| {
        text.as_deref().map(|text| on_record(here, text)).map(|text| section(id, title, code(title, text)))
    };
    let nothing = (entry.before.is_none() && entry.after.is_none())
        .then(|| view! { <p class="soft">"Nothing is written down of what was before or after."</p> });
    view! { {side("before", "Before", &entry.before)}{side("after", "After", &entry.after)}{nothing} }
        .into_any()
}
