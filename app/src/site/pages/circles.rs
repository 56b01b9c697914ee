//! Circles: the list of them, the page of one.

use leptos::prelude::*;
use model::{CircleId, ServiceKind};

use super::{after, param, query};
use crate::paths;
use crate::ports::accounts::PersonOption;
use crate::ports::circles::{Approved, CircleCard, CircleView};
use crate::ports::paging::Paged;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Field, Form, hidden, select, submit};
use crate::site::parts::head::{danger, head, head_with, secondary, section};
use crate::site::parts::more::more;
use crate::site::parts::when::exactly;

mod leaving;

pub use leaving::{end, leave};

/// How many are in a circle, in words.
pub fn people_in(count: u32) -> String {
    match count {
        0 => "nobody yet".into(),
        1 => "one person".into(),
        count => format!("{count} people"),
    }
}

pub fn list() -> AnyView {
    open(|backend, here| async move {
        let circles = backend.circles.list().await?;
        Ok(Page::new("Circles", NavSection::Shares, circles_page(&here, &circles)))
    })
}

fn circles_page(here: &Here, circles: &[CircleCard]) -> AnyView {
    let rows = circles.iter().map(|circle| {
        let href = here.to(&paths::circle(circle.id));
        view! { <li><div><p class="title"><a href=href>{circle.name.clone()}</a></p><p class="soft">{people_in(circle.people)}</p></div></li> }
    });
    let list = if circles.is_empty() {
        empty(
            "No circle yet",
            "Make one for your players, your family or your neighbours: services are then shown and offered to all of them at once.",
            (),
        )
    } else {
        view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
    };
    let form = Form::new(here, "circles/create");
    let make = form.view(
        "form compact",
        view! {
            {Field::new("name", "Name").hint("Only you read it.").max(80).required().view(&form)}
            <p class="actions">{submit("Make the circle")}</p>
        },
    );
    let crumbs = vec![(paths::shares(), "Shares".into())];
    view! {
        {head(here, crumbs, "Circles", "Groups of people whom you have met here. Nobody but you sees them, also not who is in one.")}
        {list}
        {section("make", "A new circle", make)}
    }
    .into_any()
}

pub fn page() -> AnyView {
    let (id, find, after) = (param::<CircleId>("id"), query("find"), after("after"));
    open(move |backend, here| async move {
        let view = backend.circles.get(id?).await?;
        let title = view.name.clone();
        Ok(Page::new(title, NavSection::Shares, circle(&here, &view, &find, after.as_deref())))
    })
}

fn circle(here: &Here, view: &CircleView, find: &str, after: Option<&str>) -> AnyView {
    let page = Paged::behind(view.people.clone(), after, |one| one.id.to_string());
    let rows = page.items.iter().map(|one| member(here, view.id, one)).collect_view();
    let people = if view.people.is_empty() {
        empty("Nobody yet", "What is shown to this circle, nobody sees by it so far.", ())
    } else {
        view! { <ul class="rows">{rows}</ul>{more(here, "after", "people", page.next.as_ref(), "More people")} }
            .into_any()
    };
    let shown = if view.services.is_empty() {
        view! { <p class="soft">"Nothing yet. Choose it on the page of a service, under who sees it."</p> }
            .into_any()
    } else {
        let services = view.services.iter().map(|(id, name)| {
            let href = here.to(&paths::service(*id));
            view! { <li><a href=href>{name.clone()}</a></li> }
        });
        view! { <ul class="plain">{services.collect_view()}</ul> }.into_any()
    };
    let form = Form::new(here, "circles/rename");
    let rename = form.view(
        "form compact",
        view! {
            {hidden("circle", view.id)}
            {Field::new("name", "Name").initial(view.name.clone()).max(80).required().view(&form)}
            <p class="actions"><button class="button" type="submit">"Rename it"</button></p>
        },
    );
    let crumbs = vec![(paths::shares(), "Shares".into()), (paths::circles(), "Circles".into())];
    let offer = (!view.people.is_empty())
        .then(|| secondary(here, &paths::offer_to_circle(view.id), "Offer them a service"));
    view! {
        {head_with(here, crumbs, view.name.clone(), "A circle of yours. Nobody else sees it.", offer)}
        {section("people", "Who is in it", people)}
        {section("add", "Somebody more", add(here, view, find))}
        {section("shown", "Shown to it", shown)}
        {section("approved", "Without asking you", approved(here, view))}
        {section("rename", "Its name", rename)}
        {danger(here, &paths::leave_circle(view.id, None), "End this circle")}
    }
    .into_any()
}

fn member(here: &Here, circle: CircleId, one: &PersonOption) -> AnyView {
    let path = here.to(&paths::leave_circle(circle, Some(one.id)));
    view! {
        <li>
            <div><p class="title">{one.name.clone()}</p></div>
            <a class="button small" href=path>"Take out"<span class="sr">" "{one.name.clone()}</span></a>
        </li>
    }
    .into_any()
}

fn add(here: &Here, view: &CircleView, find: &str) -> AnyView {
    if view.others.is_empty() {
        return view! { <p class="soft">"You have met nobody else here yet: whoever answers an offer of yours can be chosen then."</p> }
            .into_any();
    }
    let form = Form::new(here, "circles/add");
    let choose = std::iter::once((String::new(), "Choose somebody".to_owned()));
    let people = view.others.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let chosen = form.value("person", "");
    let people = fitting(people, find, |person| person == chosen);
    let finder = finder(here, view.others.len(), find, "Find a person", None);
    let add = form.view(
        "form compact",
        view! {
            {hidden("circle", view.id)}
            {select(&form, "person", "Person", "", choose.chain(people).collect())}
            <p class="actions">{submit("Put them in")}</p>
        },
    );
    view! { {finder}{add} }.into_any()
}

/// What its maker approved beforehand, and the form for more.
fn approved(here: &Here, view: &CircleView) -> AnyView {
    let rows = view.approved.iter().map(|one| approval(here, view.id, one)).collect_view();
    let list = if view.approved.is_empty() {
        view! { <p class="soft">"Nothing yet: you are asked each time."</p> }.into_any()
    } else {
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    let form = Form::new(here, "circles/approve");
    let kinds = ServiceKind::ALL.into_iter().map(|kind| (kind.to_string(), kind.label().to_owned()));
    let approve = form.view("form compact", view! {
        {hidden("circle", view.id)}
        {select(&form, "kind", "Kind of service", ServiceKind::Minecraft.as_str(), kinds.collect())}
        {Field::new("days", "For at most so many days").kind("number").initial("30").required().view(&form)}
        <p class="actions">{submit("Approve beforehand")}</p>
    });
    view! {
        <p>"What people of this circle accept of these kinds opens without your review, in every tailnet that you look after. The plan is made, proven and written down all the same: if it opens anything but just the service, or something about it should be known, it waits for you."</p>
        {list}
        {approve}
    }
    .into_any()
}

fn approval(here: &Here, circle: CircleId, one: &Approved) -> AnyView {
    let days = if one.days == 1 { "a day".to_owned() } else { format!("{} days", one.days) };
    let form = Form::new(here, "circles/ask-me").view(
        "inline",
        view! {
            {hidden("circle", circle)}
            {hidden("service_kind", one.kind)}
            <button class="button small" type="submit">"Ask me again"<span class="sr">{format!(" for {}", one.kind.label())}</span></button>
        },
    );
    view! {
        <li>
            <div>
                <p class="title">{one.kind.label()}</p>
                <p class="soft">{format!("for at most {days}, since ")}{exactly(here, one.since)}</p>
            </div>
            {form}
        </li>
    }
    .into_any()
}
