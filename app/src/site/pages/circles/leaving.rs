//! What ends when somebody leaves a circle, or when it goes: said before anything does.

use leptos::prelude::*;
use model::{CircleId, PersonId, ShareId};

use super::super::param;
use crate::paths;
use crate::ports::circles::{Leaver, LeavingView};
use crate::ports::gate::Gate;
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
    let crumbs = vec![
        (paths::shares(), "Shares".into()),
        (paths::circles(), "Circles".into()),
        (back.clone(), view.name.clone()),
    ];
    // What can be undone, and what cannot.
    let lede = match &view.person {
        Some(_) => {
            "Nothing happens before you say so, and nobody is told of the circle. You can put them in again later; what ends here stays ended."
        }
        None => {
            "Nothing happens before you say so, and nobody is told of the circle. It does not come back, and what ends here stays ended."
        }
    };
    let services = (!view.services.is_empty()).then(|| {
        let no_longer = match (&view.person, view.services.len()) {
            (Some(_), 1) => format!("{who} no longer sees this in the directory:"),
            (Some(_), _) => format!("{who} no longer sees these in the directory:"),
            (None, 1) => {
                "Whoever is in it no longer sees this, unless something else shows it to them:".into()
            }
            (None, _) => "Whoever is in it no longer sees these, unless something else shows them:".into(),
        };
        let names = view.services.iter().map(|name| view! { <li>{name.clone()}</li> }).collect_view();
        section("services", "No longer shown", view! { <p>{no_longer}</p><ul class="plain">{names}</ul> })
    });
    let besides = |count: u32, one: &str, more: &str| {
        let words =
            if count == 1 { format!("And one more {one}.") } else { format!("And {count} more {more}.") };
        (count > 0).then(|| view! { <p class="soft">{words}</p> })
    };
    let offers = (!view.offers.is_empty()).then(|| {
        let more = besides(view.more_offers, "offer", "offers");
        section("offers", "Offers that are withdrawn", view! { {gates(here, &view.offers)}{more} })
    });
    let ending = (!view.ending.is_empty()).then(|| {
        let more = besides(view.more_ending, "share", "shares");
        section(
            "ending",
            "Shares that end",
            view! {
                <p>"They were approved by this circle alone, and are not open yet."</p>
                {gates(here, &view.ending)}
                {more}
            },
        )
    });
    let nothing = (services.is_none() && offers.is_none() && ending.is_none()).then(|| {
        view! { <p class="soft">"Nothing ends by itself: nothing is shown, offered or approved by it alone."</p> }
    });
    let (name, button) = match &view.person {
        Some(_) => ("circles/leave", "Take them out"),
        None => ("circles/end", "End the circle"),
    };
    let form = Form::new(here, name);
    let open = view.open.iter().map(|(share, gate)| tick(&form, *share, gate)).collect_view();
    let open = (!view.open.is_empty()).then(|| {
        view! {
            <fieldset class="people">
                <legend>"End these open shares too"</legend>
                <p class="hint">"They came by this circle. What is not ticked goes on until its end."</p>
                {open}
                {besides(view.more_open, "open share goes on; it ends on its own page", "open shares go on; each ends on its own page")}
            </fieldset>
        }
    });
    let form = form.view(
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
        {head(here, crumbs, title, lede)}
        {services}
        {offers}
        {ending}
        {nothing}
        {form}
    }
    .into_any()
}

/// An open share, to be ended too.
fn tick(form: &Form, share: ShareId, gate: &Gate) -> AnyView {
    let (id, value) = (format!("end-{share}"), share.to_string());
    let checked = form.has("end[]", &value, false);
    let words = format!("{} on {} for {}", gate.service, gate.node, gate.who);
    view! { <div class="tick"><input type="checkbox" id=id.clone() name="end[]" value=value checked=checked /><label for=id>{words}</label></div> }
        .into_any()
}
