//! Earlier texts of a machine's firewall: the list on its firewall page, and one of them with what changed since.

use leptos::prelude::*;
use model::{NodeId, Revision, TailnetId};

use super::param;
use crate::paths;
use crate::ports::revisions::{RevisionList, RevisionRow, RevisionView};
use crate::ports::shares::DiffLine;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::diff::diff;
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, secondary, section, sentences};
use crate::site::parts::long;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let (node, number) = (param::<NodeId>("node"), param::<Revision>("revision"));
    open(|backend, here| async move {
        let view = backend.revisions.get(node?, number?).await?;
        let title = format!("Revision {} of {}", view.row.number, view.node);
        Ok(Page::new(title, NavSection::Tailnets, revision(&here, &view)))
    })
}

/// On the firewall page; nothing before the first text.
pub fn list(here: &Here, (tailnet, node): (TailnetId, NodeId), view: &RevisionList) -> AnyView {
    if view.rows.is_empty() {
        return ().into_any();
    }
    let rows = view.rows.iter().map(|row| {
        let href = here.to(&paths::revision(tailnet, node, row.number));
        let current = row.current.then(|| view! { " "<span class="tag">"current"</span> });
        view! { <li><div><p class="title"><a href=href>{format!("Revision {}", row.number)}</a>{current}</p><p>{row.changes.join(" ")}</p><p class="soft">{when(here, row.made)}</p></div></li> }
    });
    let more = view.more.then(|| view! { <p class="soft">"There are older ones than these."</p> });
    section("revisions", "Revisions", view! { <ol class="rows" reversed>{rows.collect_view()}</ol>{more} })
}

/// What an older kind of host may still have in place.
pub fn earlier(view: &RevisionList) -> Option<AnyView> {
    let earlier = view.earlier.as_ref()?;
    Some(view! {
        <div class="note">
            <p>{format!("This host was {} before. If that text was put in place there, take it away first, and put this one in place then:", earlier.label)}</p>
            {code("How it is taken away", earlier.undo.clone())}
        </div>
    }.into_any())
}

fn revision(here: &Here, view: &RevisionView) -> AnyView {
    let RevisionRow { number, made, current, .. } = view.row;
    let firewall = paths::firewall(view.tailnet, view.node_id);
    let crumbs = vec![
        (paths::tailnet(view.tailnet), "Tailnet".into()),
        (paths::node(view.tailnet, view.node_id), view.node.clone()),
        (firewall.clone(), "Firewall".into()),
    ];
    let kind = view.kind.clone().map(|kind| format!(", for {kind}")).unwrap_or_default();
    let lede = view! { <p>"Made "{when(here, made)}{kind}"."</p> };
    let since = if view.since.is_empty() && view.diff.is_empty() {
        view! { <p class="soft">"The current text says the same."</p> }.into_any()
    } else {
        // Nothing is agreed to here; where something is, the whole difference stands.
        let (lines, left) = long::first(&view.diff);
        let lines: Vec<DiffLine> =
            lines.iter().map(|line| DiffLine { text: long::line(&line.text), ..line.clone() }).collect();
        let lines = (!lines.is_empty()).then(|| {
            view! { {diff("From this text to the current one", &lines)}{long::left_out(left)} }
        });
        view! { {sentences("bare", &view.since)}{lines} }.into_any()
    };
    let newer = format!("Since then, up to revision {}", view.newest);
    let since = (!current).then(|| section("since", newer, since));
    let text = (!view.text.is_empty())
        .then(|| section("text", "The text", code("The text", long::text(&view.text))));
    let covered = (!view.gates.is_empty())
        .then(|| section("gates", "Shares that it covered", gates(here, &view.gates)));
    let action = secondary(here, &firewall, "The current text");
    view! {
        {head_with(here, crumbs, format!("Revision {number}"), lede, Some(action))}
        {section("changes", "What it changed", sentences("bare", &view.row.changes))}
        {since}
        {text}
        {covered}
    }
    .into_any()
}
