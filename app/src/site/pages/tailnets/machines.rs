//! The machines of a tailnet, a page at a time, with search and filter in the address.

use leptos::prelude::*;
use model::{NodeFilter, TailnetId};

use super::{counted, nothing_fits};
use crate::paths;
use crate::ports::tailnets::{Asked, NodeCard, Sync, TailnetView};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::head::secondary;
use crate::site::parts::when::when;

pub fn machines(here: &Here, asked: &Asked, view: &TailnetView) -> AnyView {
    if view.nodes.is_empty() && (!asked.q.is_empty() || asked.only.is_some()) {
        return view! { {find_machines(here, asked, view)}{nothing_fits(here, view, "machines", "No machine fits")} }.into_any();
    }
    if view.nodes.is_empty() {
        let bring = secondary(here, &paths::new_node(view.card.id), "Bring a machine in");
        return match view.card.sync {
            Sync::Done { .. } => empty(
                "No machine yet",
                "Bring one in: there is text for its host, a key, and a look-out until it appears.",
                bring,
            ),
            _ => view! { <p class="soft">"None has been read yet."</p>{bring} }.into_any(),
        };
    }
    let rows = view.nodes.items.iter().map(|node| machine(here, view.card.id, node)).collect_view();
    view! {
        {find_machines(here, asked, view)}
        <table class="cards">
            <thead><tr><th scope="col">"Machine"</th><th scope="col">"Belongs to"</th><th scope="col">"Address"</th><th scope="col">"Services"</th><th scope="col">"Seen"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Shown where there is more than one page, or something was looked for.
fn find_machines(here: &Here, asked: &Asked, view: &TailnetView) -> Option<AnyView> {
    let shown = view.nodes.next.is_some()
        || !asked.q.is_empty()
        || asked.only.is_some()
        || asked.after.machines.is_some();
    let action = format!("{}#machines", here.to(&paths::tailnet(view.card.id)));
    let kinds = NodeFilter::ALL.map(|only| {
        view! { <option value=only.as_str() selected={asked.only == Some(only)}>{only.label()}</option> }
    });
    shown.then(|| {
        view! {
            <form class="search" role="search" aria-label="Machines" method="get" action=action>
                <div class="field grow">
                    <label for="machines-q">"Search"</label>
                    <input id="machines-q" type="search" name="q" value=asked.q.clone() placeholder="name, owner, tag, address …" maxlength="80" />
                </div>
                <div class="field">
                    <label for="machines-only">"Which"</label>
                    <select id="machines-only" name="only"><option value="">"All machines"</option>{kinds.into_iter().collect_view()}</select>
                </div>
                <button class="button" type="submit">"Search"</button>
            </form>
        }
        .into_any()
    })
}

fn machine(here: &Here, tailnet: TailnetId, node: &NodeCard) -> AnyView {
    let href = here.to(&paths::node(tailnet, node.id));
    let address = node.addresses.first().cloned().unwrap_or_default();
    let marks = [
        (node.external, "shared in"),
        (node.exit_node, "exit node"),
        (!node.routes.is_empty(), "subnet router"),
    ];
    let marks = marks
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, word)| view! { " "<span class="tag">{word}</span> })
        .collect_view();
    let services = counted(node.services, "service", "services");
    let shares = (node.shares > 0).then(|| format!(", {}", counted(node.shares, "share", "shares")));
    view! {
        <tr class=node.gone.is_some().then_some("gone")>
            <th scope="row"><a href=href>{node.name.clone()}</a>{marks}<span class="soft small block">{node.os.clone()}</span></th>
            <td data-label="Belongs to">{node.belongs_to.clone()}</td>
            <td data-label="Address"><code>{address}</code></td>
            <td data-label="Services">{services}{shares}</td>
            <td data-label="Seen">{seen(here, node)}</td>
        </tr>
    }
    .into_any()
}

/// Online, last seen, or gone from the control plane's list.
pub fn seen(here: &Here, node: &NodeCard) -> AnyView {
    match (node.gone, node.online, node.last_seen) {
        (Some(gone), ..) => {
            view! { <span class="presence gone">"gone since "{when(here, gone)}</span> }.into_any()
        }
        (None, true, _) => view! { <span class="presence on">"online"</span> }.into_any(),
        (None, false, Some(seen)) => {
            view! { <span class="presence off">"seen "{when(here, seen)}</span> }.into_any()
        }
        (None, false, None) => view! { <span class="presence off">"not seen yet"</span> }.into_any(),
    }
}
