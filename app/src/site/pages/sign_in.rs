//! Sign-in: the ways that are configured; in the demo, the seeded people.

use leptos::prelude::*;

use super::{query, text_param};
use crate::paths;
use crate::ports::accounts::SignInView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden};
use crate::site::parts::head::head;
use crate::site::parts::icon;

pub fn page() -> AnyView {
    let next = query("next");
    open(|backend, here| async move {
        let view = backend.accounts.sign_in().await?;
        Ok(Page::new("Sign in", NavSection::Aside, sign_in(&here, &view, &next)))
    })
}

fn sign_in(here: &Here, view: &SignInView, next: &str) -> AnyView {
    let back = |next: &str| (!next.is_empty()).then(|| hidden("next", next));
    let offer = view.offer.clone().map(
        |offer| view! { <p class="note">{offer}" Sign in to answer; nothing happens before you say so."</p> },
    );
    let providers = view.providers.iter().map(|provider| {
        let action = here.to(&paths::sign_in_with(&provider.id));
        view! {
            <li>
                <form method="post" action=action>
                    {back(next)}
                    <button class="button wide" type="submit">"Continue with "{provider.label.clone()}</button>
                </form>
            </li>
        }
    });
    let providers =
        (!view.providers.is_empty()).then(|| view! { <ul class="ways">{providers.collect_view()}</ul> });
    let demo = view.demo_people.iter().map(|person| {
        let action = here.to(&paths::sign_in_demo());
        view! {
            <li>
                <form method="post" action=action>
                    {back(next)}
                    {hidden("person", person.id)}
                    <button class="person" type="submit">
                        <span class="avatar" aria-hidden="true">{person.name.chars().next().map(String::from)}</span>
                        <span><strong>{person.name.clone()}</strong><span class="about">{person.about.clone()}</span></span>
                    </button>
                </form>
            </li>
        }
    });
    let demo = (!view.demo_people.is_empty()).then(|| {
        view! {
            <section class="demo-people" aria-labelledby="demo-heading">
                <h2 id="demo-heading">"Be one of the seeded people"</h2>
                <p class="soft">"This is the demo: no password, nothing real."</p>
                <ul class="ways">{demo.collect_view()}</ul>
            </section>
        }
    });
    let setup = view.needs_setup.then(|| set_up(here));
    let closed = (!view.may_register && !view.needs_setup && view.demo_people.is_empty()).then(|| {
        view! { <p class="soft">"New here? You come in with the link of an offer. Ask the friend who told you about this place."</p> }
    });
    view! {
        <div class="sign-in">
            {icon::wordmark()}
            <h1>"Sign in"</h1>
            {offer}
            {setup}
            {providers}
            {demo}
            {closed}
        </div>
    }
    .into_any()
}

/// With a link for somebody who lost every way to sign in.
pub fn again() -> AnyView {
    let token = text_param("token");
    open(|backend, here| async move {
        let view = backend.accounts.come_back(token.clone()).await?;
        let Some(name) = view.name else {
            let text = "This link was used, or its day is over, or a newer one was made. Ask whoever sent it for another one. Nothing was changed.";
            let body = head(&here, vec![], "This link does not work any more", text);
            return Ok(Page::new("This link does not work any more", NavSection::Aside, body));
        };
        let title = format!("Come back as {name}");
        let ways = view.providers.iter().map(|provider| {
            let action = here.to(&paths::sign_in_with(&provider.id));
            view! {
                <li>
                    <form method="post" action=action>
                        {hidden("again", token.clone())}
                        <button class="button wide" type="submit">"Continue with "{provider.label.clone()}</button>
                    </form>
                </li>
            }
        });
        let none = view
            .providers
            .is_empty()
            .then(|| view! { <p class="note">"No way to sign in is configured here."</p> });
        let body = view! {
            <div class="sign-in">
                {icon::wordmark()}
                <h1>{title.clone()}</h1>
                <p class="note">"Whoever signs in from here is "{name.clone()}" from then on: this way to sign in is added to the account, all its other sessions end, and the link is used up."</p>
                <ul class="ways">{ways.collect_view()}</ul>
                {none}
            </div>
        };
        Ok(Page::new(title, NavSection::Aside, body.into_any()))
    })
}

fn set_up(here: &Here) -> AnyView {
    let form = Form::new(here, "sign-in/setup");
    let action = here.to(&paths::sign_in_setup());
    view! {
        <section class="sheet" aria-labelledby="setup-heading">
            <h2 id="setup-heading">"This place has no owner yet"</h2>
            <p>"Type the set-up code that was printed at the first start, or run "<code>"acequia setup-code"</code>". Then sign in: you will be the owner."</p>
            <form method="post" action=action class="form">
                {Field::new("code", "Set-up code").required().max(80).view(&form)}
                <p class="actions"><button class="button primary" type="submit">"Continue"</button></p>
            </form>
        </section>
    }
    .into_any()
}
