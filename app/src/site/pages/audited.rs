//! Tailnets of others that the viewer audits: what they may read of them.

use leptos::prelude::*;
use model::TailnetId;

use crate::fault::Fault;
use crate::paths;
use crate::ports::Backend;
use crate::ports::audit::Filters;
use crate::ports::paging::PAGE;
use crate::ports::stewards::Audited;
use crate::site::frame::{NavSection, Page};
use crate::site::here::Here;
use crate::site::parts::head::{head, secondary, section};

/// Below the list of tailnets.
pub fn list(here: &Here, all: &[Audited]) -> Option<AnyView> {
    let rows = all.iter().take(PAGE).map(|one| {
        let href = here.to(&paths::tailnet(one.tailnet));
        view! { <li><div><p class="title"><a href=href>{one.tailnet_name.clone()}</a></p><p class="soft">"of "{one.owner.clone()}</p></div></li> }
    });
    (!all.is_empty()).then(|| {
        section("audited", "Tailnets that you audit", view! { <ul class="rows">{rows.collect_view()}</ul> })
    })
}

/// The page of one, for its auditor.
///
/// # Errors
/// [`Fault::Forbidden`] for whoever is none.
pub async fn page(backend: &Backend, here: &Here, id: TailnetId) -> Result<Page, Fault> {
    let all = backend.stewards.audited().await?;
    let one = all.into_iter().find(|one| one.tailnet == id).ok_or(Fault::Forbidden)?;
    let lede = format!(
        "A tailnet of {}, which you audit: you read who reaches what, its policy and what happened, and change nothing.",
        one.owner
    );
    let filters = Filters { tailnet: id.to_string(), ..Filters::default() };
    let crumbs = vec![(paths::tailnets(), "Tailnets".into())];
    let body = view! {
        {head(here, crumbs, one.tailnet_name.clone(), lede)}
        <p class="actions">
            {secondary(here, &paths::reach(id), "Who reaches what")}
            {secondary(here, &paths::reach_on_day(id, "", ""), "On another day")}
            {secondary(here, &paths::graph(id), "Graph")}
            {secondary(here, &paths::policy(id), "Policy")}
            {secondary(here, &paths::audit_of(&filters), "Audit")}
        </p>
    };
    Ok(Page::new(one.tailnet_name, NavSection::Tailnets, body.into_any()))
}
