//! Leaving for good: what ends is said first, and nothing happens before it is confirmed.

use leptos::prelude::*;

use crate::paths;
use crate::ports::accounts::LeaveView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::Form;
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head, secondary, section, sentences};

const TITLE: &str = "Delete your account?";

pub fn page() -> AnyView {
    open(|backend, here| async move {
        let view = backend.accounts.leaving().await?;
        Ok(Page::new(TITLE, NavSection::Aside, leave(&here, &view)))
    })
}

fn leave(here: &Here, view: &LeaveView) -> AnyView {
    let crumbs = vec![(paths::account(), "Your account".into())];
    let back = secondary(here, &paths::account(), "Leave it as it is");
    if let Some(why) = &view.refused {
        return view! {
            {head(here, crumbs, TITLE, "This cannot be done now.")}
            <p class="note">{why.clone()}</p>
            <p class="actions">{back}</p>
        }
        .into_any();
    }
    let more = (view.more > 0).then(|| view! { <p class="soft">{format!("… and {} more.", view.more)}</p> });
    let ends = (!view.gates.is_empty())
        .then(|| section("ends", "What ends", view! { {gates(here, &view.gates)}{more} }));
    let form = Form::new(here, "account/leave");
    let error = form.error("sure").map(|error| view! { <p class="error">{error}</p> });
    let id = form.id("sure");
    let form = form.view("form", view! {
        <div class="tick">
            <input type="checkbox" id=id.clone() name="sure" value="yes" required />
            <label for=id>"I have read what ends, and it cannot be undone"</label>
        </div>
        {error}
        <p class="actions"><button class="button grave" type="submit">"Delete my account"</button>{back}</p>
    });
    view! {
        {head(here, crumbs, TITLE, "Nothing happens before you say so.")}
        {section("means", "What happens then", sentences("plain", &view.means))}
        {ends}
        {form}
    }
    .into_any()
}
