//! The friend's page of an offer: who offers what, until when, and what the owner learns. Looking changes nothing.

use leptos::prelude::*;

use super::text_param;
use crate::paths;
use crate::ports::offers::{Answer, InvitationView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios, submit};
use crate::site::parts::head::{primary, sentences};
use crate::site::parts::icon::{icon, of_kind};
use crate::site::parts::ports;
use crate::site::parts::when::exactly;

pub fn page() -> AnyView {
    let token = text_param("token");
    open(|backend, here| async move {
        let view = backend.offers.open(token.clone()).await?;
        let title = match view.answer {
            Answer::Gone(_) => format!("An offer of {} that is over", view.service),
            _ => format!("{} offers you {}", view.owner, view.service),
        };
        Ok(Page::new(title, NavSection::Aside, invitation(&here, &view, &token)))
    })
}

fn invitation(here: &Here, view: &InvitationView, token: &str) -> AnyView {
    if let Answer::Gone(why) = &view.answer {
        return over(here, view, why);
    }
    let until = match view.until {
        Some(end) => view! { "until "{exactly(here, end)} }.into_any(),
        None => view! { "until one of you ends it" }.into_any(),
    };
    let note = (!view.note.is_empty()).then(|| {
        view! { <blockquote class="letter"><p>{view.note.clone()}</p><footer>{view.owner.clone()}</footer></blockquote> }
    });
    let about = (!view.about.is_empty()).then(|| view! { <p class="prose">{view.about.clone()}</p> });
    view! {
        <article class="invitation">
            <header>
                <span class=format!("stamp large {}", view.kind.as_str())>{icon(of_kind(view.kind))}</span>
                <p class="eyebrow">"An offer from "{view.owner.clone()}</p>
                <h1>{view.service.clone()}</h1>
                <p class="lede">{view.kind.label()}" on "{view.node.clone()}", "{until}</p>
            </header>
            {note}
            {about}
            <div class="two">
                <section aria-labelledby="means"><h2 id="means">"What it means"</h2>{sentences("plain", &view.means)}</section>
                <section aria-labelledby="learns"><h2 id="learns">{format!("What {} learns of you", view.owner)}</h2>{sentences("plain", &view.owner_learns)}</section>
            </div>
            <dl class="facts">
                <div><dt>"Opens"</dt><dd>{ports::in_words(&view.ports)}</dd></div>
                <div><dt>"Answer"</dt><dd>"until "{exactly(here, view.lapses)}</dd></div>
            </dl>
            {answer(here, view, token)}
        </article>
    }
    .into_any()
}

/// That it is over comes first; what it would have opened is no longer theirs to have.
fn over(here: &Here, view: &InvitationView, why: &str) -> AnyView {
    view! {
        <article class="invitation">
            {said(why, again(here, view))}
            <header>
                <span class=format!("stamp large {}", view.kind.as_str())>{icon(of_kind(view.kind))}</span>
                <p class="eyebrow">"An offer from "{view.owner.clone()}</p>
                <h1>{view.service.clone()}</h1>
                <p class="lede">{view.kind.label()}" on "{view.node.clone()}</p>
            </header>
        </article>
    }
    .into_any()
}

/// Asks for another one.
fn again(here: &Here, view: &InvitationView) -> Option<AnyView> {
    view.ask.map(|service| primary(here, &paths::ask_for(service), "Ask again"))
}

fn answer(here: &Here, view: &InvitationView, token: &str) -> AnyView {
    match &view.answer {
        Answer::SignInFirst => {
            let form = Form::new(here, "offers/remember");
            form.view("answer", view! {
                {hidden("token", token)}
                <p>"To say yes or no, tell us who you are first. You come back to this page; nothing is decided by signing in."</p>
                <p class="actions"><button class="button primary" type="submit">"Sign in to answer"</button></p>
            })
        }
        Answer::Possible { logins, automatic } => accept(here, view, token, logins, *automatic),
        Answer::Accepted(share) => {
            let path = paths::share(*share);
            said("You have accepted this.", primary(here, &path, "See your share"))
        }
        Answer::Declined => {
            said("You have declined this. Changed your mind? Ask for a new offer.", again(here, view))
        }
        Answer::Own(offer) => {
            let path = paths::offer(*offer);
            said("This is your own offer, as your friend sees it.", primary(here, &path, "Back to the offer"))
        }
        Answer::ForSomebodyElse => {
            said("This offer is meant for somebody else. You may read it, but not accept it.", ())
        }
        // Said first.
        Answer::Gone(_) => ().into_any(),
    }
}

fn said(text: &str, action: impl IntoView + 'static) -> AnyView {
    view! { <div class="answer"><p><strong>{text.to_owned()}</strong></p><p class="actions">{action.into_view().into_any()}</p></div> }.into_any()
}

fn accept(here: &Here, view: &InvitationView, token: &str, logins: &[String], automatic: bool) -> AnyView {
    let form = Form::new(here, "offers/accept");
    let (label, hint) = match &view.server {
        Some(server) => (
            "Your account on this server",
            format!(
                "The name by which {server} knows your devices, such as carla or carla@example.com. {} says which account it is, and opens the gate for that one only.",
                view.owner
            ),
        ),
        None => (
            "Your Tailscale login",
            format!(
                "The account with which you use Tailscale, such as name@example.com. {} opens the gate for this account only.",
                view.owner
            ),
        ),
    };
    let list = form.id("logins");
    let known = logins.iter().cloned().map(|login| view! { <option value=login></option> }).collect_view();
    let initial = logins.first().cloned().unwrap_or_default();
    let after = if view.server.is_some() {
        "Once it is open you find the steps to join here."
    } else if automatic {
        "Your network is connected here: once it is open, the machine appears in it by itself."
    } else {
        "Once it is open you get a link here that brings the machine into your network, and the steps to join."
    };
    let (question, yes, no, how) = match &view.server {
        Some(server) => (
            format!("Do you have an account on {server} already?"),
            "Yes, this one",
            "No, not yet",
            format!("Say yes all the same: {} is told, and you read how to come by one.", view.owner),
        ),
        None => (
            "Do you use Tailscale already?".to_owned(),
            "Yes, with this account",
            "No, or I don’t know what that is",
            "Say yes all the same: you then read, in six steps, what it is and how to come by it. It costs nothing for this.".to_owned(),
        ),
    };
    let field = Field::new("login", label)
        .hint(hint)
        .initial(initial)
        .max(254)
        .complete("email")
        .list(list.clone())
        .view(&form);
    let choices = vec![
        Choice { value: "yes".into(), title: yes.into(), about: String::new(), more: Some(field) },
        Choice { value: "no".into(), title: no.into(), about: how, more: None },
    ];
    let first = if logins.is_empty() { "" } else { "yes" };
    view! {
        <div class="answer">
            {form.view("form", view! {
                {hidden("token", token)}
                {radios(&form, "already", &question, first, choices)}
                <datalist id=list>{known}</datalist>
                <p class="soft">{after}</p>
                <p class="actions">
                    {submit("Accept")}
                    <button class="button" type="submit" form="decline" formnovalidate>"No, thank you"</button>
                </p>
            })}
            <form id="decline" method="post" action=here.post("offers/decline")>{hidden("token", token)}</form>
        </div>
    }
    .into_any()
}
