//! Another end: agreed on by those who give a share, asked for by its friend.

use leptos::prelude::*;
use model::ShareId;

use super::param;
use crate::paths;
use crate::ports::shares::{LongerView, Party, ShareView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::gate::large;
use crate::site::parts::head::{head, primary, secondary, section, sentences};
use crate::site::parts::until;
use crate::site::parts::when::{exactly, until as until_when};

pub fn page() -> AnyView {
    let id = param::<ShareId>("id");
    open(|backend, here| async move {
        let view = backend.shares.get(id?).await?;
        let title = match view.party {
            Party::Owner => format!("Another end of {} for {}", view.gate.service, view.gate.who),
            Party::Friend => format!("Ask for more time with {}", view.gate.service),
        };
        Ok(Page::new(title.clone(), NavSection::Shares, time(&here, &view, title)))
    })
}

fn time(here: &Here, view: &ShareView, title: String) -> AnyView {
    let (lede, form, words) = match view.party {
        Party::Owner => (
            "The gate stays as it is; only its end becomes another one, sooner or later.",
            Form::new(here, "shares/until"),
            "Set this end",
        ),
        Party::Friend => (
            "The owner finds your wish in their inbox. Until they say yes the end stays as it is.",
            Form::new(here, "shares/longer"),
            "Ask",
        ),
    };
    let wished = view.longer.as_ref().filter(|_| view.party == Party::Owner);
    let note = (view.party == Party::Friend).then(|| {
        Field::new("note", "A word to the owner")
            .hint("They read it with your wish.")
            .max(2000)
            .rows(3)
            .view(&form)
    });
    // What was wished for stands in the form already: a click says yes to it.
    let (initial, date) = match wished.map(|wished| wished.until) {
        Some(Some(until)) => ("date", here.zone.typed(until)),
        Some(None) => ("ended", String::new()),
        None => ("month", String::new()),
    };
    let body = view.can_change_end.then(|| {
        form.view("form", view! {
            {hidden("share", view.id)}
            {until::choices(here, &form, "Until when", initial, &date)}
            {note}
            <p class="actions">{submit(words)}{secondary(here, &paths::share(view.id), "Leave it as it is")}</p>
        })
    });
    let cannot = (!view.can_change_end)
        .then(|| view! { <p class="note">"It is over, or being ended: its end is what it is."</p> });
    view! {
        {head(here, vec![(paths::share(view.id), "The share".into())], title, lede)}
        {large(here, &view.gate)}
        {wished.map(|wished| wish(here, view, wished, false))}
        {(!view.end_means.is_empty()).then(|| sentences("plain means", &view.end_means))}
        {cannot}
        {body}
    }
    .into_any()
}

/// What the friend asks for, with an answer to it.
pub fn wish(here: &Here, view: &ShareView, wished: &LongerView, to_answer: bool) -> AnyView {
    let giving = view.party == Party::Owner;
    let who = if giving { view.gate.who.clone() } else { "You".into() };
    let verb = if giving { "asks for it " } else { "asked for it " };
    let note = (!wished.note.is_empty())
        .then(|| view! { <blockquote class="letter">{wished.note.clone()}</blockquote> });
    let answers = (giving && to_answer).then(|| {
        let no = Form::new(here, "shares/not-longer");
        view! {
            <div class="actions">
                {primary(here, &paths::share_time(view.id), "Set another end")}
                {no.view("inline", view! { {hidden("share", view.id)}<button class="button" type="submit">"Leave it as it is"</button> })}
            </div>
        }
    });
    section(
        "longer",
        "More time?",
        view! {
            <p><strong>{who}</strong>" "{verb}{until_when(here, wished.until)}", "{exactly(here, wished.asked)}"."</p>
            {note}
            {answers}
        },
    )
}
