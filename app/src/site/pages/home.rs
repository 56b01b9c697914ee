//! Home: what waits for the viewer; for strangers, what this is.

use leptos::prelude::*;

use super::after;
use crate::fault::Fault;
use crate::paths;
use crate::ports::inbox::{HomeView, Item, Kind, Step};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden};
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, primary, secondary, section};
use crate::site::parts::icon::{self, icon};
use crate::site::parts::more::more;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let after = after("after");
    open(|backend, here| async move {
        match backend.inbox.home_page(after).await {
            Ok(view) => Ok(Page::new("Home", NavSection::Home, home(&here, &view))),
            Err(Fault::SignedOut) => {
                Ok(Page::new("Lend a service, keep the key", NavSection::Home, welcome(&here)))
            }
            Err(fault) => Err(fault),
        }
    })
}

fn home(here: &Here, view: &HomeView) -> AnyView {
    let name = here.me.as_ref().map(|me| me.name.clone()).unwrap_or_default();
    let waiting = match view.count.count {
        0 => "Nothing waits for you.".to_owned(),
        1 => "One thing waits for you.".to_owned(),
        _ if view.count.or_more => {
            format!("More than {} things wait for you.", view.count.count.saturating_sub(1))
        }
        count => format!("{count} things wait for you."),
    };
    let inbox = (!view.items.is_empty()).then(|| {
        let items = view.items.iter().map(|item| item_row(here, item)).collect_view();
        section("inbox", "Waiting for you", view! { <ul class="inbox">{items}</ul>{more(here, "after", "inbox", view.next.as_ref(), "More that waits")} })
    });
    let first = (!view.steps.is_empty()).then(|| {
        let steps = view.steps.iter().map(|step| step_row(here, step)).collect_view();
        section("first-steps", "First steps", view! { <ol class="first-steps">{steps}</ol> })
    });
    let open = if view.open.is_empty() {
        empty(
            "No gate is open",
            "When a service is shared with you, or you share one of yours, you see it here.",
            secondary(here, &paths::directory(), "Look at the directory"),
        )
    } else {
        gates(here, &view.open)
    };
    view! {
        {head_with(here, vec![], format!("Hello, {name}"), waiting, primary(here, &paths::new_offer(None), "Offer a service"))}
        {first}
        {inbox}
        {section("open", "Open gates", open)}
    }
    .into_any()
}

fn item_row(here: &Here, item: &Item) -> AnyView {
    let (class, drawing) = match item.kind {
        Kind::Offer => ("offer", icon::LETTER),
        Kind::News => ("news", icon::LETTER),
        Kind::Review => ("review", icon::EYE),
        Kind::Attention | Kind::Finding => ("attention", icon::WARN),
        Kind::EndsSoon => ("ends", icon::CLOCK),
        Kind::Credential => ("credential", icon::KEY),
    };
    let detail = item.detail.clone().map(|text| view! { <p class="soft">{text}</p> });
    let aside = item.dismiss.as_ref().map(|notice| {
        Form::new(here, "inbox/dismiss").view(
            "inline",
            view! {
                {hidden("kind", notice.kind)}
                {hidden("object", &notice.object)}
                {hidden("part", &notice.part)}
                <button class="button small" type="submit">"Dismiss"<span class="sr">": "{item.title.clone()}</span></button>
            },
        )
    });
    view! {
        <li class=class>
            {icon(drawing)}
            <div>
                <p class="title">{item.title.clone()}</p>
                {detail}
                <p class="soft small">{when(here, item.at)}</p>
            </div>
            {aside}
            <a class="button" href=here.to(&item.href)>{item.action.clone()}<span class="sr">": "{item.title.clone()}</span></a>
        </li>
    }
    .into_any()
}

fn step_row(here: &Here, step: &Step) -> AnyView {
    let (class, word) = if step.done { ("done", "done") } else { ("to-do", "to do") };
    let title = step.title.clone();
    let title = if step.done {
        view! { <span>{title}</span> }.into_any()
    } else {
        view! { <a href=here.to(&step.href)>{title}</a> }.into_any()
    };
    view! { <li class=class><p class="title">{title}<span class="sr">" ("{word}")"</span></p><p class="soft">{step.detail.clone()}</p></li> }.into_any()
}

fn welcome(here: &Here) -> AnyView {
    view! {
        <div class="welcome">
            {icon::welcome()}
            <h1>"Lend one service. Not the whole house."</h1>
            <p class="lede">
                "You run a game server, a media library, a git forge at home. A friend would like to use it. "
                "Acequia opens one gate, for one person, to one service, until a day you both agreed on, and always knows who can reach what."
            </p>
            <p class="actions">{primary(here, &paths::sign_in(), "Sign in")}</p>
            <ol class="three">
                <li><h2>"Offer"</h2><p>"Pick a service and a friend. They get a link that says what it is and until when."</p></li>
                <li><h2>"Look before it opens"</h2><p>"You see in plain words what your friend would reach, and what nobody asked for. Then you say yes."</p></li>
                <li><h2>"It ends by itself"</h2><p>"When the time is over the gate closes, and everything is as it was before."</p></li>
            </ol>
        </div>
    }
    .into_any()
}
