//! Stewards: who else may act for a tailnet, and what that means.

use leptos::prelude::*;
use model::TailnetId;

use super::param;
use crate::paths;
use crate::ports::accounts::PersonOption;
use crate::ports::stewards::StewardsView;
use crate::site::frame::{Page, Room, open};
use crate::site::here::Here;
use crate::site::parts::empty::empty;
use crate::site::parts::field::{Form, hidden, select, submit};
use crate::site::parts::head::{head, section};

pub fn page() -> AnyView {
    let id = param::<TailnetId>("id");
    open(|backend, here| async move {
        let view = backend.stewards.get(id?).await?;
        let title = format!("Stewards of {}", view.tailnet_name);
        Ok(Page::new(title, Room::Tailnets, stewards(&here, &view)))
    })
}

fn stewards(here: &Here, view: &StewardsView) -> AnyView {
    let crumbs = vec![
        (paths::tailnets(), "Tailnets".into()),
        (paths::tailnet(view.tailnet), view.tailnet_name.clone()),
    ];
    let lede = format!(
        "A steward may do here what {} may: list machines’ services, make offers, review and open gates, end shares. \
         Only {} changes the credentials, the stewards, and disconnects the tailnet.",
        view.owner, view.owner
    );
    let rows = view.stewards.iter().map(|one| steward(here, view, one)).collect_view();
    let list = if view.stewards.is_empty() {
        empty("Nobody yet", "Then only you look after this tailnet.", ())
    } else {
        view! { <ul class="rows">{rows}</ul> }.into_any()
    };
    let form = Form::new(here, "stewards/add");
    let add = match (view.mine, view.others.is_empty()) {
        (false, _) => None,
        (true, true) => Some(view! { <p class="soft">"Nobody else is here yet who could become one. People come in with an offer."</p> }.into_any()),
        (true, false) => {
            let choose = std::iter::once((String::new(), "Choose somebody".to_owned()));
            let people = view.others.iter().map(|one| (one.id.to_string(), one.name.clone()));
            Some(form.view("form compact", view! {
                {hidden("tailnet", view.tailnet)}
                {select(&form, "person", "Person", "", choose.chain(people).collect())}
                <p class="actions">{submit("Make them a steward")}</p>
            }))
        }
    };
    let add = add.map(|add| section("add", "Somebody more", add));
    view! {
        {head(here, crumbs, format!("Stewards of {}", view.tailnet_name), lede)}
        {section("stewards", "Stewards", list)}
        {add}
    }
    .into_any()
}

fn steward(here: &Here, view: &StewardsView, one: &PersonOption) -> AnyView {
    let remove = view.mine.then(|| {
        Form::new(here, "stewards/remove").view("inline", view! {
            {hidden("tailnet", view.tailnet)}
            {hidden("person", one.id)}
            <button class="button small" type="submit">"Remove"<span class="sr">" "{one.name.clone()}</span></button>
        })
    });
    view! { <li><div><p class="title">{one.name.clone()}</p></div>{remove}</li> }.into_any()
}
