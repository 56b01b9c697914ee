//! Review: what applying a share will do, in terms of people, of the policy, of the host. Nothing is written
//! before the owner says so.

use leptos::prelude::*;
use model::ShareId;

use super::{members, param, query};
use crate::paths;
use crate::ports::shares::{Choice as Ask, ReviewView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::code::code;
use crate::site::parts::diff::diff;
use crate::site::parts::field::{Choice, Form, hidden, radios};
use crate::site::parts::gate::large;
use crate::site::parts::head::{head, secondary};
use crate::site::parts::icon::{self, icon};
use crate::site::parts::when::{calendar_in, when};
use crate::site::parts::{ports, reach, snippet};

pub fn page() -> AnyView {
    let id = param::<ShareId>("id");
    let (q, again) = (query("q"), !query("choose").is_empty());
    open(move |backend, here| async move {
        let id = id?;
        if let Some(view) = backend.members.choice(id, q, again).await? {
            let title = format!("Which account is {}?", view.friend);
            return Ok(Page::new(title, NavSection::Shares, members::choice(&here, &view)));
        }
        let view = backend.shares.review(id).await?;
        let title = format!("Review: {} for {}", view.gate.service, view.gate.who);
        Ok(Page::new(title, NavSection::Shares, review(&here, &view)))
    })
}

fn review(here: &Here, view: &ReviewView) -> AnyView {
    let title = format!("What opens if {} gets {}", view.gate.who, view.gate.service);
    let lede = view! { <p>"Read from the control plane "{when(here, view.read)}". Nothing is written before you say so."</p> };
    let crumbs = vec![
        (paths::shares(), "Shares".into()),
        (paths::share(view.share), format!("{} for {}", view.gate.service, view.gate.who)),
    ];
    let warnings =
        view.warnings.iter().cloned().map(|text| view! { <li>{icon(icon::WARN)}<span>{text}</span></li> });
    let warnings = (!view.warnings.is_empty()).then(|| {
        view! { <section aria-labelledby="warnings"><h2 id="warnings" class="sr">"Warnings"</h2><ul class="warnings">{warnings.collect_view()}</ul></section> }
    });
    view! {
        {head(here, crumbs, title, lede)}
        {warnings}
        {large(here, &view.gate)}
        <div class="tabs">
            <nav aria-label="Parts of this review">
                <ul>
                    <li>{part("#people", "People")}</li>
                    <li>{part("#policy", "Policy")}</li>
                    <li>{part("#firewall", "Firewall")}</li>
                </ul>
            </nav>
            <section id="people" class="panel" aria-labelledby="people-heading">{people(here, view)}</section>
            <section id="policy" class="panel" aria-labelledby="policy-heading">{policy(view)}</section>
            <section id="firewall" class="panel" aria-labelledby="firewall-heading">{firewall(here, view)}</section>
        </div>
        {decide(here, view)}
    }
    .into_any()
}

/// The navigation of the site has people too: whoever only hears links is told which these are.
fn part(place: &'static str, words: &'static str) -> AnyView {
    view! { <a href=place>{words}<span class="sr">" of this review"</span></a> }.into_any()
}

/// Whom the rule names.
fn whom(here: &Here, view: &ReviewView) -> AnyView {
    let (who, login) = (view.gate.who.clone(), view.login.clone());
    if view.to_be_made {
        let again = here.to(&format!("{}?choose=1", paths::review(view.share)));
        return view! { <p>{who}" is new: with your yes the account "<strong>{login}</strong>" is made on this server. The rule names exactly this account. "<a href=again>"Choose another way"</a></p> }.into_any();
    }
    if view.by_account {
        let again = here.to(&format!("{}?choose=1", paths::review(view.share)));
        return view! { <p>{who}" is the account "<strong>{login}</strong>" of this server. The rule names exactly this account. "<a href=again>"It is another one"</a></p> }.into_any();
    }
    view! { <p>{who}" signs in to their own network as "<strong>{login}</strong>". The rule names exactly this login."</p> }.into_any()
}

fn people(here: &Here, view: &ReviewView) -> AnyView {
    let who = &view.gate.who;
    let loses = (!view.loses.is_empty()).then(|| {
        view! { <h3>"Who loses reach"</h3>{reach::list("loses", &view.loses, "")} }
    });
    let too_much = match &view.choice {
        Ask::Exact => None,
        Ask::NarrowOrWholeNode { too_much, .. }
        | Ask::WholeNodeOnly { too_much }
        | Ask::NarrowFirst { too_much, .. } => {
            let here_already = view.by_account && !matches!(view.choice, Ask::NarrowFirst { .. });
            let how =
                if here_already { " reach this already, whatever is lent:" } else { " reach this as well:" };
            let lets =
                if here_already { "Your policy lets " } else { "A wildcard in your policy would let " };
            Some(view! {
                <h3 class="exposed">{icon(icon::WARN)}"What nobody asked for"</h3>
                <p>{lets}{who.clone()}{how}</p>
                {reach::list("too-much", too_much, "")}
            })
        }
    };
    let note = (!view.note.is_empty())
        .then(|| view! { <blockquote class="letter">{view.note.clone()}</blockquote> });
    view! {
        <h2 id="people-heading">"People"</h2>
        {whom(here, view)}
        {note}
        <h3>{format!("What {who} gains")}</h3>
        {reach::list("gains", &view.gains, "Nothing new.")}
        {too_much}
        {loses}
        <h3>{format!("What {who} reaches anyway")}</h3>
        {reach::list("anyway", &view.anyway, "Nothing.")}
    }
    .into_any()
}

fn policy(view: &ReviewView) -> AnyView {
    let narrowing = match &view.choice {
        Ask::NarrowOrWholeNode { narrowing, others_lose, .. }
        | Ask::NarrowFirst { narrowing, others_lose, .. } => {
            let losing = if view.by_account {
                "Who loses reach by it:"
            } else {
                "People outside who lose reach by it:"
            };
            let lose = (!others_lose.is_empty()).then(|| {
                view! { <p>{losing}</p>{reach::list("loses", others_lose, "")} }
            });
            let nobody = if view.by_account {
                "It names everybody who is there today, so nobody else loses anything, and who comes later is let in by nothing but what names them."
            } else {
                "Nobody inside your tailnet loses anything."
            };
            Some(view! {
                <h3>"First, the wildcard is narrowed"</h3>
                <p>"An edit of its own, with its own undo. It stays when the share ends. "{nobody}" A connection that is open by it goes on until it is closed, or the guard of the host closes it."</p>
                {diff("The narrowing", narrowing)}
                {lose}
            })
        }
        Ask::Exact | Ask::WholeNodeOnly { .. } => None,
    };
    let manual = view.manual.clone().map(|text| {
        view! {
            <h3>"To paste by hand"</h3>
            <p>"The policy may not be written from here. Replace it by this text; Acequia sees when it is in force."</p>
            {code("The whole new policy", text)}
        }
    });
    let first = view! {
        {narrowing}
        <h3>"The rule of this share"</h3>
        <p>"Every other byte of your file stays. When the share ends, these lines go."</p>
        {diff("The change of the policy", &view.diff)}
        <p class="tests">{icon(icon::CHECK)}<span>{view.tests.clone()}</span></p>
        {manual}
    };
    let ways = match &view.choice {
        Ask::NarrowOrWholeNode { whole, .. } => {
            let manual = whole.manual.clone().map(|text| {
                view! { <h4>"To paste by hand"</h4>{code("The whole new policy, for the whole node", text)} }
            });
            view! {
                <div class="way narrow"><p class="way-name">"If you narrow the wildcard first"</p>{first}</div>
                <div class="way whole">
                    <p class="way-name">{if view.by_account { "If you leave it as it is".to_owned() } else { format!("If you say yes to the whole of {}", view.gate.node) }}</p>
                    <h3>"The rule of this share, and nothing else"</h3>
                    <p>"The wildcard stays as it is. When the share ends, these lines go."</p>
                    {diff(if view.by_account { "The change if it is left" } else { "The change for the whole node" }, &whole.diff)}
                    {manual}
                </div>
            }
            .into_any()
        }
        Ask::Exact | Ask::WholeNodeOnly { .. } | Ask::NarrowFirst { .. } => first.into_any(),
    };
    view! {
        <h2 id="policy-heading">"Policy"</h2>
        {ways}
    }
    .into_any()
}

fn firewall(here: &Here, view: &ReviewView) -> AnyView {
    let path = here.to(&paths::firewall(view.tailnet, view.node_id));
    let body = if view.firewall.parts.is_empty() {
        view! { <p>"Which firewall the host of "{view.firewall.node.clone()}" has is not known yet. "<a href=path>"Choose its kind"</a>"; the share does not wait for it."</p> }.into_any()
    } else {
        view! {
            <p>"The second lock, on the machine itself. One file for all shares of "{view.firewall.node.clone()}". "<a href=path>"Its page"</a>" has it for download."</p>
            {snippet::parts(here, &view.firewall, false)}
        }
        .into_any()
    };
    view! { <h2 id="firewall-heading">"Firewall"</h2>{body} }.into_any()
}

fn decide(here: &Here, view: &ReviewView) -> AnyView {
    let (who, service, node) = (&view.gate.who, &view.gate.service, &view.gate.node);
    let form = Form::new(here, "shares/apply");
    let until = view.gate.until.map_or_else(
        || "until one of you ends it".to_owned(),
        |end| format!("until {}", calendar_in(&here.zone, here.now(), end)),
    );
    let opened = ports::in_words(&view.gate.ports);
    let exact = format!("Open {service} for {who}");
    let (title, about) = if view.by_account {
        (
            "Leave it as it is".to_owned(),
            format!(
                "{who} goes on to reach everything listed as “what nobody asked for”, and {service} besides."
            ),
        )
    } else {
        (
            format!("Yes, the whole of {node}"),
            format!(
                "{who} reaches everything listed as “what nobody asked for”, not just {service}. Your policy’s wildcard stays."
            ),
        )
    };
    let open_whole = if view.by_account {
        format!("Open {service} for {who}")
    } else {
        format!("Open the whole of {node} for {who}")
    };
    let whole = Choice { value: "whole-node".into(), title, about, more: None };
    let (choice, buttons) = match &view.choice {
        Ask::Exact => (
            view! { {hidden("decision", "apply")}<p>{format!("{who} will reach {service} on {node} ({opened}) {until}, and nothing else.")}</p> }.into_any(),
            vec![("", exact)],
        ),
        Ask::NarrowOrWholeNode { others_lose, .. } => {
            let others = match others_lose.len() {
                0 => "Nobody loses anything.".to_owned(),
                _ if view.by_account => format!("{who} loses what is listed under Policy; nobody else loses anything."),
                _ => "Nobody inside your tailnet loses anything; the people outside who do are listed under Policy.".to_owned(),
            };
            let narrow = Choice {
                value: "narrow".into(),
                title: "Narrow the wildcard first".into(),
                about: format!("Then {who} reaches {service} on {node} ({opened}) {until}, and nothing else. {others}"),
                more: None,
            };
            (
                radios(&form, "decision", "How far should the gate open?", "narrow", vec![narrow, whole]),
                vec![("narrow", format!("Narrow, then open {service} for {who}")), ("whole", open_whole)],
            )
        }
        Ask::WholeNodeOnly { .. } => (
            radios(&form, "decision", "Narrowing does not help here. How far should the gate open?", "", vec![whole]),
            vec![("", open_whole)],
        ),
        Ask::NarrowFirst { .. } => (
            view! { {hidden("decision", "narrow")}<p>{format!("The policy is narrowed first: it names everybody who is there today. Then {who} reaches {service} on {node} ({opened}) {until}, and nothing else. Without that nothing is opened: whoever is new on this server would reach what everybody reaches.")}</p> }.into_any(),
            vec![("", format!("Narrow, then open {service} for {who}"))],
        ),
    };
    let by_hand = view.manual.is_some().then(|| {
        view! { <p class="note">"The policy may not be written from here: after your yes you get the lines to put in by hand, and the gate opens when they are seen there."</p> }
    });
    let words =
        buttons.into_iter().map(|(class, words)| view! { <span class=class>{words}</span> }).collect_view();
    let steps = view.steps.iter().cloned().map(|step| view! { <li>{step}</li> });
    let steps = (!view.steps.is_empty()).then(|| view! { <details><summary>"What happens then, step by step"</summary><ol>{steps.collect_view()}</ol></details> });
    let body = view! {
        {hidden("share", view.share)}
        {hidden("plan", &view.plan)}
        {choice}
        {by_hand}
        {steps}
        <p class="actions">
            <button class="button primary decide" type="submit">{words}</button>
            {secondary(here, &paths::share(view.share), "Not now")}
        </p>
    };
    view! {
        <section class="decision" aria-labelledby="decision-heading">
            <h2 id="decision-heading">"Your word"</h2>
            {form.view("form", body)}
        </section>
    }
    .into_any()
}
