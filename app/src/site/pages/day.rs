//! Who could reach a machine on a day, from what looks at its tailnet found then.

use leptos::prelude::*;
use model::TailnetId;

use super::{param, query};
use crate::paths;
use crate::ports::reach::{DayPart, DayQuery, DayView, Found};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form};
use crate::site::parts::head::{head, section, sentences};
use crate::site::parts::reach;
use crate::site::parts::when::on;

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    let asked = DayQuery {
        node: query("node"),
        day: query("day"),
        before: query("before").parse().unwrap_or_default(),
    };
    open(|backend, here| async move {
        let view = backend.reach.on_day(id?, asked.clone()).await?;
        let title = if view.parts.is_empty() {
            format!("Reach in {} on a day", view.tailnet_name)
        } else {
            format!("Who could reach {} on {}", asked.node.trim(), asked.day.trim())
        };
        Ok(Page::new(title.clone(), NavSection::Tailnets, day(&here, &asked, &view, title)))
    })
}

fn day(here: &Here, asked: &DayQuery, view: &DayView, title: String) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
        (paths::reach(view.tailnet), "Reach".into()),
    ];
    let lede = "From the policy and the machines as each look of that day found them. Days are those of your time zone.";
    let parts = view.parts.iter().map(|one| part(here, one)).collect_view();
    let more = view.next.map(|next| {
        let path = paths::reach_on_day(view.tailnet, &asked.node, &asked.day);
        let href = here.to(&paths::with(&path, "before", &next.to_string()));
        view! { <p class="more"><a class="button" href=href rel="next">"Later that day"</a></p> }
    });
    let answer =
        (!view.parts.is_empty()).then(|| section("answer", "What was found", view! { {parts}{more} }));
    view! {
        {head(here, crumbs, title, lede)}
        {form(here, view, &asked.node, &asked.day)}
        {answer}
        {section("kept", "How long this is kept", sentences("plain", &view.kept))}
    }
    .into_any()
}

fn form(here: &Here, view: &DayView, node: &str, day: &str) -> AnyView {
    let form = Form::asking(here, "day", view.errors.clone());
    let names = view.nodes.iter().cloned().map(|name| view! { <option value=name></option> });
    let fields = view! {
        {Field::new("node", "Machine").initial(node).max(120).required().list("day-machines").view(&form)}
        <datalist id="day-machines">{names.collect_view()}</datalist>
        {Field::new("day", "Day").kind("date").initial(day).max(40).required().view(&form)}
        <p class="actions"><button class="button primary" type="submit">"Ask"</button></p>
    };
    Form::asks("form filters", here.to(&paths::reach_on_day(view.tailnet, "", "")), fields)
}

/// The question on the page of a machine.
pub fn of_machine(here: &Here, tailnet: TailnetId, node: &str) -> AnyView {
    let form = Form::asking(here, "day", Vec::new());
    let fields = view! {
        <input type="hidden" name="node" value=node.to_owned() />
        {Field::new("day", "Day").kind("date").required().view(&form)}
        <p class="actions"><button class="button" type="submit">"Who could reach it then?"</button></p>
    };
    Form::asks("form filters", here.to(&paths::reach_on_day(tailnet, "", "")), fields)
}

fn part(here: &Here, part: &DayPart) -> AnyView {
    let between = view! { "Between "{on(here, part.from)}" and "{on(here, part.to)} };
    match &part.found {
        Found::Unseen => view! { <h3>{between}</h3><p class="note">"Nothing was looked at in this time, so nothing can be said of it."</p> }.into_any(),
        Found::Nothing(why) => view! { <h3>{between}</h3><p class="note">{why.clone()}</p> }.into_any(),
        Found::Lines { lines, more, notes } => {
            let notes = notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
            let more = (*more > 0).then(|| view! { <p class="soft">{format!("And {more} more lines.")}</p> });
            view! { <h3>{between}</h3>{notes}{reach::list("then", lines, "Nobody could reach it.")}{more} }.into_any()
        }
    }
}
