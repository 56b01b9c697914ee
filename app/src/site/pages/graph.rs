//! Who reaches what around one person or machine: a drawing, and the same as a list.

use leptos::prelude::*;
use model::TailnetId;

use super::{param, query};
use crate::paths;
use crate::ports::graph::{Arrow, End, Focus, GraphView, Question};
use crate::ports::shares::{ReachLine, RuleLine};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::head::{head_with, section};
use crate::site::parts::reach_graph::{kind, reach_graph};
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    let page = query("page").parse::<usize>().unwrap_or(1).clamp(1, 100_000) - 1;
    let question = Question { who: query("who"), node: query("node"), q: query("q"), page };
    open(|backend, here| async move {
        let view = backend.graph.get(id?, question).await?;
        Ok(Page::new(title(&view), NavSection::Tailnets, graph(&here, &view)))
    })
}

fn title(view: &GraphView) -> String {
    match &view.focus {
        Some(Focus { end, outward: true, .. }) => format!("What {} reaches", end.name),
        Some(Focus { end, outward: false, .. }) => format!("Who reaches {}", end.name),
        None => format!("Graph of {}", view.tailnet_name),
    }
}

fn graph(here: &Here, view: &GraphView) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
        (paths::reach(view.tailnet), "Reach".into()),
    ];
    let again = view.may_change.then(|| {
        Form::new(here, "tailnets/sync").view(
            "inline",
            view! {
                {hidden("tailnet", view.tailnet)}
            {hidden("back", "reach")}
                <button class="button" type="submit">"Read again"</button>
            },
        )
    });
    let lede = match view.read {
        Some(read) => view! { <p>"As of "{when(here, read)}", by the policy in force."</p> }.into_any(),
        None => view! { <p>"This tailnet was not read yet. Read it, and come back."</p> }.into_any(),
    };
    let notes = view.notes.iter().cloned().map(|note| view! { <p class="note">{note}</p> }).collect_view();
    let unknown = view.unknown.clone().map(|why| view! { <p class="flash fault">{why}</p> });
    let body = match &view.focus {
        _ if view.read.is_none() || view.unknown.is_some() && view.focus.is_none() => ().into_any(),
        Some(focus) => neighbourhood(here, view, focus),
        None => first(here, view),
    };
    let form = view.read.map(|_| form(here, view));
    view! {
        {head_with(here, crumbs, title(view), lede, again)}
        {form}
        {notes}
        {unknown}
        {body}
    }
    .into_any()
}

fn form(here: &Here, view: &GraphView) -> AnyView {
    let asked = &view.question;
    let field = |name: &'static str, label: &'static str, value: String| {
        let id = format!("graph-{name}");
        view! {
            <div class="field grow">
                <label for=id.clone()>{label}</label>
                <input id=id name=name value=value maxlength="200" autocomplete="off" />
            </div>
        }
    };
    let filter = view.focus.as_ref().map(|focus| {
        let label = if focus.outward { "Only machines with" } else { "Only names with" };
        field("q", label, asked.q.clone())
    });
    // With both filled in the first counts; so only the one that was asked is filled in.
    view! {
        <form class="search" method="get" action=here.to(&paths::graph(view.tailnet))>
            {field("who", "What does this person, tag or address reach?", asked.who.clone())}
            {field("node", "or: who reaches this machine?", if asked.who.is_empty() { asked.node.clone() } else { String::new() })}
            {filter}
            <button class="button primary" type="submit">"Draw it"</button>
        </form>
    }
    .into_any()
}

/// Nobody was named: some to begin with.
fn first(here: &Here, view: &GraphView) -> AnyView {
    let list = |ends: &[End]| {
        let items = ends.iter().map(|end| {
            let (class, word) = kind(end.kind);
            view! { <li><a class=class href=here.to(&end.href)>{end.name.clone()}<span class="soft small">{word}</span></a></li> }
        });
        view! { <ul class="ends">{items.collect_view()}</ul> }
    };
    let part =
        |id, title: &'static str, ends: &[End]| (!ends.is_empty()).then(|| section(id, title, list(ends)));
    view! {
        {part("people", "What does one of them reach?", &view.people)}
        {part("machines", "Who reaches one of these?", &view.machines)}
    }
    .into_any()
}

fn neighbourhood(here: &Here, view: &GraphView, focus: &Focus) -> AnyView {
    let name = &focus.end.name;
    let more =
        focus.more.iter().map(|(path, words)| view! { <li><a href=here.to(path)>{words.clone()}</a></li> });
    let more = view! { <ul class="ways-on">{more.collect_view()}</ul> };
    if view.arrows.is_empty() {
        let filtered = !view.question.q.is_empty();
        let said = match (view.unknown.is_some(), filtered, focus.outward) {
            (true, ..) => String::new(),
            (false, true, _) => format!("No name with “{}” is among them.", view.question.q),
            (false, false, true) => format!("{name} reaches nothing here."),
            (false, false, false) => format!("Nobody reaches {name}."),
        };
        let said = (!said.is_empty()).then(|| view! { <p class="nobody">{said}</p> });
        return view! { {said}{more} }.into_any();
    }
    let shown = view.before + view.arrows.len();
    let rest = view.total.saturating_sub(shown);
    let next = (rest > 0).then(|| (rest, page_of(view, view.question.page + 1)));
    let earlier = (view.before > 0).then(|| {
        let path = page_of(view, view.question.page.saturating_sub(1));
        view! { <a class="button" href=here.to(&path) rel="prev">"Back"</a> }
    });
    let later = next.clone().map(|(rest, path)| {
        view! { <a class="button" href=here.to(&path) rel="next">{format!("And {rest} more")}</a> }
    });
    let counted = match (focus.outward, view.total) {
        (true, 1) => "One machine".to_owned(),
        (true, total) => format!("{total} machines"),
        (false, 1) => "One in all".to_owned(),
        (false, total) => format!("{total} in all"),
    };
    let range = (view.total > view.arrows.len()).then(|| format!(", {} to {shown} shown", view.before + 1));
    let rows = view.arrows.iter().map(|arrow| row(here, view.tailnet, focus, arrow));
    view! {
        <div class="around">
            <figure>{reach_graph(here, focus, &view.arrows, next)}</figure>
            <section id="list" aria-labelledby="list-heading">
                <h2 id="list-heading">"The same as a list"</h2>
                <p class="soft">{counted}{range}</p>
                <ul class="reach">{rows.collect_view()}</ul>
                <p class="actions more">{earlier}{later}</p>
            </section>
        </div>
        {more}
    }
    .into_any()
}

/// The same question, at another page of its answer.
fn page_of(view: &GraphView, page: usize) -> String {
    let asked = &view.question;
    let about = if asked.who.is_empty() {
        paths::graph_of_node(view.tailnet, &asked.node)
    } else {
        paths::graph_of_who(view.tailnet, &asked.who)
    };
    let filter = if asked.q.is_empty() { String::new() } else { format!("&q={}", paths::encoded(&asked.q)) };
    format!("{about}{filter}&page={}", page + 1)
}

fn row(here: &Here, tailnet: TailnetId, focus: &Focus, arrow: &Arrow) -> AnyView {
    let other = view! { <a href=here.to(&arrow.other.href)>{arrow.other.name.clone()}</a> };
    let centre = view! { <strong>{focus.end.name.clone()}</strong> };
    let (who, node) = if focus.outward {
        (centre.into_any(), other.into_any())
    } else {
        (other.into_any(), centre.into_any())
    };
    let (_, word) = kind(arrow.other.kind);
    let lines = arrow.lines.iter().map(|line| line_row(here, tailnet, line));
    view! {
        <li class=(!arrow.certain).then_some("possible")>
            <p>
                {who}
                <span class="arrow" aria-hidden="true">" → "</span>
                <span class="sr">" reaches "</span>
                {node}
                " "
                <span class="soft small">{word}</span>
            </p>
            {lines.collect_view()}
        </li>
    }
    .into_any()
}

fn line_row(here: &Here, tailnet: TailnetId, line: &ReachLine) -> AnyView {
    let rules = line.rules.iter().map(|rule| rule_row(here, tailnet, rule)).collect_view();
    let note = line.note.clone().map(|note| view! { <p class="soft small">{note}</p> });
    view! { <p class="what">{line.what.clone()}</p>{note}<ul class="rules">{rules}</ul> }.into_any()
}

fn rule_row(here: &Here, tailnet: TailnetId, rule: &RuleLine) -> AnyView {
    let place = match rule.line {
        Some(line) => {
            view! { <a class="place" href=here.to(&paths::policy_line(tailnet, line))>{format!("line {line}")}</a> }.into_any()
        }
        None => view! { <span class="place">"the default"</span> }.into_any(),
    };
    view! { <li>{place}" "<code>{rule.text.clone()}</code></li> }.into_any()
}
