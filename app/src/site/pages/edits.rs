//! An edit of the policy: what it would do, before it is made; and what it did, with the way back.

use leptos::prelude::*;
use model::ids::EditId;
use model::{EditState, TailnetId};

use super::{param, query};
use crate::fault::Fault;
use crate::paths;
use crate::ports::edits::{EditLine, EditView, PlanView};
use crate::ports::shares::ReachLine;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::diff::diff;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::follow::follow;
use crate::site::parts::head::{head, secondary, section};
use crate::site::parts::history::history;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::reach;
use crate::site::parts::when::when;
use model::EditKind;

pub fn plan() -> AnyView {
    let id = param::<TailnetId>("id");
    let what = query("what").parse::<EditKind>().map_err(|_| Fault::NotFound);
    open(|backend, here| async move {
        if here.me.is_none() {
            return Err(Fault::SignedOut);
        }
        let view = backend.edits.plan(id?, what?).await?;
        Ok(Page::new(view.title.clone(), NavSection::Tailnets, planned(&here, &view)))
    })
}

fn planned(here: &Here, view: &PlanView) -> AnyView {
    let lede = view! { <p>{view.about.clone()}" Read from the control plane "{when(here, view.read)}"; nothing is written before you say so."</p> };
    let warnings =
        view.warnings.iter().cloned().map(|text| view! { <li>{icon(icon::WARN)}<span>{text}</span></li> });
    let warnings =
        (!view.warnings.is_empty()).then(|| view! { <ul class="warnings">{warnings.collect_view()}</ul> });
    let policy = paths::policy(view.tailnet);
    let decide = match &view.manual {
        Some(text) => view! {
            <p>"The policy may not be written from here. Replace it by this text; Acequia reads it when it looks again."</p>
            {code("The whole new policy", text.clone())}
            <p class="actions">{secondary(here, &policy, "Back to the policy")}</p>
        }
        .into_any(),
        None => Form::new(here, "edits/apply").view(
            "form",
            view! {
                {hidden("tailnet", view.tailnet)}
                {hidden("what", &view.what)}
                {hidden("plan", &view.plan)}
                <p>"It is an edit of its own and can be taken back later, also after other changes."</p>
                <p class="actions">
                    <button class="button primary" type="submit">"Write it"</button>
                    {secondary(here, &policy, "Not now")}
                </p>
            },
        ),
    };
    view! {
        {head(here, crumbs(view.tailnet, &view.tailnet_name), view.title.clone(), lede)}
        {warnings}
        {section("people", "People", people(&view.gains, &view.loses, "gains", "loses"))}
        {section("change", "Policy", view! { {diff("The change of the policy", &view.diff)}<p class="tests">{icon(icon::CHECK)}<span>{view.verdict.clone()}</span></p> })}
        <section class="decision" aria-labelledby="decision-heading">
            <h2 id="decision-heading">"Your word"</h2>
            {decide}
        </section>
    }
    .into_any()
}

fn people(gains: &[ReachLine], loses: &[ReachLine], gain: &str, lose: &str) -> AnyView {
    let part = |class: &'static str, word: &str, lines: &[ReachLine]| {
        (!lines.is_empty())
            .then(|| view! { <h3>{format!("Who {word} reach")}</h3>{reach::list(class, lines, "")} })
    };
    let nobody = (gains.is_empty() && loses.is_empty())
        .then(|| view! { <p>{icon(icon::CHECK)}" Nobody reaches more or less."</p> });
    view! { {part("gains", gain, gains)}{part("loses", lose, loses)}{nobody} }.into_any()
}

fn crumbs(tailnet: TailnetId, name: &str) -> Vec<(String, String)> {
    vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(tailnet), name.into()),
        (paths::policy(tailnet), "Policy".into()),
    ]
}

pub fn page() -> AnyView {
    let id = param::<EditId>("edit");
    open(|backend, here| async move {
        let view = backend.edits.get(id?).await?;
        Ok(Page::new(view.line.title.clone(), NavSection::Tailnets, edit(&here, &view)))
    })
}

fn edit(here: &Here, view: &EditView) -> AnyView {
    let line = &view.line;
    let lede = view! { <p>{line.by.clone()}", "{when(here, line.begun)}". "{state(here, line)}</p> };
    let follow =
        matches!(line.state, EditState::Applying { .. }).then(|| follow(here, "It is being written."));
    let again = matches!(line.state, EditState::Stopped { .. })
        .then(|| view! { <p class="actions">{secondary(here, &paths::policy(view.tailnet), "Look at the policy")}</p> });
    let share = view.share.map(|share| {
        let href = here.to(&paths::share(share));
        view! { <p>"Made before a share was opened, so that it opens just its service. "<a href=href>"The share"</a></p> }
    });
    let undone = view.undone_by.map(|by| {
        let href = here.to(&paths::edit(view.tailnet, by));
        view! { <p class="note">"It was taken back. "<a href=href>"See how"</a></p> }
    });
    let undo = view.can_undo.then(|| {
        let plan = paths::plan_edit(view.tailnet, &EditKind::Undo(line.id));
        view! { <p class="actions">{secondary(here, &plan, "Take it back …")}</p> }
    });
    view! {
        {head(here, crumbs(view.tailnet, &view.tailnet_name), line.title.clone(), lede)}
        {follow}
        {undone}
        {share}
        {again}
        {undo}
        {section("people", "People", people(&view.gains, &view.loses, "gained", "lost"))}
        {section("change", "Policy", diff("The change of the policy", &view.diff))}
        {history(here, &view.history)}
    }
    .into_any()
}

fn state(here: &Here, line: &EditLine) -> AnyView {
    match &line.state {
        EditState::Applying { why: None } => {
            view! { <span class="state-word">"Being written."</span> }.into_any()
        }
        EditState::Applying { why: Some(why) } => {
            view! { <span class="state-word">"Not written yet. "{why.clone()}</span> }.into_any()
        }
        EditState::Applied { at } => view! { "Seen in the policy "{when(here, *at)}"." }.into_any(),
        EditState::Stopped { why } => view! { <strong>"Not written. "</strong>{why.clone()} }.into_any(),
    }
}

/// Edits of a tailnet, newest first, for its policy's page.
pub fn list(here: &Here, tailnet: TailnetId, edits: &[EditLine]) -> AnyView {
    let rows = edits.iter().map(|line| {
        let href = here.to(&paths::edit(tailnet, line.id));
        let mark = match (&line.state, line.undone) {
            (_, true) => Some("taken back"),
            (EditState::Applying { .. }, _) => Some("being written"),
            (EditState::Stopped { .. }, _) => Some("not written"),
            (EditState::Applied { .. }, _) => None,
        };
        let mark = mark.map(|word| view! { " "<span class="tag">{word}</span> });
        view! { <li><div><p class="title"><a href=href>{line.title.clone()}</a>{mark}</p><p class="soft">{line.by.clone()}", "{when(here, line.begun)}</p></div></li> }
    });
    view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
}
