//! Getting a service without asking, where its kind was approved beforehand: what it means is said as where an offer is answered.

use leptos::prelude::*;

use crate::ports::asks::AtOnce;
use crate::ports::services::ServiceCard;
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden, select, submit};
use crate::site::parts::head::sentences;
use crate::site::parts::until;

pub fn form(here: &Here, card: &ServiceCard, terms: &AtOnce) -> AnyView {
    let form = Form::new(here, "asks/take");
    let label = if terms.on_server { "Your account on this server" } else { "Your Tailscale login" };
    let logins: Vec<_> = terms.logins.iter().map(|login| (login.clone(), login.clone())).collect();
    let first = terms.logins.first().cloned().unwrap_or_default();
    let days = if terms.days == 1 { "a day".to_owned() } else { format!("{} days", terms.days) };
    let owner = &card.owner;
    let get = form.view(
        "form compact",
        view! {
            {hidden("service", card.id)}
            {select(&form, "login", label, &first, logins)}
            {until::at_most(here, &form, "Until when", terms.days)}
            <p class="actions">{submit("Get it")}</p>
        },
    );
    view! {
        <p>{format!("{owner} lends you this without being asked, for at most {days} at a time. Should it open more than just this, {owner} looks at it first.")}</p>
        <h3>"What it means"</h3>
        {sentences("plain", &terms.means)}
        <h3>{format!("What {owner} learns of you")}</h3>
        {sentences("plain", &terms.owner_learns)}
        {get}
    }
    .into_any()
}

/// For what is not approved, such as a longer time. Open where something is wrong with it.
pub fn or_ask(here: &Here, form: AnyView) -> AnyView {
    let asked = Form::new(here, "asks/create");
    let open = ["until", "date", "note"].iter().any(|field| asked.error(field).is_some());
    view! { <details open=open><summary>"Ask for something else, such as a longer time"</summary>{form}</details> }.into_any()
}
