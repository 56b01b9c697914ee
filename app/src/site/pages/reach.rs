//! Reach: one question, the matrix of people and services, and what deserves a look.

mod ask;
mod findings;
mod matrix;

use leptos::prelude::*;
use model::TailnetId;

use super::{param, query};
use crate::paths;
use crate::ports::reach::{Question, ReachQuery, ReachView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::follow::follow;
use crate::site::parts::head::{head_with, primary, secondary, section};
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    let before = |name: &str| query(name).parse().unwrap_or_default();
    let asked = ReachQuery {
        question: Question {
            who: query("who"),
            node: query("node"),
            port: query("port"),
            protocol: query("protocol"),
        },
        q: query("q"),
        service: query("service"),
        rows_before: before("rows"),
        columns_before: before("columns"),
        findings_before: before("findings"),
    };
    open(|backend, here| async move {
        let view = backend.reach.get(id?, asked.clone()).await?;
        Ok(Page::new(
            format!("Reach in {}", view.tailnet_name),
            NavSection::Tailnets,
            reach(&here, &asked, &view),
        ))
    })
}

fn reach(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let read = match view.read {
        Some(at) => view! { <p>"As of "{when(here, at)}"."</p> }.into_any(),
        None => view! { <p>"Not read yet."</p> }.into_any(),
    };
    let running = view.reading;
    let again = view.may_change.then(|| Form::new(here, "tailnets/sync").view("inline", view! {
        {hidden("tailnet", view.tailnet)}
        {hidden("back", "reach")}
        <button class="button" type="submit" disabled=running>{if running { "Reading …" } else { "Read again" }}</button>
    }));
    let action = view! { {secondary(here, &paths::graph(view.tailnet), "Graph")}{secondary(here, &paths::reach_on_day(view.tailnet, "", ""), "On another day")}{secondary(here, &paths::policy(view.tailnet), "Policy")}{again} };
    let notes = view.notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
    let body = match &view.refused {
        Some(why) if view.read.is_none() => {
            view! {
                {empty("Not read yet", "Machines, users and the policy are read first. That takes a moment.", ())}
                {follow(here, "This page waits for them.")}
                <p class="soft">{why.clone()}</p>
            }
            .into_any()
        }
        Some(why) => view! {
            {empty("Nothing can be said", "A wrong answer would be worse than none. What is missing stands below.", secondary(here, &paths::policy(view.tailnet), "Look at the policy"))}
            <p class="flash fault">{why.clone()}</p>
        }
        .into_any(),
        None => view! {
            {section("ask", "Ask", ask::panel(here, asked, view))}
            {overview(here, asked, view)}
            {section("export", "Take it with you", view! {
                <p>"Everything, as the command line prints it and as a table."</p>
                <p class="actions">
                    <a class="button" download href=here.to(&paths::reach_json(view.tailnet))>"JSON"</a>
                    <a class="button" download href=here.to(&paths::reach_csv(view.tailnet))>"CSV"</a>
                </p>
            })}
        }
        .into_any(),
    };
    view! {
        {head_with(here, crumbs, format!("Who reaches what in {}", view.tailnet_name), read, action)}
        {notes}
        {body}
    }
    .into_any()
}

/// As long as nothing is listed: what comes after looking.
fn begin(here: &Here, view: &ReachView) -> Option<AnyView> {
    (view.matrix.listed == 0).then(|| {
        section(
            "what-runs",
            "What runs there?",
            view! {
                <p>"Say what your machines offer, and offer it to a friend. Nothing opens by that."</p>
                <p class="actions">{primary(here, &paths::what_runs(view.tailnet), "Say what runs there")}</p>
            },
        )
    })
}

/// What deserves a look, and people and services. Beside an answer only the way back to them: the page is about the
/// question then.
fn overview(here: &Here, asked: &ReachQuery, view: &ReachView) -> AnyView {
    if view.answer.is_some() {
        let back = secondary(here, &paths::reach(view.tailnet), "What deserves a look, people and services");
        return view! { <section><p class="actions">{back}</p></section> }.into_any();
    }
    view! {
        {section("findings", "What deserves a look", findings::list(here, asked, view))}
        {begin(here, view)}
        {section("matrix", "People and services", matrix::panel(here, asked, view))}
    }
    .into_any()
}
