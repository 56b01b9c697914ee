//! Who did what, when.

use leptos::prelude::*;

use super::query;
use crate::paths;
use crate::ports::audit::Query;
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::head::{head, secondary};
use crate::site::parts::history;

pub fn page() -> AnyView {
    let asked = Query { q: query("q"), after: query("after").parse().ok() };
    open(|backend, here| async move {
        let view = backend.audit.list(asked.clone()).await?;
        let body = if !view.entries.is_empty() {
            history::list(&here, &view.entries, true)
        } else if asked.q.is_empty() {
            empty(
                "Nothing has happened yet",
                "Every change of yours and of your tailnets is written down here, with what was before and after.",
                (),
            )
        } else {
            empty(
                "Nothing fits",
                "No entry has all of these words.",
                secondary(&here, &paths::audit(), "Show everything"),
            )
        };
        let more = view.next.map(|next| {
            let path = format!("{}?after={next}&q={}", paths::audit(), paths::encoded(&asked.q));
            view! { <p class="more"><a class="button" href=here.to(&path) rel="next">"Earlier"</a></p> }
        });
        let body = view! {
            {head(&here, vec![], "Audit", "Who did what, and when. What you see here is what you may know of.")}
            {search(&here, &asked)}
            {body}
            {more}
        };
        Ok(Page::new("Audit", Room::Audit, body.into_any()))
    })
}

fn search(here: &Here, asked: &Query) -> AnyView {
    view! {
        <form class="search" role="search" method="get" action=here.to(&paths::audit())>
            <div class="field grow">
                <label for="audit-q">"Search"</label>
                <input id="audit-q" type="search" name="q" value=asked.q.clone() maxlength="80" />
            </div>
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}
