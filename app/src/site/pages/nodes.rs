//! A machine: where it is, what it offers, whose gates lead to it.

use leptos::prelude::*;
use model::NodeId;

use super::tailnets::seen;
use super::{after, day, hosts, param};
use crate::islands::Copy;
use crate::paths;
use crate::ports::audit::Filters;
use crate::ports::reach::Question;
use crate::ports::tailnets::{After, NodeView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, primary, secondary, section};
use crate::site::parts::history::history;
use crate::site::parts::listing::board;
use crate::site::parts::more::more;
use crate::site::parts::when::exactly;

pub fn page() -> AnyView {
    let id = param::<NodeId>("node");
    let asked = After { services: after("services"), gates: after("gates"), ..After::default() };
    open(|backend, here| async move {
        let view = backend.tailnets.node_page(id?, asked).await?;
        Ok(Page::new(view.card.name.clone(), NavSection::Tailnets, node(&here, &view)))
    })
}

fn node(here: &Here, view: &NodeView) -> AnyView {
    let card = &view.card;
    let usable = card.gone.is_none() && !card.external;
    let action = usable.then(|| {
        view! {
            {primary(here, &paths::new_service(card.id), "List a service")}
            {(!view.held).then(|| secondary(here, &paths::ask_reach(view.tailnet, &Question { node: card.name.clone(), ..Question::default() }), "Who reaches this?"))}
            {secondary(here, &paths::firewall(view.tailnet, card.id), "Firewall")}
            {(!view.held).then(|| secondary(here, &paths::audit_of(&Filters { machine: card.id.to_string(), ..Filters::default() }), "Audit"))}
        }
    });
    let gone = card.gone.map(|since| {
        view! { <p class="note">"It is no longer in the control plane’s list since "{exactly(here, since)}". It is kept here because its history is."</p> }
    });
    let external = card.external.then(|| view! { <p class="note">"Somebody else shares this machine into the tailnet. Only its owner can offer it."</p> });
    let addresses =
        card.addresses.iter().cloned().map(|text| view! { <li><Copy text /></li> }).collect_view();
    let fact = |title: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <div><dt>{title}</dt><dd>{text}</dd></div> })
    };
    let services = if view.services.is_empty() {
        let list = usable.then(|| primary(here, &paths::new_service(card.id), "List a service"));
        empty(
            "It offers nothing yet",
            "Say what runs here, and on which ports. That alone opens nothing.",
            list,
        )
    } else {
        let next = more(here, "services", "services", view.services.next.as_ref(), "More services");
        view! { {board(here, &view.services.items)}{next} }.into_any()
    };
    let shares = (!view.gates.is_empty()).then(|| {
        let next = more(here, "gates", "gates", view.gates.next.as_ref(), "More gates");
        section("gates", "Gates", view! { {gates(here, &view.gates.items)}{next} })
    });
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    view! {
        {head_with(here, crumbs, card.name.clone(), view! { <p>{card.os.clone()}" · "{seen(here, card)}</p> }, action)}
        {gone}
        {external}
        <dl class="facts">
            <div><dt>"Name in the network"</dt><dd><Copy text=card.dns_name.clone() /></dd></div>
            <div><dt>"Addresses"</dt><dd><ul class="bare">{addresses}</ul></dd></div>
            {fact("Belongs to", card.belongs_to.clone())}
            {fact("Tags", card.tags.join(", "))}
            {fact("Routes", card.routes.join(", "))}
            {hosts::fact(here, &view.host)}
            {fact("Exit node", if card.exit_node { "yes".into() } else { String::new() })}
        </dl>
        {section("services", "Services", services)}
        {shares}
        {(!view.held).then(|| section("day", "On another day", day::of_machine(here, view.tailnet, &card.name)))}
        {history(here, &view.history)}
    }
    .into_any()
}
