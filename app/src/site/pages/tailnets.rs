//! Tailnets: the list, and one with its machines, people and credentials.

mod machines;
mod users;

use leptos::prelude::*;
use model::{NodeFilter, TailnetId};

use self::machines::machines;
pub use self::machines::seen;
use self::users::users;
use super::credentials::{credential, server};
use super::{after, audited, lenders, param, query, unmanaged};
use crate::fault::Fault;
use crate::paths;
use crate::ports::audit::Filters;
use crate::ports::paging::Paged;
use crate::ports::tailnets::{After, Asked, Sync, TailnetCard, TailnetView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::follow::follow;
use crate::site::parts::gate::gates;
use crate::site::parts::head::{danger, head_with, primary, secondary, section, sentences};
use crate::site::parts::history::history;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::more::more;
use crate::site::parts::when::when;

pub fn list() -> AnyView {
    let (after, held) = (after("after"), after("held"));
    open(|backend, here| async move {
        let view = backend.tailnets.list_page(after).await?;
        let held = lenders::list(&here, &backend.lenders.held().await?, held.as_deref());
        let audited = audited::list(&here, &backend.stewards.audited().await?);
        let body = view! { {tailnets(&here, &view)}{held}{audited} };
        Ok(Page::new("Tailnets", NavSection::Tailnets, body.into_any()))
    })
}

fn tailnets(here: &Here, page: &Paged<TailnetCard>) -> AnyView {
    let list = &page.items;
    let connect = || primary(here, &paths::connect_tailnet(), "Connect a tailnet");
    let body = if list.is_empty() {
        empty(
            "No tailnet yet",
            "Connect yours to see its machines and lend their services. Reading is enough to begin.",
            connect(),
        )
    } else {
        view! { <ul class="tailnets">{list.iter().map(|card| tailnet_card(here, card)).collect_view()}</ul> }
            .into_any()
    };
    let action = (!list.is_empty()).then(connect);
    view! { {head_with(here, vec![], "Tailnets", "Your networks, and what Acequia may do in them.", action)}{body}{more(here, "after", "", page.next.as_ref(), "More tailnets")} }.into_any()
}

fn tailnet_card(here: &Here, card: &TailnetCard) -> AnyView {
    let href = here.to(&paths::tailnet(card.id));
    let trouble = card
        .trouble
        .clone()
        .map(|text| view! { <p class="trouble">{icon(icon::WARN)}<span>{text}</span></p> });
    view! {
        <li class="sheet">
            <h2><a href=href>{card.name.clone()}</a></h2>
            <p class="soft">{card.control_plane.clone()}</p>
            <p>{numbers(card)}</p>
            {trouble}
            <p class="soft small">{synced(here, &card.sync)}</p>
        </li>
    }
    .into_any()
}

fn numbers(card: &TailnetCard) -> String {
    let nodes = counted(card.nodes, "machine", "machines");
    let shares = counted(card.shares, "share", "shares");
    format!("{nodes}, {} online · {shares}", card.online)
}

pub fn counted(count: u32, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

fn synced(here: &Here, sync: &Sync) -> AnyView {
    match sync {
        Sync::Never => "not read yet".into_any(),
        Sync::Running { since } => view! { "being read since "{when(here, *since)} }.into_any(),
        Sync::Done { at } => view! { "read "{when(here, *at)} }.into_any(),
        Sync::Failed { at, why } => {
            view! { <span class="failed">"could not be read "{when(here, *at)}": "{why.clone()}</span> }
                .into_any()
        }
    }
}

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    let asked = Asked {
        q: query("q"),
        only: query("only").parse::<NodeFilter>().ok(),
        users_q: query("users_q"),
        after: After {
            machines: after("machines"),
            gates: after("gates"),
            users: after("users"),
            elsewhere: after("elsewhere"),
            services: None,
        },
    };
    open(|backend, here| async move {
        let id = id?;
        let view = match backend.tailnets.get_page(id, asked.clone()).await {
            Err(Fault::Forbidden) => return audited::page(&backend, &here, id).await,
            Err(Fault::NotFound) => return lenders::of_others(&backend, &here, id).await,
            view => view?,
        };
        Ok(Page::new(view.card.name.clone(), NavSection::Tailnets, tailnet(&here, &asked, &view)))
    })
}

fn tailnet(here: &Here, asked: &Asked, view: &TailnetView) -> AnyView {
    let card = &view.card;
    let running = matches!(card.sync, Sync::Running { .. });
    let sync = Form::new(here, "tailnets/sync").view("inline", view! {
        {hidden("tailnet", card.id)}
        <button class="button primary" type="submit" disabled=running>{if running { "Reading …" } else { "Read it afresh" }}</button>
    });
    let follow = running.then(|| follow(here, "Machines and users are being read."));
    let lede =
        view! { <p>{format!("{} · {} · ", card.control_plane, numbers(card))}{synced(here, &card.sync)}</p> };
    let whose = view
        .server
        .is_some()
        .then(|| view! { {secondary(here, &paths::households(card.id), "Whose machines are whose")}{secondary(here, &paths::lenders(card.id), "Who lends here")} });
    let action = view! { {whose}{secondary(here, &paths::stewards(card.id), "Stewards")}{secondary(here, &paths::reach(card.id), "Who reaches what")}{secondary(here, &paths::policy(card.id), "Policy")}{secondary(here, &paths::audit_of(&Filters { tailnet: card.id.to_string(), ..Filters::default() }), "Audit")}{secondary(here, &paths::what_runs(card.id), "What runs there?")}{secondary(here, &paths::new_node(card.id), "Bring a machine in")}{sync} };
    let notes = view.notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
    let trouble = card
        .trouble
        .clone()
        .map(|text| view! { <p class="flash fault">{icon(icon::WARN)}<span>{text}</span></p> });
    let shares = (!view.gates.is_empty()).then(|| {
        let next = more(here, "gates", "gates", view.gates.next.as_ref(), "More gates");
        section("gates", "Gates", view! { {gates(here, &view.gates.items)}{next} })
    });
    let credentials = view.credentials.iter().map(|one| credential(here, view, one)).collect_view();
    view! {
        {head_with(here, vec![(paths::tailnets(), "Tailnets".into())], card.name.clone(), lede, action)}
        {follow}
        {trouble}
        {notes}
        {section("machines", "Machines", view! { {machines(here, asked, view)}{more(here, "machines", "machines", view.nodes.next.as_ref(), "More machines")} })}
        {shares}
        {unmanaged::list(here, &view.unmanaged)}
        {section("people", "Users of this tailnet", view! { {users(here, asked, view)}{more(here, "users", "people", view.users.next.as_ref(), "More users")} })}
        {section("credentials", "What Acequia may do", view! { <div class="credentials">{credentials}{server(here, view)}</div> })}
        {section("readable", "What is read, and who sees it", sentences("plain", &view.readable))}
        {danger(here, &paths::disconnect_tailnet(card.id), "Disconnect this tailnet")}
        {history(here, &view.history)}
    }
    .into_any()
}

fn nothing_fits(here: &Here, view: &TailnetView, at: &str, title: &'static str) -> AnyView {
    let all = format!("{}#{at}", paths::tailnet(view.card.id));
    empty(title, "None of this tailnet has all of these words.", secondary(here, &all, "Show everything"))
}
