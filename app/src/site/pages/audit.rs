//! Who did what, when; and one entry of it.

use leptos::prelude::*;
use model::EntryKind;
use model::ids::AuditId;

use super::{param, query};
use crate::paths;
use crate::ports::audit::{Entry, Filters, Page as Trail, Query};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Field, Form, hidden, select};
use crate::site::parts::head::{head, secondary, section, sentences};
use crate::site::parts::history;
use crate::site::parts::when::{exactly, in_text};

pub fn page() -> AnyView {
    let filters = Filters {
        q: query("q"),
        person: query("person"),
        tailnet: query("tailnet"),
        machine: query("machine"),
        service: query("service"),
        share: query("share"),
        kind: query("kind"),
        from: query("from"),
        until: query("until"),
    };
    let asked = Query { filters, after: query("after").parse().ok() };
    open(|backend, here| async move {
        let view = backend.audit.list(asked.clone()).await?;
        Ok(Page::new("Audit", NavSection::Audit, trail(&here, &asked.filters, &view)))
    })
}

fn trail(here: &Here, asked: &Filters, view: &Trail) -> AnyView {
    let all = || secondary(here, &paths::audit(), "Show everything");
    let body = if !view.entries.is_empty() {
        history::list(here, &view.entries, true)
    } else if !view.errors.is_empty() {
        empty(
            "A filter is not understood",
            "What is wrong with it stands beside it, above. Nothing was left out in silence.",
            all(),
        )
    } else if asked.is_empty() {
        empty(
            "Nothing has happened yet",
            "Every change of yours and of your tailnets is written down here, with what was before and after.",
            (),
        )
    } else {
        empty("Nothing fits", "No entry that you may see has all of this.", all())
    };
    let more = view.next.map(|next| {
        let path = paths::with(&paths::audit_of(asked), "after", &next.to_string());
        view! { <p class="more"><a class="button" href=here.to(&path) rel="next">"Earlier"</a></p> }
    });
    let files = (!view.entries.is_empty()).then(|| {
        section("export", "Take it with you", view! {
            <p>"All entries that fit, also those on later pages. "<code>"acequia audit export"</code>" writes the same on the machine."</p>
            <p class="actions">
                <a class="button" download href=here.to(&paths::audit_json(asked))>"JSON"</a>
                <a class="button" download href=here.to(&paths::audit_csv(asked))>"CSV"</a>
            </p>
        })
    });
    view! {
        {head(here, vec![], "Audit", "Who did what, and when. What you see here is what you may know of. Days are those of your time zone.")}
        {form(here, asked, view)}
        {active(here, asked, view)}
        {body}
        {more}
        {files}
        {section("kept", "How long this is kept", sentences("plain", &view.kept))}
    }
    .into_any()
}

fn form(here: &Here, asked: &Filters, view: &Trail) -> AnyView {
    let form = Form::asking(here, "audit", view.errors.clone());
    let text = |name: &'static str, label: &'static str, value: &str| {
        Field::new(name, label).initial(value).max(80).view(&form)
    };
    let day = |name: &'static str, label: &'static str, value: &str| {
        Field::new(name, label).kind("date").initial(value).max(80).view(&form)
    };
    let kinds = EntryKind::ALL.map(|kind| (kind.to_string(), words(kind).to_owned()));
    let any = std::iter::once((String::new(), "Everything".to_owned()));
    let share = (!asked.share.is_empty()).then(|| hidden("share", &asked.share));
    let fields = view! {
        {text("q", "Words", &asked.q)}
        {text("person", "Person", &asked.person)}
        {text("machine", "Machine", &asked.machine)}
        {text("service", "Service", &asked.service)}
        {text("tailnet", "Tailnet", &asked.tailnet)}
        {select(&form, "kind", "Kind", &asked.kind, any.chain(kinds).collect())}
        {day("from", "From", &asked.from)}
        {day("until", "Until", &asked.until)}
        {share}
        <p class="actions"><button class="button primary" type="submit">"Filter"</button></p>
    };
    // Folded, so that what happened stands first; open as long as something is filtered by.
    let open = !asked.is_empty() || !view.errors.is_empty();
    let form = Form::asks("form filters", here.to(&paths::audit()), fields);
    view! { <details open=open><summary>"Filter"</summary>{form}</details> }.into_any()
}

/// What is filtered by, each with the way to take it off; and what a name could mean.
fn active(here: &Here, asked: &Filters, view: &Trail) -> Option<AnyView> {
    let path = paths::audit_of(asked);
    let wrong = view.errors.iter().filter(|(name, _)| name == "share");
    let wrong: Vec<String> = wrong.map(|(_, why)| why.clone()).collect();
    let marks = view.active.iter().map(|one| {
        let href = here.to(&paths::without(&path, &[one.name]));
        view! { <li><a href=href><span class="tag">{one.words.clone()}</span>" "<span class="soft">"take off"</span></a></li> }
    });
    let choices = view.choices.iter().map(|one| {
        let href = here.to(&paths::with(&path, one.name, &one.value));
        view! { <li><a href=href>{one.words.clone()}</a></li> }
    });
    let choices =
        (!view.choices.is_empty()).then(|| view! { <ul class="bare">{choices.collect_view()}</ul> });
    (!view.active.is_empty()).then(|| {
        view! {
            <section aria-label="Filters that hold">
                <ul class="bare">{marks.collect_view()}</ul>
                {(!wrong.is_empty()).then(|| sentences("plain", &wrong))}
                {choices}
            </section>
        }
        .into_any()
    })
}

const fn words(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Policy => "Changes of a policy",
        EntryKind::Share => "Shares",
        EntryKind::Offer => "Offers",
        EntryKind::Service => "Services",
        EntryKind::Node => "Machines",
        EntryKind::Tailnet => "Tailnets",
        EntryKind::Edit => "Edits of a policy",
        EntryKind::Person => "Accounts",
        EntryKind::Unmanaged => "Made elsewhere",
    }
}

pub fn entry() -> AnyView {
    let id = param::<AuditId>("entry");
    open(|backend, here| async move {
        let view = backend.audit.get(id?).await?;
        let title = format!("{} {}", view.actor, in_text(&here.zone, &view.what));
        Ok(Page::new(title.clone(), NavSection::Audit, one(&here, &view, title)))
    })
}

fn one(here: &Here, entry: &Entry, title: String) -> AnyView {
    let object = match &entry.href {
        Some(path) => view! { <a href=here.to(path)>{entry.object.clone()}</a> }.into_any(),
        None => view! { <span>{entry.object.clone()}</span> }.into_any(),
    };
    let tailnet = entry.tailnet.clone().map(|name| view! { <div><dt>"Tailnet"</dt><dd>{name}</dd></div> });
    let change = match &entry.policy {
        Some(policy) => history::policy(policy),
        None => history::before_and_after(here, entry),
    };
    view! {
        {head(here, vec![(paths::audit(), "Audit".into())], title, "One entry of the trail.")}
        <dl class="facts">
            <div><dt>"When"</dt><dd>{exactly(here, entry.at)}</dd></div>
            <div><dt>"About"</dt><dd>{object}</dd></div>
            {tailnet}
        </dl>
        {change}
    }
    .into_any()
}
