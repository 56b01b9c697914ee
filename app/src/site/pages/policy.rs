//! The policy text in force, with the lines that belong to shares.

use leptos::prelude::*;
use model::TailnetId;

use super::{edits, param};
use crate::paths;
use crate::ports::edits::EditLine;
use crate::ports::tailnets::{PolicyView, Shade};
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::head::{head_with, secondary, section};
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
    let silent =
        view.silent.clone().filter(|_| view.refused.is_none()).map(|why| view! { <p class="note">{why}</p> });
    let lines = view.lines.iter().zip(1_u32..).map(|(line, number)| {
        let share = view.share_lines.iter().find(|(line, _)| *line == number).map(|(_, path)| here.to(path));
        let class = share.is_some().then_some("added");
        let link = share.map(|href| view! { <a href=href>"share"<span class="sr">" of line "{number}</span></a>" " });
        let told = line.lets_in.is_some() || !line.findings.is_empty() || link.is_some();
        let lets_in = line.lets_in.clone().map(|words| view! { <span class="lets-in">{words}</span> });
        let findings = line.findings.iter().cloned().map(|words| view! { <span class="line-finding block">{words}</span> });
        let pieces = line.pieces.iter().map(|(shade, text)| piece(*shade, text)).collect_view();
        // Below its line, where it is read without scrolling sideways.
        let told = told.then(|| view! { <tr class="told"><td class="number"></td><td class="reason">{link}{lets_in}{findings.collect_view()}</td></tr> });
        view! { <tr class=class id=format!("L{number}")><td class="number">{number}</td><td class="text">{pieces}</td></tr>{told} }
    });
    let made = (!made.is_empty())
        .then(|| section("edits", "Edits made here", edits::list(here, view.tailnet, made)));
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    view! {
        {head_with(here, crumbs, format!("Policy of {}", view.tailnet_name), view! { <p>"As read "{when(here, view.read)}". Below each rule stands whom it lets in; lines of shares are marked."</p> }, secondary(here, &paths::reach(view.tailnet), "Who reaches what"))}
        {refused}
        {silent}
        <div class="code-scroll" tabindex="0" role="region" aria-label="Policy text">
            <table class="snippet">
                <thead class="sr"><tr><th scope="col">"Line"</th><th scope="col">"Text, and whom it lets in"</th></tr></thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
        {made}
    }
    .into_any()
}

fn piece(shade: Shade, text: &str) -> AnyView {
    let class = match shade {
        Shade::Plain => return text.to_owned().into_any(),
        Shade::Comment => "k-comment",
        Shade::Key => "k-key",
        Shade::Text => "k-text",
        Shade::Value => "k-value",
    };
    view! { <span class=class>{text.to_owned()}</span> }.into_any()
}
