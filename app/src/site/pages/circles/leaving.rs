//! What ends when somebody leaves a circle, or when it goes: said before anything does.

use leptos::prelude::*;
use model::{CircleId, PersonId};

use super::super::param;
use crate::paths;
use crate::ports::circles::{Leaver, LeavingView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head, secondary, section};

pub fn leave() -> AnyView {
    let (id, person) = (param::<CircleId>("id"), param::<PersonId>("person"));
    open(|backend, here| async move {
        let view = backend.circles.plan_leaving(id?, Leaver::One(person?)).await?;
        let who = view.person.as_ref().map(|person| person.name.clone()).unwrap_or_default();
        let title = format!("Take {who} out of {}?", view.name);
        Ok(Page::new(title.clone(), NavSection::Shares, leaving(&here, &view, title)))
    })
}

pub fn end() -> AnyView {
    let id = param::<CircleId>("id");
    open(|backend, here| async move {
        let view = backend.circles.plan_leaving(id?, Leaver::All).await?;
        let title = format!("End the circle {}?", view.name);
        Ok(Page::new(title.clone(), NavSection::Shares, leaving(&here, &view, title)))
    })
}

fn leaving(here: &Here, view: &LeavingView, title: String) -> AnyView {
    let who = view.person.as_ref().map_or("They", |person| person.name.as_str());
    let back = paths::circle(view.id);
    let crumbs = vec![(paths::circles(), "Circles".into()), (back.clone(), view.name.clone())];
    let services = (!view.services.is_empty()).then(|| {
        let no_longer = match (&view.person, view.services.len()) {
            (Some(_), 1) => format!("{who} no longer sees this, unless they have a share of it:"),
            (Some(_), _) => format!("{who} no longer sees these, unless they have a share of them:"),
            (None, _) => "Who is in it no longer sees these by it:".to_owned(),
        };
        let names = view.services.iter().map(|name| view! { <li>{name.clone()}</li> }).collect_view();
        section("services", "No longer shown", view! { <p>{no_longer}</p><ul class="plain">{names}</ul> })
    });
    let besides = |count: u32, what: &str| {
        (count > 0).then(|| view! { <p class="soft">{format!("And {count} more {what}.")}</p> })
    };
    let offers = (!view.offers.is_empty()).then(|| {
        let more = besides(view.more_offers, "offers");
        section("offers", "Offers that are withdrawn", view! { {gates(here, &view.offers)}{more} })
    });
    let ending = (!view.ending.is_empty()).then(|| {
        section(
            "ending",
            "Shares that end",
            view! {
                <p>"They were approved by this circle alone, and are not open yet."</p>
                {gates(here, &view.ending)}
            },
        )
    });
    let nothing = (services.is_none() && offers.is_none() && ending.is_none()).then(|| {
        view! { <p class="soft">"Nothing ends by itself: nothing is shown, offered or approved by it alone."</p> }
    });
    let open = view.open.iter().map(|(share, gate)| {
        let id = format!("end-{share}");
        let words = format!("{} on {} for {}", gate.service, gate.node, gate.who);
        view! { <div class="tick"><input type="checkbox" id=id.clone() name="end[]" value=share.to_string() /><label for=id>{words}</label></div> }
    });
    let open = open.collect_view();
    let open = (!view.open.is_empty()).then(|| {
        view! {
            <fieldset class="people">
                <legend>"End these open shares too"</legend>
                <p class="hint">"They came by this circle. What is not ticked goes on until its end."</p>
                {open}
                {besides(view.more_open, "open shares go on; each ends on its own page")}
            </fieldset>
        }
    });
    let (name, button) = match &view.person {
        Some(_) => ("circles/leave", "Take them out"),
        None => ("circles/end", "End the circle"),
    };
    let form = Form::new(here, name).view(
        "form",
        view! {
            {hidden("circle", view.id)}
            {view.person.as_ref().map(|person| hidden("person", person.id))}
            {open}
            <p class="actions">
                <button class="button grave" type="submit">{button}</button>
                {secondary(here, &back, "Leave it as it is")}
            </p>
        },
    );
    view! {
        {head(here, crumbs, title, "Nothing happens before you say so.")}
        {services}
        {offers}
        {ending}
        {nothing}
        {form}
    }
    .into_any()
}
