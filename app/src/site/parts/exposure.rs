//! Reach beyond what was agreed, and what can be done about it.

use leptos::prelude::*;
use model::TailnetId;

use crate::paths;
use crate::ports::exposures::{BeyondView, Ways};
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::head::secondary;
use crate::site::parts::reach;
use crate::site::parts::when::when;

/// On the page of a share.
pub fn beyond(here: &Here, tailnet: TailnetId, view: &BeyondView) -> AnyView {
    let told = view.ways.as_ref().map(|of| {
        let lines = view.lines.iter().map(|(line, since)| {
            let line = reach::list("exposed", std::slice::from_ref(line), "");
            view! { <div>{line}<p class="soft small">"Known "{when(here, *since)}</p></div> }
        });
        view! {
            <section class="attend" id="more" aria-labelledby="more-heading">
                <h2 id="more-heading">"More than was agreed"</h2>
                <p>"The share is open and works. Besides, the policy lets them in to this, which nobody agreed to:"</p>
                {lines.collect_view()}
                {ways(here, tailnet, of)}
            </section>
        }
    });
    let accepted = (!view.accepted.is_empty()).then(|| {
        let by = view.accepted_by.as_ref().map(|(name, at)| {
            view! { <p class="soft small">{format!("By {name}, ")}{when(here, *at)}</p> }
        });
        view! {
            <details class="accepted">
                <summary>"Accepted as it is"</summary>
                {reach::list("", &view.accepted, "")}
                {by}
            </details>
        }
    });
    view! { {told}{accepted} }.into_any()
}

/// The edit that ends it, or why there is none; and the word that it may stay.
pub fn ways(here: &Here, tailnet: TailnetId, of: &Ways) -> AnyView {
    let fix = of.fix.as_ref().map(|what| secondary(here, &paths::plan_edit(tailnet, what), "See the fix …"));
    let no_fix = of.no_fix.clone().map(|why| view! { <p>{why}</p> });
    let accept = Form::new(here, "exposures/accept").view(
        "inline",
        view! {
            {hidden("share", of.share)}
            {hidden("seen", &of.seen)}
            <button class="button" type="submit">"Accept it as it is"</button>
        },
    );
    view! { {no_fix}<div class="actions">{fix}{accept}</div> }.into_any()
}
