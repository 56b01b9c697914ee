//! Whose machines are whose, where everybody's are in one list: its owner says so once, and the guards follow.

use leptos::prelude::*;
use model::TailnetId;

use super::{after, param, query};
use crate::paths;
use crate::ports::households::{Account, HouseholdsView, TaggedMachine};
use crate::ports::paging::Paged;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::parts::choices::{finder, fitting};
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden, select, submit};
use crate::site::parts::head::{head, section};
use crate::site::parts::more::more;

pub fn page() -> AnyView {
    let (id, find) = (param::<TailnetId>("id"), query("find"));
    let (homes, machines) = (after("homes"), after("machines"));
    open(move |backend, here| async move {
        let view = backend.households.get(id?).await?;
        let title = "Whose machines are whose";
        let body = households(&here, &view, &find, (homes.as_deref(), machines.as_deref()));
        Ok(Page::new(title, NavSection::Tailnets, body))
    })
}

fn households(
    here: &Here,
    view: &HouseholdsView,
    find: &str,
    (homes, machines): (Option<&str>, Option<&str>),
) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let lede = "On this server everybody’s machines are in one list. The guard of a machine lets the household of its owner pass, \
                and nobody else: friends reach what is shared with them. Every account is a household of its own until you \
                say which live together.";
    let finder =
        view.mine.then(|| finder(here, view.accounts.len(), find, "Find an account", None)).flatten();
    view! {
        {head(here, crumbs, "Whose machines are whose", lede)}
        {finder}
        {section("homes", "Households of several accounts", together(here, view, find, homes))}
        {section("machines", "Machines with tags", tagged(here, view, find, machines))}
    }
    .into_any()
}

/// What a form shows of the accounts, whatever was chosen before.
fn options(
    view: &HouseholdsView,
    form: &Form,
    field: &str,
    find: &str,
    first: &str,
) -> Vec<(String, String)> {
    let all = view.accounts.iter().map(|one| (one.id.clone(), one.words.clone())).collect();
    let chosen = form.value(field, "");
    let choose = std::iter::once((String::new(), first.to_owned()));
    choose.chain(fitting(all, find, |account| account == chosen)).collect()
}

fn together(here: &Here, view: &HouseholdsView, find: &str, after: Option<&str>) -> AnyView {
    let key = |home: &Vec<Account>| home.first().map(|one| one.id.clone()).unwrap_or_default();
    let page = Paged::behind(view.households.clone(), after, key);
    let list = if view.households.is_empty() {
        empty(
            "Everybody lives alone",
            "Then each machine’s guard lets the devices of its own account pass.",
            (),
        )
    } else {
        let rows = page.items.iter().map(|home| household(here, view, home)).collect_view();
        view! { <ul class="rows">{rows}</ul>{more(here, "homes", "homes", page.next.as_ref(), "More households")} }
            .into_any()
    };
    let form = Form::new(here, "households/join");
    let add = (view.mine && view.accounts.len() > 1).then(|| {
        form.view(
            "form compact",
            view! {
                {hidden("tailnet", view.tailnet)}
                {select(&form, "account", "Account", "", options(view, &form, "account", find, "Choose an account"))}
                {select(&form, "with", "Lives with", "", options(view, &form, "with", find, "Choose an account"))}
                <p class="actions">{submit("They live together")}</p>
            },
        )
    });
    view! { {list}{add} }.into_any()
}

fn household(here: &Here, view: &HouseholdsView, home: &[Account]) -> AnyView {
    let members = home.iter().map(|one| {
        let leave = view.mine.then(|| {
            Form::new(here, "households/leave").view(
                "inline",
                view! {
                    {hidden("tailnet", view.tailnet)}
                    {hidden("account", &one.id)}
                    <button class="button small" type="submit">"Lives alone"<span class="sr">" "{one.words.clone()}</span></button>
                },
            )
        });
        view! { <div class="title">{one.words.clone()}" "{leave}</div> }
    });
    view! { <li><div>{members.collect_view()}</div></li> }.into_any()
}

fn tagged(here: &Here, view: &HouseholdsView, find: &str, after: Option<&str>) -> AnyView {
    if view.machines.is_empty() {
        return empty("None has tags", "Every machine belongs to the account that it came in with.", ());
    }
    let page = Paged::behind(view.machines.clone(), after, |one| one.node.to_string());
    let rows = page.items.iter().map(machine).collect_view();
    let form = Form::new(here, "households/give");
    let give = view.mine.then(|| {
        let node = form.value("node", "");
        let machines = view.machines.iter().map(|one| (one.node.to_string(), one.name.clone())).collect();
        let machines = fitting(machines, find, |id| id == node);
        form.view(
            "form compact",
            view! {
                {hidden("tailnet", view.tailnet)}
                {select(&form, "node", "Machine", "", machines)}
                {select(&form, "account", "Belongs to", "", options(view, &form, "account", find, "Nobody"))}
                <p class="actions">{submit("Give it")}</p>
            },
        )
    });
    view! {
        <p>"A machine with tags belongs to no account of the server. Until you give it to somebody no firewall text is made for it."</p>
        <ul class="rows">{rows}</ul>
        {more(here, "machines", "machines", page.next.as_ref(), "More machines")}
        {give}
    }
    .into_any()
}

fn machine(one: &TaggedMachine) -> AnyView {
    let holder = one.holder.as_ref().map_or_else(|| "nobody’s yet".to_owned(), |holder| holder.words.clone());
    view! { <li><div><p class="title">{one.name.clone()}</p><p class="soft">{one.tags.join(", ")}" · "{holder}</p></div></li> }
        .into_any()
}
