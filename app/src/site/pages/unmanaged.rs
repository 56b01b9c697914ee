//! Shares that were made elsewhere: the list on the page of their tailnet, the page of one, and the one that asks.

use leptos::prelude::*;
use model::{UnmanagedId, UnmanagedKind};

use super::param;
use crate::paths;
use crate::ports::unmanaged::{UnmanagedCard, UnmanagedList, UnmanagedView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Choice, Form, hidden, radios};
use crate::site::parts::head::{Crumbs, danger, head, secondary, section, sentences};
use crate::site::parts::history::history;
use crate::site::parts::icon::{self, icon};
use crate::site::parts::more::more;
use crate::site::parts::when::when;

/// On the page of the tailnet. Nothing where all is known.
pub fn list(here: &Here, unmanaged: &UnmanagedList) -> Option<AnyView> {
    let failed = unmanaged.failed.clone().map(|why| {
        view! { <p class="note">"Whether somebody shares a machine past Acequia could not be looked at: "{why}</p> }
    });
    let going_on = unmanaged.going_on.map(|(done, of)| {
        let words = format!("Whom machines are shared with is being read: {done} of {of} machines so far.");
        view! { <p class="soft small">{words}</p> }
    });
    if unmanaged.all_unmanaged.is_empty() && failed.is_none() && going_on.is_none() {
        return None;
    }
    let (kept, new): (Vec<&UnmanagedCard>, Vec<&UnmanagedCard>) =
        unmanaged.all_unmanaged.iter().partition(|unmanaged| unmanaged.kept.is_some());
    let rows = |list: Vec<&UnmanagedCard>| {
        let rows = list.into_iter().map(|unmanaged| row(here, unmanaged)).collect_view();
        view! { <ul class="rows">{rows}</ul> }
    };
    let known = (!kept.is_empty()).then(|| {
        view! { <details class="over-list"><summary>"Known, and kept as they are"</summary>{rows(kept)}</details> }
    });
    let new = (!new.is_empty()).then(|| rows(new));
    let about = (!unmanaged.all_unmanaged.is_empty()).then(|| {
        view! { <p class="soft">"These are at the control plane, and no share here accounts for them. Adopt them, or end them."</p> }
    });
    let next = more(here, "elsewhere", "elsewhere", unmanaged.next.as_ref(), "More of these");
    Some(section("elsewhere", "Made elsewhere", view! { {going_on}{failed}{about}{new}{known}{next} }))
}

fn row(here: &Here, unmanaged: &UnmanagedCard) -> AnyView {
    let href = here.to(&paths::unmanaged(unmanaged.id));
    view! {
        <li>
            <div>
                <p class="title">{drawing(unmanaged)}" "{unmanaged.title.clone()}</p>
                <p class="soft small">{unmanaged.detail.clone()}" First seen "{when(here, unmanaged.found)}"."</p>
            </div>
            <a class="button" href=href>"Look"<span class="sr">": "{unmanaged.title.clone()}</span></a>
        </li>
    }
    .into_any()
}

fn drawing(unmanaged: &UnmanagedCard) -> AnyView {
    icon(match unmanaged.kind {
        UnmanagedKind::Invite if !unmanaged.opened => icon::LETTER,
        UnmanagedKind::Invite | UnmanagedKind::Recipient => icon::EYE,
        UnmanagedKind::Rule => icon::WARN,
    })
}

fn crumbs(view: &UnmanagedView) -> Crumbs {
    vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
        (paths::all_unmanaged(view.tailnet), "Made elsewhere".into()),
    ]
}

pub fn page() -> AnyView {
    let id = param::<UnmanagedId>("id");
    open(|backend, here| async move {
        let view = backend.unmanaged.get(id?).await?;
        Ok(Page::new(view.card.title.clone(), NavSection::Tailnets, unmanaged(&here, &view)))
    })
}

fn unmanaged(here: &Here, view: &UnmanagedView) -> AnyView {
    let card = &view.card;
    let lede = view! { <p>{card.detail.clone()}" First seen "{when(here, card.found)}"."</p> };
    let kept = card.kept.clone().map(|(who, at)| {
        view! { <p class="note">{who}" said "{when(here, at)}" that it may stay as it is."</p> }
    });
    let adopt = card.opened.then(|| section("adopt", "Adopt it", adoption(here, view)));
    let keep = (card.kept.is_none() && card.kind != UnmanagedKind::Rule).then(|| {
        let form = Form::new(here, "elsewhere/keep");
        let body = view! {
            <p>"Nothing changes. It stays in the list of this tailnet with your name and today’s date, and does not wait for you any more."</p>
            <p class="actions">{hidden("stray", card.id)}<button class="button" type="submit">"Keep it as it is"</button></p>
        };
        section("keep", "Keep it", form.view("form", body))
    });
    let by_hand = (!view.by_hand.is_empty()).then(|| {
        let sync = Form::new(here, "tailnets/sync").view(
            "actions",
            view! {
                {hidden("tailnet", view.tailnet)}
                <button class="button" type="submit">"I have done it: look again"</button>
            },
        );
        let steps = view.by_hand.iter().cloned().map(|text| view! { <li>{text}</li> }).collect_view();
        section("by-hand", "In the admin console", view! { <ol class="plain">{steps}</ol>{sync} })
    });
    let end = view.can_end.then(|| danger(here, &paths::end_unmanaged(card.id), "End it"));
    view! {
        {head(here, crumbs(view), card.title.clone(), lede)}
        {kept}
        {adopt}
        {keep}
        {by_hand}
        {end}
        {history(here, &view.history)}
    }
    .into_any()
}

fn adoption(here: &Here, view: &UnmanagedView) -> AnyView {
    let offer = secondary(here, &paths::new_offer(None), "Offer a service");
    let Some(person) = view.person.clone() else {
        return view! {
            <p>"Nobody here is known by this login, so it cannot become a share yet. Offer them a service: once they have accepted with this login, their share uses the invite that they have."</p>
            <p class="actions">{offer}</p>
        }
        .into_any();
    };
    if view.services.is_empty() {
        return view! { <p>"The login is "{person}"’s. The machine offers no service yet: list the one that they use, then adopt this."</p> }
            .into_any();
    }
    let form = Form::new(here, "elsewhere/adopt");
    let options = view
        .services
        .iter()
        .map(|(id, label)| Choice {
            value: id.to_string(),
            title: label.clone(),
            about: String::new(),
            more: None,
        })
        .collect();
    let first = view.services.first().map(|(id, _)| id.to_string()).unwrap_or_default();
    let body = view! {
        <p>"The login is "<strong>{person}</strong>"’s. It becomes a share here, with an end, a history and a review. Nothing opens or closes before you have reviewed it; ending it then takes the machine back."</p>
        {hidden("stray", view.card.id)}
        {radios(&form, "service", "Which service is it for?", &first, options)}
        <p class="actions"><button class="button primary" type="submit">"Adopt it"</button></p>
    };
    form.view("form", body)
}

pub fn end() -> AnyView {
    let id = param::<UnmanagedId>("id");
    open(|backend, here| async move {
        let view = backend.unmanaged.get(id?).await?;
        let title = format!("End it? {}", view.card.title);
        let form = Form::new(&here, "elsewhere/end");
        let button = view.can_end.then(|| {
            form.view(
                "actions",
                view! {
                    {hidden("stray", view.card.id)}
                    <button class="button grave" type="submit">"End it"</button>
                },
            )
        });
        let cannot = (!view.can_end).then(|| {
            view! { <p class="note">"This cannot be ended from here: the control plane has no call for it."</p> }
        });
        let mut crumbs = crumbs(&view);
        crumbs.push((paths::unmanaged(view.card.id), view.card.title.clone()));
        let body = view! {
            {head(&here, crumbs, title.clone(), "This is what happens when you say yes.")}
            {cannot}
            {sentences("plain means", &view.end_means)}
            <div class="actions">{button}{secondary(&here, &paths::unmanaged(view.card.id), "Leave it")}</div>
        };
        Ok(Page::new(title, NavSection::Tailnets, body.into_any()))
    })
}
