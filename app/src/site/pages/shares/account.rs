//! For a friend who said yes and has no account yet: what it is, how to come by one, and where to tell it.

use leptos::prelude::*;

use crate::islands::Copy;
use crate::ports::services::JoinStep;
use crate::ports::shares::{MissingAccount, ShareView, SystemSteps};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden, submit};
use crate::site::parts::head::section;

pub fn steps(here: &Here, view: &ShareView, account: &MissingAccount) -> AnyView {
    let items = account.steps.iter().enumerate().map(|(at, step)| {
        let systems = (at == account.install_at).then(|| systems(&account.systems));
        one(step, systems)
    });
    let form = Form::new(here, "shares/account");
    let list = form.id("logins");
    let known =
        account.logins.iter().cloned().map(|login| view! { <option value=login></option> }).collect_view();
    let initial = account.logins.first().cloned().unwrap_or_default();
    let (label, hint) = match &account.server {
        Some(server) => (
            "Your account on this server",
            format!("The name that you got for {server}, such as carla or carla@example.com."),
        ),
        None => (
            "The account that you made",
            "The address with which you sign in to Tailscale, such as name@example.com.".to_owned(),
        ),
    };
    let done = form.view(
        "form",
        view! {
            {hidden("share", view.id)}
            {Field::new("login", label).hint(hint).initial(initial).max(254).required().complete("email").list(list.clone()).view(&form)}
            <datalist id=list>{known}</datalist>
            <p class="actions">{submit("I have it now")}</p>
        },
    );
    section(
        "account",
        "Six steps to your account",
        view! {
            <p>"Take your time: you may close this page. It is here again whenever you sign in, and in your inbox."</p>
            <ol class="join">{items.collect_view()}</ol>
            {done}
        },
    )
}

fn one(step: &JoinStep, more: Option<AnyView>) -> AnyView {
    let copy = step.copy.clone().map(|text| view! { <Copy text /> });
    view! { <li><h3>{step.title.clone()}</h3><p>{step.detail.clone()}</p>{copy}{more}</li> }.into_any()
}

/// How each kind of device is set up, folded.
pub fn systems(list: &[SystemSteps]) -> AnyView {
    let all = list.iter().map(|one| {
        let steps = one.steps.iter().cloned().map(|text| view! { <li>{text}</li> }).collect_view();
        let copy = one.copy.clone().map(|text| view! { <Copy text /> });
        view! { <details><summary>{one.system.clone()}</summary><ol class="plain">{steps}</ol>{copy}</details> }
    });
    view! { <div class="systems">{all.collect_view()}</div> }.into_any()
}
