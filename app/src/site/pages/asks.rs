//! Asking for an offer: on the page of a service for whoever it is listed to, and what those who give it answer.

use leptos::prelude::*;
use model::{AskAnswer, AskId, Wished};

mod taking;

use super::param;
use crate::paths;
use crate::ports::asks::{AskStands, AskView, Asking, AtOnce, OwnAsk, Wish};
use crate::ports::services::ServiceCard;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::head::{head, primary, section};
use crate::site::parts::until;
use crate::site::parts::when::exactly;

/// How the viewer stands with an ask of theirs, and the form: to ask, or to get it where they need not.
pub fn own(here: &Here, card: &ServiceCard, own: &OwnAsk, at_once: Option<&AtOnce>) -> AnyView {
    let owner = &card.owner;
    let said = match own {
        OwnAsk::No if at_once.is_some() => ().into_any(),
        OwnAsk::No => view! {
            <p>"You see this listing, but the gate is not open for you. "{owner.clone()}" reads your wish and can offer it to you."</p>
        }
        .into_any(),
        OwnAsk::Waits { id, wish } => waits(here, owner, *id, wish),
        OwnAsk::Offered(offer) => {
            let invitation = paths::invitation(&offer.to_string());
            view! {
                <p>"It is offered to you, and waits for your answer."</p>
                <p class="actions">{primary(here, &invitation, "Look at the offer")}</p>
            }
            .into_any()
        }
        OwnAsk::Declined { at, word, again } => {
            let word = (!word.is_empty())
                .then(|| view! { <blockquote class="letter">{word.clone()}</blockquote> });
            let again = again.map(|again| {
                view! { <p class="soft">"You can ask again on "{exactly(here, again)}"."</p> }
            });
            view! { <p><strong>"You asked, and it was declined"</strong>" on "{exactly(here, *at)}"."</p>{word}{again} }.into_any()
        }
        OwnAsk::NotBefore(again) => view! {
            <p>"You asked, and took it back. You can ask again on "{exactly(here, *again)}"."</p>
        }
        .into_any(),
    };
    let form = own.may().then(|| form(here, card));
    match at_once {
        Some(terms) => section(
            "ask",
            "Get it",
            view! { {said}{taking::form(here, card, terms)}{form.map(|form| taking::or_ask(here, form))} },
        ),
        None => section("ask", "Ask for it", view! { {said}{form} }),
    }
}

fn waits(here: &Here, owner: &str, id: AskId, wish: &Wish) -> AnyView {
    let back = Form::new(here, "asks/withdraw").view(
        "actions",
        view! { {hidden("ask", id)}<button class="button" type="submit">"Take it back"</button> },
    );
    view! {
        <p><strong>"You asked on "{exactly(here, wish.asked)}{format!("; waiting for {owner}.")}</strong>" You would like it "{wished(here, wish)}"."</p>
        {letter(wish)}
        {back}
    }
    .into_any()
}

fn form(here: &Here, card: &ServiceCard) -> AnyView {
    let form = Form::new(here, "asks/create");
    let note = Field::new("note", format!("A note to {}", card.owner))
        .hint("They read it with your wish.")
        .max(2000)
        .rows(3)
        .view(&form);
    form.view(
        "form compact",
        view! {
            {hidden("service", card.id)}
            {until::choices(here, &form, "Until when", "month", "")}
            {note}
            <p class="actions">{submit("Ask for it")}</p>
        },
    )
}

/// Who waits for an offer, for those who give it.
pub fn waiting(here: &Here, asking: &[Asking]) -> Option<AnyView> {
    let row = |one: &Asking| {
        let href = here.to(&paths::ask(one.id));
        view! {
            <li>
                <a href=href>{one.who.clone()}</a>" would like it "{wished(here, &one.wish)}", asked "{exactly(here, one.wish.asked)}
            </li>
        }
    };
    let rows = asking.iter().map(row).collect_view();
    (!asking.is_empty())
        .then(|| section("asking", "Who asks for it", view! { <ul class="plain">{rows}</ul> }))
}

pub fn page() -> AnyView {
    let id = param::<AskId>("id");
    open(|backend, here| async move {
        let view = backend.asks.get(id?).await?;
        let title = format!("{} asks for {}", view.asking.who, view.service_name);
        Ok(Page::new(title.clone(), NavSection::Directory, ask(&here, &view, title)))
    })
}

fn ask(here: &Here, view: &AskView, title: String) -> AnyView {
    let wish = &view.asking.wish;
    let stands = match &view.stands {
        AskStands::Waits { later: None } => ().into_any(),
        AskStands::Waits { later: Some(later) } => {
            view! { <p class="note">"Put off: your inbox has it again on "{exactly(here, *later)}". They wait on."</p> }.into_any()
        }
        AskStands::Answered(AskAnswer::Offered) => note("It was offered to them."),
        AskStands::Answered(AskAnswer::Declined) => note("It was declined, and they were told."),
        AskStands::Answered(AskAnswer::Withdrawn) => note("They took it back."),
        AskStands::Lapsed => note("Nobody answered in its time. They can ask again."),
    };
    let answers = matches!(view.stands, AskStands::Waits { .. }).then(|| answers(here, view));
    let on = format!("on {}", view.node);
    view! {
        {head(here, vec![(paths::service(view.service), view.service_name.clone())], title, on)}
        {stands}
        {letter(wish)}
        <dl class="facts">
            <div><dt>"Would like it"</dt><dd>{wished(here, wish)}</dd></div>
            <div><dt>"Asked"</dt><dd>{exactly(here, wish.asked)}</dd></div>
            <div><dt>"Waits"</dt><dd>"until "{exactly(here, view.lapses)}</dd></div>
        </dl>
        {answers}
    }
    .into_any()
}

fn note(text: &'static str) -> AnyView {
    view! { <p class="note">{text}</p> }.into_any()
}

fn answers(here: &Here, view: &AskView) -> AnyView {
    let id = view.asking.id;
    let no = Form::new(here, "asks/decline");
    let word =
        Field::new("word", "A word with it").hint("They read it with your no.").max(2000).rows(2).view(&no);
    let no = no.view(
        "form compact",
        view! {
            {hidden("ask", id)}
            {word}
            <p class="actions"><button class="button" type="submit">"Decline"</button></p>
        },
    );
    let later = Form::new(here, "asks/later")
        .view("actions", view! { {hidden("ask", id)}<button class="button" type="submit">"Later"</button> });
    view! {
        {section("offer", "Offer it", view! {
            <p>"The form is filled with who asks and until when. Nothing opens before they accept and you have looked at what it means."</p>
            <p class="actions">{primary(here, &paths::new_offer_for(id), "Offer it")}</p>
        })}
        {section("decline", "Decline", no)}
        {section("later", "Not now", view! { <p>"They are told nothing and wait on; your inbox has it again in three days."</p>{later} })}
    }
    .into_any()
}

fn letter(wish: &Wish) -> Option<AnyView> {
    (!wish.note.is_empty())
        .then(|| view! { <blockquote class="letter">{wish.note.clone()}</blockquote> }.into_any())
}

/// Until when, behind "would like it".
fn wished(here: &Here, wish: &Wish) -> AnyView {
    match (wish.until, wish.ends) {
        (Wished::Evening, _) => "for an evening".into_any(),
        (Wished::Weekend, _) => "for a weekend".into_any(),
        (Wished::Month, _) => "for a month".into_any(),
        (Wished::Date, Some(ends)) => view! { "until "{exactly(here, ends)} }.into_any(),
        (Wished::Date | Wished::Ended, _) => "until one of you ends it".into_any(),
    }
}
