//! What runs on a machine: chosen from what people share at home, or said in one's own words.

use leptos::prelude::*;
use model::{NodeId, TailnetId};

use super::{after, param, query};
use crate::paths;
use crate::ports::services::{CatalogueEntry, MachineOption, WhatRunsView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::follow::follow;
use crate::site::parts::head::{head, secondary, section};
use crate::site::parts::icon::{icon, of_kind};
use crate::site::parts::more::more;

pub fn page() -> AnyView {
    let (id, after) = (param::<TailnetId>("id"), after("after"));
    // What is no id names no machine; the page then begins with choosing one.
    let node = query("node").parse::<NodeId>().ok();
    open(move |backend, here| async move {
        let view = backend.services.what_runs(id?, node, after).await?;
        Ok(Page::new("What runs there?", NavSection::Tailnets, what_runs(&here, &view)))
    })
}

fn what_runs(here: &Here, view: &WhatRunsView) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let (title, body) = match &view.machine {
        Some(machine) => (format!("What runs on {}?", machine.name), catalogue(here, view, machine)),
        None => ("What runs there?".to_owned(), machines(here, view)),
    };
    view! {
        {head(here, crumbs, title, "Saying it opens nothing. The ports are filled in, and you can change them.")}
        {body}
    }
    .into_any()
}

fn machines(here: &Here, view: &WhatRunsView) -> AnyView {
    if view.machines.is_empty() {
        return if view.reading {
            view! {
                {empty("The machines are being read", "They are here in a moment.", ())}
                {follow(here, "This page waits for them.")}
            }
            .into_any()
        } else {
            let bring = secondary(here, &paths::new_node(view.tailnet), "Bring a machine in");
            empty("No machine yet", "Bring one in first; then say what it offers.", bring)
        };
    }
    let rows = view.machines.items.iter().map(|machine| {
        let href = here.to(&paths::what_runs_on(view.tailnet, machine.id));
        view! { <li><a href=href>{machine.name.clone()}</a>" "<span class="soft small">{machine.os.clone()}</span></li> }
    });
    section(
        "machines",
        "On which machine?",
        view! {
            <ul class="plain">{rows.collect_view()}</ul>
            {more(here, "after", "machines", view.machines.next.as_ref(), "More machines")}
        },
    )
}

fn catalogue(here: &Here, view: &WhatRunsView, machine: &MachineOption) -> AnyView {
    let entries = view.catalogue.iter().map(|entry| row(here, machine, entry)).collect_view();
    let other = here.to(&paths::new_service(machine.id));
    let another = (view.machines.items.len() > 1).then(|| {
        view! { <p>{secondary(here, &paths::what_runs(view.tailnet), "Another machine")}</p> }
    });
    view! {
        {section("catalogue", "Choose one", view! {
            <ul class="catalogue">
                {entries}
                <li><div><a href=other>"Something else"</a><span class="soft small block">"You fill in the ports yourself."</span></div></li>
            </ul>
        })}
        {another}
    }
    .into_any()
}

fn row(here: &Here, machine: &MachineOption, entry: &CatalogueEntry) -> AnyView {
    let href = here.to(&paths::new_service_from(machine.id, &entry.key));
    view! {
        <li>
            {icon(of_kind(entry.kind))}
            <div><a href=href>{entry.name.clone()}</a><span class="soft small block">{entry.ports.clone()}</span></div>
        </li>
    }
    .into_any()
}
