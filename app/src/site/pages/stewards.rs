//! Stewards and auditors: who else may act for a tailnet or read of it, and what that means.

use leptos::prelude::*;
use model::{PersonId, TailnetId, TailnetRole};

use super::{after, param, query};
use crate::paths;
use crate::ports::accounts::PersonOption;
use crate::ports::paging::{PAGE, Paged};
use crate::ports::stewards::{RemovalView, StewardsView};
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Choice, Form, hidden, radios, select, submit};
use crate::site::parts::head::{head, secondary, section};
use crate::site::parts::more::more;
use crate::site::parts::when::exactly;

pub fn page() -> AnyView {
    let (id, find) = (param::<TailnetId>("id"), query("find"));
    let after = after("after");
    open(move |backend, here| async move {
        let view = backend.stewards.get(id?).await?;
        let title = format!("Stewards of {}", view.tailnet_name);
        Ok(Page::new(title, NavSection::Tailnets, stewards(&here, &view, &find, after.as_deref())))
    })
}

fn stewards(here: &Here, view: &StewardsView, find: &str, after: Option<&str>) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let lede = format!(
        "A steward may do here what {} may: list machines’ services, make offers, review and open gates, end shares. \
         Only {} changes the credentials and who is here, hands the tailnet over, and disconnects it. An auditor reads who reaches what, the \
         policy and the audit trail, and changes nothing.",
        view.owner, view.owner
    );
    let page = Paged::behind(view.stewards.clone(), after, |one| one.id.to_string());
    let rows = page.items.iter().map(|one| steward(here, view, one)).collect_view();
    let list = if view.stewards.is_empty() {
        empty("Nobody yet", "Then only you look after this tailnet.", ())
    } else {
        view! { <ul class="rows">{rows}</ul>{more(here, "after", "stewards", page.next.as_ref(), "More stewards")} }
            .into_any()
    };
    let form = Form::new(here, "stewards/add");
    let add = match (view.mine, view.others.is_empty()) {
        (false, _) => None,
        (true, true) => Some(view! { <p class="soft">"You have met nobody here who could become one. Make an offer first: whoever answers it can be chosen here."</p> }.into_any()),
        (true, false) => {
            let choose = std::iter::once((String::new(), "Choose somebody".to_owned()));
            let people = view.others.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
            let chosen = form.value("person", "");
            let people = fitting(people, find, |person| person == chosen);
            let finder = finder(here, view.others.len(), find, "Find a person", None);
            let add = form.view("form compact", view! {
                {hidden("tailnet", view.tailnet)}
                {select(&form, "person", "Person", "", choose.chain(people).collect())}
                {radios(&form, "role", "As what", TailnetRole::Steward.as_str(), roles())}
                <p class="actions">{submit("Let them in")}</p>
            });
            Some(view! { {finder}{add} }.into_any())
        }
    };
    let add = add.map(|add| section("add", "Somebody more", add));
    let rows = view.auditors.iter().take(PAGE).map(|one| steward(here, view, one)).collect_view();
    let auditors = (!view.auditors.is_empty())
        .then(|| section("auditors", "Auditors", view! { <ul class="rows">{rows}</ul> }));
    view! {
        {head(here, crumbs, format!("Stewards of {}", view.tailnet_name), lede)}
        {section("stewards", "Stewards", list)}
        {auditors}
        {add}
    }
    .into_any()
}

fn roles() -> Vec<Choice> {
    let choice = |role: TailnetRole, title: &str, about: &str| Choice {
        value: role.to_string(),
        title: title.into(),
        about: about.into(),
        more: None,
    };
    vec![
        choice(TailnetRole::Steward, "Steward", "Does here what you do."),
        choice(TailnetRole::Auditor, "Auditor", "Reads reach, policy and audit, and changes nothing."),
    ]
}

/// What the removal of a steward or auditor means, before it is done.
pub fn remove() -> AnyView {
    let (id, person) = (param::<TailnetId>("id"), param::<PersonId>("person"));
    open(|backend, here| async move {
        let view = backend.stewards.plan_removal(id?, person?).await?;
        let title = format!("Take the {} from {}?", noun(view.role), view.person.name);
        Ok(Page::new(title.clone(), NavSection::Tailnets, removal(&here, &view, title)))
    })
}

fn removal(here: &Here, view: &RemovalView, title: String) -> AnyView {
    let back = paths::stewards(view.tailnet);
    let crumbs =
        vec![(paths::tailnet(view.tailnet), view.tailnet_name.clone()), (back.clone(), "Stewards".into())];
    let lede = match view.role {
        TailnetRole::Steward => format!(
            "{} may then do nothing more in {}. Their own shares and listings stay as they are.",
            view.person.name, view.tailnet_name
        ),
        TailnetRole::Auditor => {
            format!("{} may then read nothing more of {}.", view.person.name, view.tailnet_name)
        }
    };
    let tokens = view.tokens.iter().map(|token| {
        let id = format!("revoke-{}", token.node);
        view! {
            <div class="tick">
                <input type="checkbox" id=id.clone() name="revoke[]" value=token.node.to_string() checked=true />
                <label for=id>{token.name.clone()}", since "{exactly(here, token.made)}</label>
            </div>
        }
    });
    let tokens = (!view.tokens.is_empty()).then(|| {
        view! {
            <fieldset class="people">
                <legend>"Revoke the tokens that they made"</legend>
                <p class="soft">"They know these tokens, with which a machine fetches its firewall text. A machine whose token is revoked fetches nothing more until you make it a new one; its last text stays in force. A token that is not revoked goes on working."</p>
                {tokens.collect_view()}
            </fieldset>
        }
    });
    let form = Form::new(here, "stewards/remove").view(
        "form",
        view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("person", view.person.id)}
            {tokens}
            <p class="actions">
                <button class="button grave" type="submit">{format!("Take the {}", noun(view.role))}</button>
                {secondary(here, &back, "Leave it")}
            </p>
        },
    );
    view! { {head(here, crumbs, title, lede)}{form} }.into_any()
}

const fn noun(role: TailnetRole) -> &'static str {
    match role {
        TailnetRole::Steward => "stewardship",
        TailnetRole::Auditor => "audit",
    }
}

fn steward(here: &Here, view: &StewardsView, one: &PersonOption) -> AnyView {
    let remove = view.mine.then(|| {
        let path = here.to(&paths::remove_steward(view.tailnet, one.id));
        view! { <a class="button small" href=path>"Remove"<span class="sr">" "{one.name.clone()}</span></a> }
    });
    let hand_over = view.heirs.contains(&one.id).then(|| {
        let path = here.to(&paths::hand_over(view.tailnet, one.id));
        view! { <a class="button small" href=path>"Hand over"<span class="sr">" to "{one.name.clone()}</span></a> }
    });
    view! { <li><div><p class="title">{one.name.clone()}</p></div>{hand_over}{remove}</li> }.into_any()
}
