//! The directory: the board of services that are shown to the viewer.

use leptos::prelude::*;
use model::ServiceKind;

use super::query;
use crate::islands::Filter;
use crate::paths;
use crate::ports::services::{DirectoryQuery, DirectoryView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::head::{head, primary, secondary};
use crate::site::parts::listing::board;

pub fn page() -> AnyView {
    let after = Some(query("after")).filter(|after| !after.is_empty());
    let asked = DirectoryQuery {
        q: query("q"),
        kind: query("kind").parse().ok(),
        mine: !query("mine").is_empty(),
        up: !query("up").is_empty(),
        after,
    };
    open(|backend, here| async move {
        let view = backend.services.directory(asked.clone()).await?;
        Ok(Page::new("Directory", NavSection::Directory, directory(&here, &asked, &view)))
    })
}

fn directory(here: &Here, asked: &DirectoryQuery, view: &DirectoryView) -> AnyView {
    let body = if view.services.is_empty() {
        if view.any {
            empty(
                "Nothing fits",
                "No service here has all of these words.",
                secondary(here, &paths::directory(), "Show everything"),
            )
        } else {
            empty(
                "The board is empty",
                "Services appear here when somebody lists one for you. Do you run one? Connect your network and list it.",
                primary(here, &paths::tailnets(), "Go to my tailnets"),
            )
        }
    } else {
        view! { <h2 class="sr">"Services"</h2>{board(here, &view.services)} }.into_any()
    };
    let more = view.next.as_ref().map(|next| {
        let href = here.to(&address(asked, next));
        view! { <p class="more"><a class="button" href=href rel="next">"More services"</a></p> }
    });
    view! {
        {head(here, vec![], "Directory", "What your friends run, and what they let you use.")}
        {search(here, asked)}
        {body}
        {more}
    }
    .into_any()
}

/// The same question for the page after `after`.
fn address(asked: &DirectoryQuery, after: &str) -> String {
    let mut pairs = vec![format!("after={}", paths::encoded(after))];
    if !asked.q.is_empty() {
        pairs.push(format!("q={}", paths::encoded(&asked.q)));
    }
    if let Some(kind) = asked.kind {
        pairs.push(format!("kind={}", kind.as_str()));
    }
    if asked.mine {
        pairs.push("mine=1".into());
    }
    if asked.up {
        pairs.push("up=1".into());
    }
    format!("{}?{}", paths::directory(), pairs.join("&"))
}

fn search(here: &Here, asked: &DirectoryQuery) -> AnyView {
    let kinds = ServiceKind::ALL.map(|kind| {
        view! { <option value=kind.as_str() selected={asked.kind == Some(kind)}>{kind.label()}</option> }
    });
    view! {
        <form class="search" role="search" method="get" action=here.to(&paths::directory())>
            <div class="field grow">
                <label for="directory-q">"Search"</label>
                <Filter q=asked.q.clone() />
            </div>
            <div class="field">
                <label for="directory-kind">"Kind"</label>
                <select id="directory-kind" name="kind"><option value="">"Any kind"</option>{kinds.into_iter().collect_view()}</select>
            </div>
            <div class="tick">
                <input id="directory-mine" type="checkbox" name="mine" value="1" checked=asked.mine />
                <label for="directory-mine">"Only what I can use"</label>
            </div>
            <div class="tick">
                <input id="directory-up" type="checkbox" name="up" value="1" checked=asked.up />
                <label for="directory-up">"Only what is up"</label>
            </div>
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}
