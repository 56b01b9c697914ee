//! The policy text in force, with the lines that belong to shares.

use leptos::prelude::*;
use model::TailnetId;

use super::{edits, param};
use crate::paths;
use crate::ports::edits::EditLine;
use crate::ports::tailnets::PolicyView;
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::head::{head, section};
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    open(|backend, here| async move {
        let id = id?;
        let view = backend.tailnets.policy(id).await?;
        let edits = backend.edits.list(id).await?;
        Ok(Page::new(
            format!("Policy of {}", view.tailnet_name),
            Room::Tailnets,
            policy(&here, &view, &edits),
        ))
    })
}

fn policy(here: &Here, view: &PolicyView, made: &[EditLine]) -> AnyView {
    let refused = view.refused.clone().map(|why| {
        view! { <p class="flash fault">"Acequia does not understand this policy, and so says nothing about who reaches what: "{why}</p> }
    });
    let lines = view.text.lines().enumerate().map(|(at, text)| {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let share = view.share_lines.iter().find(|(line, _)| *line == number).map(|(_, path)| here.to(path));
        let class = share.is_some().then_some("added");
        let link = share.map(|href| view! { <a href=href>"share"<span class="sr">" of line "{number}</span></a> });
        view! { <tr class=class id=format!("L{number}")><td class="number">{number}</td><td class="text">{text.to_owned()}</td><td class="reason">{link}</td></tr> }
    });
    let made = (!made.is_empty())
        .then(|| section("edits", "Edits made here", edits::list(here, view.tailnet, made)));
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    view! {
        {head(here, crumbs, format!("Policy of {}", view.tailnet_name), view! { <p>"As read "{when(here, view.read)}". Lines of shares are marked."</p> })}
        {refused}
        <div class="code-scroll" tabindex="0" role="region" aria-label="Policy text">
            <table class="snippet">
                <thead class="sr"><tr><th scope="col">"Line"</th><th scope="col">"Text"</th><th scope="col">"Share"</th></tr></thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
        {made}
    }
    .into_any()
}
