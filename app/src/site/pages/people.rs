//! The people of this instance: who is here, and what can be done about somebody.

use leptos::prelude::*;
use model::{PersonId, Standing, Timestamp};

use super::{param, query, text_param};
use crate::paths;
use crate::ports::people::{Deed, DeedView, PersonCard, PersonView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{danger, head, head_with, secondary, section, sentences};
use crate::site::parts::when::{exactly, when};

pub fn list() -> AnyView {
    let (q, after) = (query("q"), query("after"));
    open(|backend, here| async move {
        let after = (!after.is_empty()).then_some(after);
        let view = backend.people.list(q.clone(), after).await?;
        let body = if view.people.is_empty() {
            empty(
                "Nobody fits",
                "No name and no login has these letters.",
                secondary(&here, &paths::people(), "Show everybody"),
            )
        } else {
            let rows = view.people.iter().map(|card| row(&here, card)).collect_view();
            view! { <ul class="rows">{rows}</ul> }.into_any()
        };
        let more = view.next.map(|next| {
            let path =
                format!("{}?after={}&q={}", paths::people(), paths::encoded(&next), paths::encoded(&q));
            view! { <p class="more"><a class="button" href=here.to(&path) rel="next">"More people"</a></p> }
        });
        let lede =
            "Everybody who has come in. You see how much they share, and nothing of what or with whom.";
        let body = view! {
            {head_with(&here, vec![], "People", lede, secondary(&here, &paths::settings(), "Settings of this Acequia"))}
            <form class="search" role="search" method="get" action=here.to(&paths::people())>
                <div class="field grow">
                    <label for="people-q">"Search"</label>
                    <input id="people-q" type="search" name="q" value=q.clone() maxlength="80" />
                </div>
                <button class="button" type="submit">"Search"</button>
            </form>
            {body}
            {more}
            {last_backup(&here, view.last_backup)}
        };
        Ok(Page::new("People", NavSection::People, body.into_any()))
    })
}

/// Whoever looks after the instance looks here, so here it is told that nothing was kept for long.
fn last_backup(here: &Here, at: Option<Timestamp>) -> AnyView {
    let command = || view! { <code>"acequia backup"</code> };
    match at {
        Some(at) => view! { <p class="soft">"The last backup of everything here was made with "{command()}", "{when(here, at)}"."</p> }.into_any(),
        None => view! { <p class="soft">"No backup of everything here was made with "{command()}" yet."</p> }.into_any(),
    }
}

fn row(here: &Here, card: &PersonCard) -> AnyView {
    let login = card.login.clone().map(|login| view! { <span class="soft">{login}</span>" · " });
    view! {
        <li>
            <div>
                <p class="title"><a href=here.to(&paths::person(card.id))>{card.name.clone()}</a>{remark(card)}</p>
                <p class="soft">{login}{shares_in_words(card)}" · "{seen(here, card)}</p>
            </div>
        </li>
    }
    .into_any()
}

/// What is not as with everybody else.
fn remark(card: &PersonCard) -> AnyView {
    let mut words: Vec<&str> = Vec::new();
    if card.me {
        words.push("you");
    }
    if card.instance_owner {
        words.push("owner of this Acequia");
    }
    match card.standing {
        Standing::Here => {}
        Standing::Blocked => words.push("blocked"),
        Standing::Removing => words.push("being removed"),
        Standing::Removed => words.push("removed"),
    }
    if words.is_empty() {
        return ().into_any();
    }
    view! { <span class="soft">" ("{words.join(", ")}")"</span> }.into_any()
}

fn shares_in_words(card: &PersonCard) -> String {
    format!("gives {}, receives {}", counted(card.gives, "share"), counted(card.receives, "share"))
}

fn counted(n: u32, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn seen(here: &Here, card: &PersonCard) -> AnyView {
    match card.seen {
        Some(at) => view! { "last here "{when(here, at)} }.into_any(),
        None => "not signed in anywhere".into_any(),
    }
}

pub fn page() -> AnyView {
    let id = param::<PersonId>("id");
    open(|backend, here| async move {
        let view = backend.people.get(id?).await?;
        Ok(Page::new(view.card.name.clone(), NavSection::People, person(&here, &view)))
    })
}

fn person(here: &Here, view: &PersonView) -> AnyView {
    let card = &view.card;
    let lede = match card.standing {
        Standing::Here => "May come in.",
        Standing::Blocked => "Is blocked: may not come in, and nobody offers them anything.",
        Standing::Removing => "Is being removed. What they give and receive still ends; then they are gone.",
        Standing::Removed => "Is gone.",
    };
    let since = card.standing_since.filter(|_| card.standing != Standing::Here).map(|at| {
        view! { <div><dt>"Since"</dt><dd>{exactly(here, at)}</dd></div> }
    });
    let logins = if view.logins.is_empty() { "none".to_owned() } else { view.logins.join(", ") };
    let deeds = view.deeds.iter().map(|deed| {
        let path = paths::person_deed(card.id, *deed);
        match deed {
            Deed::Block | Deed::Remove => danger(here, &path, deed.words()),
            Deed::Unblock | Deed::SignOut | Deed::MakeOwner => secondary(here, &path, deed.words()),
        }
    });
    let lost = card.standing.is_here().then(|| {
        section("lost", "Lost their way to sign in?", view! {
            <p class="prose">"Run this on the machine of this Acequia. It prints a link, good once and for a day, that adds a way to sign in to this account and ends its other sessions."</p>
            {code("The command", view.link_command.clone())}
            <p class="soft prose">"Only there: whoever has such a link is this person, with all their tailnets."</p>
        })
    });
    view! {
        {head(here, vec![(paths::people(), "People".into())], card.name.clone(), view! { {lede}{remark(card)} })}
        <dl class="facts">
            <div><dt>"Signs in as"</dt><dd>{logins}</dd></div>
            <div><dt>"Came in"</dt><dd>{exactly(here, card.came)}</dd></div>
            <div><dt>"Last here"</dt><dd>{seen(here, card)}</dd></div>
            <div><dt>"Shares"</dt><dd>{shares_in_words(card)}</dd></div>
            <div><dt>"Tailnets"</dt><dd>{counted(card.tailnets, "tailnet")}</dd></div>
            {since}
        </dl>
        <p class="actions">{deeds.collect_view()}</p>
        {lost}
    }
    .into_any()
}

/// What a deed means, on a page of its own.
pub fn deed() -> AnyView {
    let (id, deed) = (param::<PersonId>("id"), text_param("deed").parse::<Deed>());
    open(|backend, here| async move {
        let view = backend.people.plan(id?, deed?).await?;
        let title = title(&view);
        Ok(Page::new(title.clone(), NavSection::People, plan(&here, &view, title)))
    })
}

fn title(view: &DeedView) -> String {
    let name = &view.card.name;
    match view.deed {
        Deed::Block => format!("Block {name}?"),
        Deed::Unblock => format!("Let {name} in again?"),
        Deed::SignOut => format!("Sign {name} out everywhere?"),
        Deed::Remove => format!("Remove {name}?"),
        Deed::MakeOwner => format!("Make {name} an owner?"),
    }
}

fn plan(here: &Here, view: &DeedView, title: String) -> AnyView {
    let back = paths::person(view.card.id);
    let crumbs = vec![(paths::people(), "People".into()), (back.clone(), view.card.name.clone())];
    if let Some(why) = &view.refused {
        return view! {
            {head(here, crumbs, title, "This cannot be done now.")}
            <p class="note">{why.clone()}</p>
            <p class="actions">{secondary(here, &back, "Back")}</p>
        }
        .into_any();
    }
    let named = (!view.gates.is_empty()).then(|| section("yours", "Among them", gates(here, &view.gates)));
    let dangerous = matches!(view.deed, Deed::Block | Deed::Remove);
    let class = if dangerous { "button grave" } else { "button primary" };
    let form = Form::new(here, "people/act").view(
        "actions",
        view! {
            {hidden("person", view.card.id)}
            {hidden("deed", view.deed.as_str())}
            <button class=class type="submit">{view.deed.words()}</button>
        },
    );
    view! {
        {head(here, crumbs, title, "Nothing happens before you say so.")}
        {section("means", "What happens then", sentences("plain", &view.means))}
        {named}
        <div class="actions">{form}{secondary(here, &back, "Leave it")}</div>
    }
    .into_any()
}
