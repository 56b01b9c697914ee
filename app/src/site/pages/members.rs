//! Before a review, where friends are accounts of the owner's server: which one this friend is.

use leptos::prelude::*;

use crate::paths;
use crate::ports::members::MemberChoice;
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios, submit};
use crate::site::parts::gate::large;
use crate::site::parts::head::{head, secondary, section};

pub fn choice(here: &Here, view: &MemberChoice) -> AnyView {
    let friend = &view.friend;
    let title = format!("Which account is {friend}?");
    let lede = format!(
        "{} is one server, and the rule names one of its accounts. Say once which one {friend} is; nothing is opened by it.",
        view.tailnet_name
    );
    let crumbs = vec![
        (paths::shares(), "Shares".into()),
        (paths::share(view.share), format!("{} for {friend}", view.gate.service)),
    ];
    let typed = view! { <p>{friend.clone()}" wrote: "<strong>{view.typed.clone()}</strong>". Ask them if you are not sure."</p> };
    let likely = view.likely.as_ref();
    let why = likely.map(|(_, why)| view! { <p class="note">{why.clone()}</p> });
    let form = Form::new(here, "members/choose");
    let options = view.accounts.iter().map(|(id, words)| Choice {
        value: id.clone(),
        title: words.clone(),
        about: String::new(),
        more: None,
    });
    let first = likely.map(|(id, _)| id.clone()).unwrap_or_default();
    let body = if view.accounts.is_empty() {
        empty(
            "No such account",
            "Nobody there has such a name. Search with another word, or let them come in as below.",
            secondary(here, &paths::tailnet(view.tailnet), "To the network"),
        )
    } else {
        let list = radios(&form, "account", "Account", &first, options.collect());
        form.view(
            "form",
            view! {
                {hidden("share", view.share)}
                {list}
                <p class="actions">{submit("This is the one")}{secondary(here, &paths::share(view.share), "Not now")}</p>
            },
        )
    };
    let waits = view.waits_for_sign_in.then(|| {
        view! { <p class="note">{format!("You wait for {friend} to sign in there. Accounts that have come since stand first; the network is read every few minutes.")}</p> }
    });
    let more = view.more.then(|| view! { <p class="soft">"There are more: search."</p> });
    let action = here.to(&paths::review(view.share));
    view! {
        {head(here, crumbs, title, lede)}
        {large(here, &view.gate)}
        {typed}
        {why}
        <form class="search" method="get" action=action role="search">
            <input type="hidden" name="choose" value="1" />
            <div class="field grow">
                <label for="accounts-q">"Search the accounts"</label>
                <input id="accounts-q" type="search" name="q" value=view.q.clone() maxlength="80" />
            </div>
            <button class="button" type="submit">"Search"</button>
        </form>
        {waits}
        {body}
        {more}
        {new_user(here, view)}
        {sign_in(here, view)}
    }
    .into_any()
}

/// Who has no account there gets one, once the review has its yes.
fn new_user(here: &Here, view: &MemberChoice) -> AnyView {
    let friend = &view.friend;
    let form = Form::new(here, "members/new");
    let ticked = form.has("ephemeral", "yes", false);
    let box_id = form.id("ephemeral");
    let body = form.view(
        "form",
        view! {
            {hidden("share", view.share)}
            {Field::new("name", "Name on the server")
                .hint("Lower-case letters, digits, dots and hyphens. Policies call them by it.")
                .initial(&view.suggested)
                .required()
                .max(63)
                .view(&form)}
            <div class="tick">
                <input type="checkbox" id=box_id.clone() name="ephemeral" value="yes" checked=ticked />
                <label for=box_id>"Their machine goes by itself when it disconnects"</label>
            </div>
            <p class="actions"><button class="button" type="submit">"They are new there"</button></p>
        },
    );
    let words = format!(
        "After your yes to the review a user is made on the server, without a mail, and {friend} asks for a key on their \
         page: for one machine, good for a day, shown to nobody else. When the last share with them ends, key, machine and \
         user are taken away again. Not for somebody who will sign in at the server’s own provider: they would be two."
    );
    section("new-user", "They are new on this server", view! { <p>{words}</p>{body} })
}

/// Or they make it themselves, by signing in.
fn sign_in(here: &Here, view: &MemberChoice) -> AnyView {
    let friend = &view.friend;
    let form = Form::new(here, "members/sign-in");
    let words = format!(
        "If your server has a sign-in of its own, {friend} gets an account there by signing in with a device. Their page \
         tells them how; when the account has appeared, it is offered to you here."
    );
    let body = form.view(
        "form",
        view! {
            {hidden("share", view.share)}
            <p class="actions"><button class="button" type="submit">"They sign in there"</button></p>
        },
    );
    section("sign-in", "They sign in there themselves", view! { <p>{words}</p>{body} })
}
