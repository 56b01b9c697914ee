//! The host firewall of a node: its kind, the text, why each line is there.

use leptos::prelude::*;
use model::NodeId;

use super::{hosts, param, query, revisions};
use crate::paths;
use crate::ports::firewall::{BackendOption, FirewallView};
use crate::ports::hosts::HostView;
use crate::ports::revisions::RevisionList;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, section, sentences};
use crate::site::parts::icon::{self, icon};
use crate::site::parts::snippet;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<NodeId>("node");
    let kind = Some(query("kind")).filter(|kind| !kind.is_empty());
    open(|backend, here| async move {
        let id = id?;
        let view = backend.firewall.look(id, kind.clone()).await?;
        let host = backend.hosts.get(id).await?;
        let revisions = backend.revisions.list(id).await?;
        Ok(Page::new(
            format!("Firewall of {}", view.node),
            NavSection::Tailnets,
            firewall(&here, &view, &host, &revisions),
        ))
    })
}

/// Who runs one tailscaled with its defaults need not look it up.
const INTERFACE: &str = "Its name on the host, as `ip link` shows it. Empty: tailscale0, Tailscale’s own. Windows does not need it.";

fn firewall(here: &Here, view: &FirewallView, host: &HostView, all: &RevisionList) -> AnyView {
    let chosen = view.backends.iter().find(|backend| backend.chosen);
    let second = "The second lock: the machine itself lets a friend in on these ports only, and only until the share ends.";
    let lede = if view.revision.is_none() {
        view! { <p>"There is no text yet. "{second}</p> }.into_any()
    } else {
        view! { <p>{format!("Revision {}, made ", view.revision)}{when(here, view.made)}". "{second}</p> }
            .into_any()
    };
    let text = if view.parts.is_empty() {
        empty(
            "Which firewall does it have?",
            "Choose the kind of host above; then the text for it stands here.",
            (),
        )
    } else {
        view! { <h2 class="sr">"The text"</h2>{snippet::parts(here, view, host.token_made.is_some())} }
            .into_any()
    };
    let losers = (!view.losers.is_empty() && !view.parts.is_empty()).then(|| {
        section("losers", "Who loses by the guard", view! { <p>"The policy lets them in; once the guard is in place they reach no more than what is shared with them."</p>{sentences("plain", &view.losers)} })
    });
    let notes =
        (!view.notes.is_empty()).then(|| section("notes", "Good to know", sentences("plain", &view.notes)));
    let policy = (!view.policy.is_empty()).then(|| {
        let lines = view.policy.join("\n");
        section("policy", "The same in the tailnet’s policy", view! { <p>"Only this works everywhere; the text above is the lock behind it."</p>{code("The lines of the policy", lines)} })
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
    let kind = section("kind", "The host", view! { {kind}{others(here, view)} });
    let (first, last) = if chosen.is_some() { (None, Some(kind)) } else { (Some(kind), None) };
    let here_only = chosen.filter(|_| view.looked_at.is_none());
    let standing = here_only.map(|_| hosts::standing(here, &host.standing, host.may_fetch));
    let sections =
        here_only.map(|_| hosts::sections(here, (view.tailnet, view.node_id), host, view.list.as_deref()));
    let looked_at = view.looked_at.as_ref().map(|other| looking(here, view, other));
    let refused = host
        .refused
        .clone()
        .map(|why| view! { <p class="flash fault">{icon(icon::WARN)}<span>{why}</span></p> });
    let crumbs = vec![
        (paths::tailnet(view.tailnet), "Tailnet".into()),
        (paths::node(view.tailnet, view.node_id), view.node.clone()),
    ];
    view! {
        {head_with(here, crumbs, format!("Firewall of {}", view.node), lede, ())}
        {looked_at}
        {refused}
        {first}
        {standing}
        {revisions::earlier(all)}
        {losers}
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

/// What the text would be for the other kinds: looking changes nothing.
fn others(here: &Here, view: &FirewallView) -> AnyView {
    let links = view.backends.iter().filter(|option| !option.chosen).map(|option| {
        let href = here.to(&paths::firewall_look(view.tailnet, view.node_id, &option.id));
        view! { <li><a href=href>{option.label.clone()}</a></li> }
    });
    view! {
        <details>
            <summary>"Look at the text for another kind"</summary>
            <p class="soft">"Looking changes nothing, and makes no revision."</p>
            <ul class="bare">{links.collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// That this is not the text of the machine, and the ways on.
fn looking(here: &Here, view: &FirewallView, other: &BackendOption) -> AnyView {
    let chosen = view.backends.iter().find(|option| option.chosen);
    let stays = match chosen {
        Some(kind) => format!("{} stays as it is: {}.", view.node, kind.label),
        None => format!("No kind was chosen for {} yet.", view.node),
    };
    let back = here.to(&paths::firewall(view.tailnet, view.node_id));
    let form = Form::new(here, "firewall/choose").view(
        "inline",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("node", view.node_id)}
            {hidden("backend", &other.id)}
            {hidden("interface", &view.interface)}
            <button class="button" type="submit">"Use this kind"</button>
        },
    );
    view! {
        <p class="note">{format!("You look at the text for {}. Nothing was changed. {stays} ", other.label)}<a href=back>"Back to its own text"</a></p>
        {form}
    }
    .into_any()
}
