//! Offers that somebody made, by whether they wait for an answer.

use leptos::prelude::*;

use crate::paths;
use crate::ports::offers::OffersView;
use crate::site::frame::{NavSection, Page, open};
use crate::site::here::Here;
use crate::site::pages::{after, query};
use crate::site::parts::empty::empty;
use crate::site::parts::gate::gates;
use crate::site::parts::head::{head_with, primary, secondary};
use crate::site::parts::more::more;

pub fn page() -> AnyView {
    let after = after("after");
    let over = !query("over").is_empty();
    open(move |backend, here| async move {
        let view = backend.offers.list(over, after).await?;
        let title = if over { "Offers that are over" } else { "Offers" };
        Ok(Page::new(title, NavSection::Shares, offers(&here, &view, title, over)))
    })
}

fn offers(here: &Here, view: &OffersView, title: &'static str, over: bool) -> AnyView {
    let crumbs = vec![(paths::shares(), "Shares".into())];
    let (lede, other) = if over {
        (
            "Accepted, declined, lapsed or withdrawn.",
            secondary(here, &paths::offers(false), "Those that wait"),
        )
    } else {
        ("They wait for an answer.", secondary(here, &paths::offers(true), "Those that are over"))
    };
    let make = primary(here, &paths::new_offer(None), "Offer a service");
    let list = match (view.gates.is_empty(), over) {
        (true, true) => empty("No offer is over", "What became of your offers stands here.", ()),
        (true, false) => empty("No offer waits", "You offered nothing yet, or all of it was answered.", ()),
        (false, _) => gates(here, &view.gates).into_any(),
    };
    view! {
        {head_with(here, crumbs, title, lede, view! { {other}{make} })}
        {list}
        {more(here, "after", "", view.next.as_ref(), "More offers")}
    }
    .into_any()
}
