//! Offers: the form of a new one, the owner's page of one.

mod list;

pub use list::page as list;

use leptos::prelude::*;
use model::{AskId, CircleId, OfferId, ServiceId};

use super::circles::people_in;
use super::{param, query};
use crate::islands::Copy;
use crate::paths;
use crate::ports::offers::{MissingView, OfferFormView, OfferView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Field, Form, hidden, radios, select, submit};
use crate::site::parts::gate::{gates, large};
use crate::site::parts::head::{danger, head, primary, secondary, section, sentences};
use crate::site::parts::history::history;
use crate::site::parts::when::{calendar, exactly};
use crate::site::parts::{code, ports, qr, until};

pub fn new() -> AnyView {
    let service = query("service").parse::<ServiceId>().ok();
    let ask = query("ask").parse::<AskId>().ok();
    let (find, circle) = (query("find"), query("circle").parse::<CircleId>().ok());
    open(move |backend, here| async move {
        let mut view = match ask {
            Some(ask) => backend.offers.form_for(ask).await?,
            None => backend.offers.form(service).await?,
        };
        if let Some(circle) = circle.filter(|circle| view.circles.iter().any(|one| one.id == *circle)) {
            view.form.to = "circle".into();
            view.form.circle = circle.to_string();
        }
        Ok(Page::new("Offer a service", NavSection::Shares, form(&here, &view, &find)))
    })
}

fn form(here: &Here, view: &OfferFormView, find: &str) -> AnyView {
    let top = head(
        here,
        vec![],
        "Offer a service",
        "Your friend gets a link that says what it is and until when. Nothing opens before they accept and you have looked at what it means.",
    );
    if view.services.is_empty() {
        return view! {
            {top}
            {empty("There is nothing to offer yet", "List a service of one of your machines first.", primary(here, &paths::tailnets(), "Go to my tailnets"))}
        }
        .into_any();
    }
    let form = Form::new(here, "offers/create");
    let typed = &view.form;
    let services = view
        .services
        .iter()
        .map(|service| {
            (service.id.to_string(), format!("{} · {}", service.label, ports::in_words(&service.ports)))
        })
        .collect();
    let chosen = form.value("service", &typed.service);
    let services = fitting(services, find, |service| service == chosen);
    let people: Vec<_> =
        view.people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect();
    let chosen = form.value("person", &typed.person);
    let people = fitting(people, find, |person| person == chosen);
    let about = match view.ask {
        Some(ask) => Some(("ask", ask.to_string())),
        None if !typed.service.is_empty() => Some(("service", typed.service.clone())),
        None => (!typed.circle.is_empty()).then(|| ("circle", typed.circle.clone())),
    };
    let longest = view.services.len().max(view.people.len());
    let finder = finder(here, longest, find, "Find a service or a person", about);
    let somebody = (!people.is_empty()).then(|| Choice {
        value: "person".into(),
        title: "Somebody here".into(),
        about: "Only they can accept. They find it in their inbox too.".into(),
        more: Some(select(&form, "person", "Who", &typed.person, people)),
    });
    let mut to = vec![Choice {
        value: "link".into(),
        title: "Whoever has the link".into(),
        about: "You pass the link on yourself. It is a secret: the first who accepts has it.".into(),
        more: None,
    }];
    to.extend(somebody);
    to.extend(circle(&form, view));
    to.push(Choice {
        value: "email".into(),
        title: "One e-mail address".into(),
        about: "Only somebody who signs in with this address can accept. You send the link.".into(),
        more: Some(
            Field::new("email", "E-mail address")
                .kind("email")
                .initial(typed.email.clone())
                .max(254)
                .view(&form),
        ),
    });
    let date = view.wished.map_or_else(|| typed.date.clone(), |wished| here.zone.typed(wished));
    let or =
        |value: &str, other: &'static str| if value.is_empty() { other.to_owned() } else { value.to_owned() };
    let body = view! {
        {select(&form, "service", "Service", &typed.service, services)}
        {radios(&form, "to", "To whom", &or(&typed.to, "link"), to)}
        {until::choices(here, &form, "Until when", &or(&typed.until, "month"), &date)}
        {Field::new("note", "A note for your friend").hint("They read it with the offer.").initial(typed.note.clone()).max(2000).rows(3).view(&form)}
        <details class="more-options" open=form.error("uses").is_some()>
            <summary>"More than one friend?"</summary>
            {Field::new("uses", "How many people may accept").kind("number").hint("Each gets a share of their own. Left empty, it is one.").initial(typed.uses.clone()).view(&form)}
        </details>
        <p class="actions">{submit("Make the offer")}{secondary(here, &paths::shares(), "Cancel")}</p>
    };
    let missing = view.missing.as_ref().map(|missing| missing_rights(here, missing));
    view! { {top}{missing}{learns(view)}{finder}{form.view("form compact", body)} }.into_any()
}

/// Everybody in a circle, one offer each.
fn circle(form: &Form, view: &OfferFormView) -> Option<Choice> {
    let circles = view
        .circles
        .iter()
        .map(|circle| (circle.id.to_string(), format!("{} ({})", circle.name, people_in(circle.people))));
    let circles: Vec<_> = circles.collect();
    (!circles.is_empty()).then(|| Choice {
        value: "circle".into(),
        title: "A circle of yours".into(),
        about: "Everybody who is in it now gets an offer of their own, in their inbox. Who has a share of it already gets none.".into(),
        more: Some(select(form, "circle", "Which circle", &view.form.circle, circles)),
    })
}

/// Said before the offer is sent.
fn learns(view: &OfferFormView) -> Option<AnyView> {
    (!view.learns.is_empty())
        .then(|| section("learns", "What your friend learns", sentences("plain", &view.learns)))
}

/// What Acequia may not do yet, before somebody waits for it.
fn missing_rights(here: &Here, missing: &MissingView) -> AnyView {
    let way = if missing.own {
        view! { <p class="actions">{secondary(here, &paths::credentials(missing.tailnet), "Put it in")}</p> }
            .into_any()
    } else {
        view! { <p>{format!("Whoever owns {} can put it in.", missing.tailnet_name)}</p> }.into_any()
    };
    section(
        "missing",
        "To open it, Acequia needs more",
        view! {
            <p>{format!("You can offer it now. In {}, this is missing when it is to open:", missing.tailnet_name)}</p>
            {sentences("plain", &missing.what)}
            {way}
        },
    )
}

pub fn page() -> AnyView {
    let id = param::<OfferId>("id");
    open(|backend, here| async move {
        let view = backend.offers.get(id?).await?;
        let title = format!("{} for {}", view.gate.service, view.gate.who);
        Ok(Page::new(format!("Offer: {title}"), NavSection::Shares, offer(&here, &view, title)))
    })
}

fn offer(here: &Here, view: &OfferView, title: String) -> AnyView {
    let link = here.once(&["offers/create", "offers/link"]).map(|token| pass_on(here, view, &token));
    let again = (view.can_withdraw && link.is_none()).then(|| {
        let form = Form::new(here, "offers/link");
        let (words, button) = match &view.sent_to {
            Some(to) => (
                format!("The link was sent to {to}, if mails are sent here, and is not kept. It did not arrive? Send a new one; the old one stops working then."),
                "Send a new link",
            ),
            None => (
                "The link was shown once and is not kept. Lost it? Make a new one; the old one stops working then.".to_owned(),
                "Make a new link",
            ),
        };
        section("link", "Its link", view! {
            <p>{words}</p>
            {form.view("actions", view! { {hidden("offer", view.id)}<button class="button" type="submit">{button}</button> })}
        })
    });
    let shares = (!view.shares.is_empty()).then(|| section("shares", "Accepted", gates(here, &view.shares)));
    let note = (!view.note.is_empty())
        .then(|| view! { <blockquote class="letter">{view.note.clone()}</blockquote> });
    let left = match view.uses_left {
        0 => "nobody any more".to_owned(),
        1 => "one more person".to_owned(),
        count => format!("{count} more people"),
    };
    view! {
        {head(here, vec![(paths::shares(), "Shares".into())], title, "An offer of yours.")}
        {large(here, &view.gate)}
        {link}
        {note}
        <dl class="facts">
            <div><dt>"Made"</dt><dd>{exactly(here, view.created)}</dd></div>
            <div><dt>"Can be accepted until"</dt><dd>{exactly(here, view.lapses)}</dd></div>
            <div><dt>"By"</dt><dd>{left}</dd></div>
        </dl>
        {view.missing.as_ref().map(|missing| missing_rights(here, missing))}
        {shares}
        {again}
        {view.can_withdraw.then(|| danger(here, &paths::withdraw_offer(view.id), "Withdraw the offer"))}
        {history(here, &view.history)}
    }
    .into_any()
}

/// The link, this once: to copy, as a letter, as a code.
fn pass_on(here: &Here, view: &OfferView, token: &str) -> AnyView {
    let link =
        if token.starts_with("http") { token.to_owned() } else { here.link(&paths::invitation(token)) };
    let ends = view.gate.until.map_or_else(
        || "until one of us ends it".to_owned(),
        // For somebody else, who may be anywhere.
        |end| format!("until {}", calendar(here.now(), end)),
    );
    let letter = format!(
        "I'd like to share {} on {} with you, {ends}.\n\nWhat it is and how to say yes:\n{link}\n",
        view.gate.service, view.gate.node
    );
    let code = qr::code(&link, "The link of this offer as a code for a phone");
    let mail = format!(
        "mailto:?subject={}&body={}",
        paths::encoded(&format!("{} for you", view.gate.service)),
        paths::encoded(&letter)
    );
    view! {
        <section class="sheet once" aria-labelledby="once-heading">
            <div>
                <h2 id="once-heading">"The link, shown this once"</h2>
                <p>"Pass it on now, the way you would hand over a key. It is not kept here."</p>
                <Copy text=link />
                <details><summary>"As a letter"</summary>{code::letter("The letter", letter)}</details>
                <p class="actions"><a class="button" href=mail>"Write an e-mail"</a></p>
            </div>
            {code}
        </section>
    }
    .into_any()
}

pub fn withdraw() -> AnyView {
    let id = param::<OfferId>("id");
    open(|backend, here| async move {
        let view = backend.offers.get(id?).await?;
        let title = format!("Withdraw the offer of {} to {}?", view.gate.service, view.gate.who);
        let text = if view.shares.is_empty() {
            "Nobody has accepted it. Its link stops working; whoever opens it reads that the offer was withdrawn."
        } else {
            "Its link stops working for everybody who has not accepted yet. Shares that it made stay: end those on their own pages."
        };
        let form = Form::new(&here, "offers/withdraw");
        let button = view.can_withdraw.then(|| {
            form.view(
                "actions",
                view! {
                    {hidden("offer", view.id)}
                    <button class="button grave" type="submit">"Withdraw it"</button>
                },
            )
        });
        let body = view! {
            {head(&here, vec![(paths::offer(view.id), "The offer".into())], title.clone(), text)}
            {large(&here, &view.gate)}
            <div class="actions">{button}{secondary(&here, &paths::offer(view.id), "Keep it")}</div>
        };
        Ok(Page::new(title, NavSection::Shares, body.into_any()))
    })
}
