//! The host firewall of a node: its kind, the text, why each line is there.

use leptos::prelude::*;
use model::NodeId;

use super::{hosts, param, revisions};
use crate::paths;
use crate::ports::firewall::FirewallView;
use crate::ports::hosts::HostView;
use crate::ports::revisions::RevisionList;
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, section, sentences};
use crate::site::parts::snippet;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<NodeId>("node");
    open(|backend, here| async move {
        let id = id?;
        let view = backend.firewall.get(id).await?;
        let host = backend.hosts.get(id).await?;
        let revisions = backend.revisions.list(id).await?;
        Ok(Page::new(
            format!("Firewall of {}", view.node),
            Room::Tailnets,
            firewall(&here, &view, &host, &revisions),
        ))
    })
}

/// Who runs one tailscaled with its defaults need not look it up.
const INTERFACE: &str = "Its name on the host, as `ip link` shows it. Empty: tailscale0, Tailscale’s own. Windows does not need it.";

fn firewall(here: &Here, view: &FirewallView, host: &HostView, all: &RevisionList) -> AnyView {
    let chosen = view.backends.iter().find(|backend| backend.chosen);
    let download = here.to(&paths::firewall_text(view.tailnet, view.node_id));
    let action =
        chosen.map(|_| view! { <a class="button primary" href=download download>"Download the text"</a> });
    let lede = view! { <p>{format!("Revision {}, made ", view.revision)}{when(here, view.made)}". The second lock: the machine itself lets a friend in on these ports only, and only until the share ends."</p> };
    let text = if view.parts.is_empty() {
        empty(
            "Which firewall does it have?",
            "Choose the kind of host above; then the text for it stands here.",
            (),
        )
    } else {
        view! { <h2 class="sr">"The text"</h2>{snippet::parts(view, host.token_made.is_some())} }.into_any()
    };
    let notes =
        (!view.notes.is_empty()).then(|| section("notes", "Good to know", sentences("plain", &view.notes)));
    let policy = (!view.policy.is_empty()).then(|| {
        let code = view.policy.join("\n");
        section("policy", "The same in the tailnet’s policy", view! { <p>"Only this works everywhere; the text above is the lock behind it."</p><pre class="code" tabindex="0">{code}</pre> })
    });
    let covered =
        (!view.gates.is_empty()).then(|| section("gates", "Shares that it covers", gates(here, &view.gates)));
    let form = Form::new(here, "firewall/choose");
    let options = view
        .backends
        .iter()
        .map(|backend| Choice {
            value: backend.id.clone(),
            title: backend.label.clone(),
            about: String::new(),
            more: None,
        })
        .collect();
    let initial = chosen.map(|backend| backend.id.clone()).unwrap_or_default();
    let kind = form.view(
        "form compact",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("node", view.node_id)}
            {radios(&form, "backend", "Kind of host", &initial, options)}
            {Field::new("interface", "Tailnet interface").hint(INTERFACE).initial(view.interface.clone()).max(15).view(&form)}
            <p class="actions"><button class="button" type="submit">"Use this kind"</button></p>
        },
    );
    let kind = section("kind", "The host", kind);
    let (first, last) = if chosen.is_some() { (None, Some(kind)) } else { (Some(kind), None) };
    let standing = chosen.map(|_| hosts::standing(here, &host.standing));
    let sections =
        chosen.map(|_| hosts::sections(here, (view.tailnet, view.node_id), host, view.list.as_deref()));
    let crumbs = vec![
        (paths::tailnet(view.tailnet), "Tailnet".into()),
        (paths::node(view.tailnet, view.node_id), view.node.clone()),
    ];
    view! {
        {head_with(here, crumbs, format!("Firewall of {}", view.node), lede, action)}
        {first}
        {standing}
        {revisions::earlier(all)}
        {text}
        {sections}
        {covered}
        {policy}
        {notes}
        {revisions::list(here, (view.tailnet, view.node_id), all)}
        {last}
    }
    .into_any()
}
