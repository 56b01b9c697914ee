//! A steward becomes the owner of a tailnet: what changes and what ends is said first, and nothing happens before it is confirmed.

use leptos::prelude::*;
use model::{PersonId, TailnetId};

use super::param;
use crate::paths;
use crate::ports::stewards::HandoverView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head, secondary, section, sentences};

pub fn page() -> AnyView {
    let (id, person) = (param::<TailnetId>("id"), param::<PersonId>("person"));
    open(|backend, here| async move {
        let view = backend.stewards.plan_handover(id?, person?).await?;
        let title = format!("Hand {} over to {}?", view.tailnet_name, view.person.name);
        Ok(Page::new(title.clone(), NavSection::Tailnets, handover(&here, &view, title)))
    })
}

fn handover(here: &Here, view: &HandoverView, title: String) -> AnyView {
    let stewards = paths::stewards(view.tailnet);
    let crumbs = vec![
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
        (stewards.clone(), "Stewards".into()),
    ];
    if let Some(why) = &view.refused {
        let first =
            (!view.gates.is_empty()).then(|| section("first", "End these first", gates(here, &view.gates)));
        return view! {
            {head(here, crumbs, title, "This cannot be done now.")}
            <p class="note">{why.clone()}</p>
            {first}
            <p class="actions">{secondary(here, &stewards, "Back to the stewards")}</p>
        }
        .into_any();
    }
    let back = secondary(here, &stewards, "Leave it as it is");
    let form = Form::new(here, "stewards/hand-over");
    let (id, stays) = (form.id("stay"), form.has("stay", "yes", true));
    let form = form.view(
        "form",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("person", view.person.id)}
            <div class="tick">
                <input type="checkbox" id=id.clone() name="stay" value="yes" checked=stays />
                <label for=id>"I stay as a steward. Otherwise I may do nothing more there"</label>
            </div>
            <p class="actions"><button class="button grave" type="submit">"Hand it over"</button>{back}</p>
        },
    );
    view! {
        {head(here, crumbs, title, "Nothing happens before you say so.")}
        {section("means", "What happens then", sentences("plain", &view.means))}
        {form}
    }
    .into_any()
}
