//! The account: name, ways to sign in, browsers that are signed in.

use leptos::prelude::*;

use super::after;
use crate::paths;
use crate::ports::accounts::{AccountView, IdentityView, SessionView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::field::{Field, Form, hidden};
use crate::site::parts::head::{danger, head, secondary, section};
use crate::site::parts::more::more;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let after = after("after");
    open(|backend, here| async move {
        let view = backend.accounts.account_page(after).await?;
        Ok(Page::new("Your account", NavSection::Aside, account(&here, &view)))
    })
}

fn account(here: &Here, view: &AccountView) -> AnyView {
    let form = Form::new(here, "account/rename");
    let name = form.view("form compact", view! {
        {Field::new("name", "Name").hint("As your friends see it.").initial(view.name.clone()).max(80).required().view(&form)}
        <p class="actions"><button class="button" type="submit">"Save"</button></p>
    });
    let identities = view.identities.iter().map(|one| identity(here, one)).collect_view();
    let link = view.linkable.iter().map(|provider| {
        let action = here.to(&paths::sign_in_with(&provider.id));
        view! {
            <form method="post" action=action class="inline">
                {hidden("link", 1)}
                {hidden("next", paths::account())}
                <button class="button" type="submit">"Add "{provider.label.clone()}</button>
            </form>
        }
    });
    let sessions = view.sessions.items.iter().map(|one| session(here, one)).collect_view();
    let others = view.sessions.items.iter().any(|one| !one.current).then(|| {
        Form::new(here, "account/end-others").view(
            "actions",
            view! { <button class="button" type="submit">"Sign out everywhere else"</button> },
        )
    });
    let handable = view.handable.iter().map(|(id, name)| {
        let path = here.to(&paths::stewards(*id));
        view! { <li><div><p class="title">{name.clone()}</p></div><a class="button small" href=path>"Hand over"<span class="sr">" "{name.clone()}</span></a></li> }
    });
    let handable = (!view.handable.is_empty()).then(|| {
        let rows = view! {
            <p class="soft">"One of its stewards can become the owner in your place. What ends by it is said before it is done."</p>
            <ul class="rows">{handable.collect_view()}</ul>
        };
        section("hand-over", "Your tailnets with stewards", rows)
    });
    view! {
        {head(here, vec![], "Your account", "Who you are here, and where you are signed in.")}
        {name}
        {section("zone", "Time zone", zone(here, view))}
        {section("notifications", "Notifications", view! { <p>"What you hear by mail, ntfy or webhook, and what not."</p><p class="actions">{secondary(here, &paths::notifications(), "Choose what you hear")}</p> })}
        {section("identities", "Ways to sign in", view! { <ul class="rows">{identities}</ul><div class="actions">{link.collect_view()}</div> })}
        {section("sessions", "Signed-in browsers", view! { <ul class="rows">{sessions}</ul>{more(here, "after", "sessions", view.sessions.next.as_ref(), "More browsers")}{others} })}
        {handable}
        {section("leave", "Leave for good", view! { <p class="actions">{danger(here, &paths::leave(), "Delete my account")}</p> })}
    }
    .into_any()
}

/// In which zone times are read and typed, and told in mails.
fn zone(here: &Here, view: &AccountView) -> AnyView {
    let says = match &view.told {
        Some(told) => format!("Left empty, it is as your browser says: {told}."),
        None => {
            "Left empty, it is as your browser says. This one has not said it, so times are in UTC.".into()
        }
    };
    let form = Form::new(here, "account/zone");
    let field = Field::new("zone", "Times are in")
        .hint(format!("A city as in Europe/Berlin. {says}"))
        .initial(view.zone.clone())
        .max(64)
        .view(&form);
    form.view("form compact", view! {
        {field}
        <p class="actions"><button class="button" type="submit">"Save"<span class="sr">" the time zone"</span></button></p>
    })
}

fn identity(here: &Here, one: &IdentityView) -> AnyView {
    let remove = one.can_unlink.then(|| {
        Form::new(here, "account/unlink").view("inline", view! {
            {hidden("identity", one.id)}
            <button class="button small" type="submit">"Remove"<span class="sr">" "{one.provider.clone()}</span></button>
        })
    });
    view! {
        <li>
            <div><p class="title">{one.provider.clone()}</p><p class="soft">{one.subject.clone()}" · added "{when(here, one.linked)}</p></div>
            {remove}
        </li>
    }
    .into_any()
}

fn session(here: &Here, one: &SessionView) -> AnyView {
    let end = (!one.current).then(|| {
        Form::new(here, "account/end-session").view("inline", view! {
            {hidden("handle", &one.handle)}
            <button class="button small" type="submit">"End"<span class="sr">" the session in "{one.agent.clone()}</span></button>
        })
    });
    let current = one.current.then(|| view! { " "<span class="tag good">"this one"</span> });
    view! {
        <li>
            <div><p class="title">{one.agent.clone()}{current}</p><p class="soft">"started "{when(here, one.started)}", last seen "{when(here, one.last_seen)}</p></div>
            {end}
        </li>
    }
    .into_any()
}
