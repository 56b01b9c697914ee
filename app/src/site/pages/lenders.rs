//! Several owners on one server: who lends on it, who asks to, and whose yes a plan needs. And what of others' servers is
//! one's own.

use leptos::prelude::*;
use model::TailnetId;

use super::{after, param, query};
use crate::fault::Fault;
use crate::paths;
use crate::ports::Backend;
use crate::ports::lenders::{Asking, HeldMachine, Lender, LendersView};
use crate::ports::paging::{PAGE, Paged};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Form, hidden, radios, select, submit};
use crate::site::parts::head::{head, section};
use crate::site::parts::more::more;
use crate::site::parts::when::when;

pub fn page() -> AnyView {
    let (id, find) = (param::<TailnetId>("id"), query("find"));
    let (asking, lending) = (after("asking"), after("lending"));
    open(move |backend, here| async move {
        let view = backend.lenders.get(id?).await?;
        let title = format!("Who lends on {}", view.tailnet_name);
        let body = lenders(&here, &view, &find, (asking.as_deref(), lending.as_deref()));
        Ok(Page::new(title, NavSection::Tailnets, body))
    })
}

fn lenders(
    here: &Here,
    view: &LendersView,
    find: &str,
    (asking, lending): (Option<&str>, Option<&str>),
) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let lede = "The policy of a server is one for all who are on it, so it is connected once. Whoever is known to be one of its accounts \
                sees the machines of that account, lists what runs there, and lends it; of other machines they see nothing here.";
    let finder = finder(here, view.accounts.len(), find, "Find an account", None);
    view! {
        {head(here, crumbs, format!("Who lends on {}", view.tailnet_name), lede)}
        {finder}
        {section("asking", "Who asks to", waiting(here, view, find, asking))}
        {section("lending", "Who lends here", known(here, view, lending))}
        {review(here, view)}
    }
    .into_any()
}

fn waiting(here: &Here, view: &LendersView, find: &str, after: Option<&str>) -> AnyView {
    if view.asking.is_empty() {
        return empty(
            "Nobody waits for an answer",
            "Whoever connects this server a second time is asked for here.",
            (),
        );
    }
    let page = Paged::behind(view.asking.clone(), after, |one| one.person.to_string());
    let rows = page.items.iter().map(|one| row_of_asking(here, view, one)).collect_view();
    let form = Form::new(here, "lenders/accept");
    let chosen = (form.value("person", ""), form.value("account", ""));
    let people = view.asking.iter().map(|one| (one.person.to_string(), one.name.clone())).collect();
    let people = fitting(people, find, |person| person == chosen.0);
    let accounts = view.accounts.iter().map(|one| (one.id.clone(), one.words.clone())).collect();
    let first = std::iter::once((String::new(), "Choose an account".to_owned()));
    let accounts = first.chain(fitting(accounts, find, |account| account == chosen.1)).collect();
    let accept = form.view(
        "form compact",
        view! {
            {hidden("tailnet", view.tailnet)}
            {select(&form, "person", "Person", "", people)}
            {select(&form, "account", "Is this account", "", accounts)}
            <p class="actions">{submit("Let them lend what is theirs")}</p>
        },
    );
    view! { <ul class="rows">{rows}</ul>{more(here, "asking", "asking", page.next.as_ref(), "More people")}{accept} }
        .into_any()
}

fn row_of_asking(here: &Here, view: &LendersView, one: &Asking) -> AnyView {
    let refuse = Form::new(here, "lenders/refuse").view(
        "inline",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("person", one.person)}
            <button class="button small" type="submit">"No"<span class="sr">" to "{one.name.clone()}</span></button>
        },
    );
    view! { <li><div><p class="title">{one.name.clone()}</p><p class="soft">"asked "{when(here, one.asked)}</p></div>{refuse}</li> }
        .into_any()
}

fn known(here: &Here, view: &LendersView, after: Option<&str>) -> AnyView {
    if view.lenders.is_empty() {
        return empty(
            "Nobody besides those who look after it",
            "A friend whose account is known lends here, too.",
            (),
        );
    }
    let page = Paged::behind(view.lenders.clone(), after, |one| one.person.to_string());
    let rows = page.items.iter().map(|one| row_of_lender(here, view, one)).collect_view();
    view! { <ul class="rows">{rows}</ul>{more(here, "lending", "lending", page.next.as_ref(), "More people")} }.into_any()
}

fn row_of_lender(here: &Here, view: &LendersView, one: &Lender) -> AnyView {
    let forget = Form::new(here, "lenders/refuse").view(
        "inline",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("person", one.person)}
            <button class="button small" type="submit">"Forget it"<span class="sr">" of "{one.name.clone()}</span></button>
        },
    );
    let account = one.account.clone().unwrap_or_else(|| "an account that is gone".into());
    view! { <li><div><p class="title">{one.name.clone()}</p><p class="soft">"is "{account}</p></div>{forget}</li> }.into_any()
}

fn review(here: &Here, view: &LendersView) -> AnyView {
    let choice = |value: &str, title: &str, about: &str| Choice {
        value: value.into(),
        title: title.into(),
        about: about.into(),
        more: None,
    };
    let (owner, theirs) = (
        choice(
            "owner",
            "Those who look after the server",
            "Nothing is written to its policy without your yes.",
        ),
        choice(
            "theirs",
            "Whose machine it is",
            "They say yes to exactly the service. Where anything else of the policy would change, it still waits for you.",
        ),
    );
    let body = if view.mine {
        let form = Form::new(here, "lenders/review");
        let now = if view.owner_reviews { "owner" } else { "theirs" };
        form.view("form compact", view! {
            {hidden("tailnet", view.tailnet)}
            {radios(&form, "review", "Who says yes to a plan for somebody else’s machine", now, vec![owner, theirs])}
            <p class="actions">{submit("Keep")}</p>
        })
    } else {
        let who = if view.owner_reviews { owner.title } else { theirs.title };
        view! { <p>{who}" say yes to a plan for somebody else’s machine; only the owner changes that."</p> }
            .into_any()
    };
    section("review", "Who says yes", body)
}

/// Below the list of tailnets: one's own machines on servers that others look after.
pub fn list(here: &Here, all: &[HeldMachine], after: Option<&str>) -> Option<AnyView> {
    let page = Paged::behind(all.to_vec(), after, |one| one.node.to_string());
    let rows = page.items.iter().map(|one| held(here, one)).collect_view();
    let next = more(here, "held", "held", page.next.as_ref(), "More machines");
    (!all.is_empty()).then(|| {
        section("held", "Your machines on servers of others", view! { <ul class="rows">{rows}</ul>{next} })
    })
}

fn held(here: &Here, one: &HeldMachine) -> AnyView {
    let href = here.to(&paths::node(one.tailnet, one.node));
    view! { <li><div><p class="title"><a href=href>{one.name.clone()}</a></p><p class="soft">{one.tailnet_name.clone()}", which "{one.owner.clone()}" looks after"</p></div></li> }
        .into_any()
}

/// The page of a server that somebody else looks after: what of it is the viewer's.
///
/// # Errors
/// [`Fault::NotFound`] for whoever has no machine there.
pub async fn of_others(backend: &Backend, here: &Here, id: TailnetId) -> Result<Page, Fault> {
    let mut own = backend.lenders.held().await?;
    own.retain(|one| one.tailnet == id);
    let first = own.first().ok_or(Fault::NotFound)?;
    let lede = format!(
        "A server that {} looks after. You see the machines of your own account, list what runs there, and lend it.",
        first.owner
    );
    let name = first.tailnet_name.clone();
    let rows = own.iter().take(PAGE).map(|one| held(here, one)).collect_view();
    let body = view! {
        {head(here, vec![(paths::tailnets(), "Tailnets".into())], name.clone(), lede)}
        {section("machines", "Your machines", view! { <ul class="rows">{rows}</ul> })}
    };
    Ok(Page::new(name, NavSection::Tailnets, body.into_any()))
}
