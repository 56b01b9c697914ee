use leptos::prelude::*;
use model::{OfferId, ServiceId};

use super::{clocks, done, done_once, id, token as shaped, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::offers::OfferForm;
use crate::request::{answer, backend, kept};

#[server(prefix = "/fn", endpoint = "offers/create")]
pub async fn create_offer(#[server(flatten)] form: OfferForm) -> Result<(), Fault> {
    let back = paths::new_offer(form.service.parse::<ServiceId>().ok());
    let (values, clocks) = (kept(&form), clocks(&form.until, &form.date, &form.zone));
    if form.to == "circle" {
        let outcome = backend().offers.create_for_circle(form).await;
        let outcome = outcome.map(|text| done(paths::offers(false), text + &clocks));
        return answer("offers/create", &back, values, outcome).await;
    }
    let outcome = backend().offers.create(form).await.map(|(offer, link)| {
        done_once(
            "offers/create",
            paths::offer(offer),
            format!("The offer is made. Its link is shown once: pass it on now.{clocks}"),
            link,
        )
    });
    answer("offers/create", &back, values, outcome).await
}

#[server(prefix = "/fn", endpoint = "offers/withdraw")]
pub async fn withdraw_offer(#[server(default)] offer: String) -> Result<(), Fault> {
    let id: OfferId = id(&offer)?;
    let outcome = backend().offers.withdraw(id).await;
    let outcome =
        outcome.map(|()| done(paths::offer(id), "The offer is withdrawn; its link no longer works."));
    answer("offers/withdraw", &paths::offer(id), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "offers/link")]
pub async fn new_link(#[server(default)] offer: String) -> Result<(), Fault> {
    let id: OfferId = id(&offer)?;
    let outcome = backend().offers.new_link(id).await.map(|link| {
        done_once(
            "offers/link",
            paths::offer(id),
            "Here is a new link, shown once. The old one no longer works.",
            link,
        )
    });
    answer("offers/link", &paths::offer(id), Vec::new(), outcome).await
}

/// Somebody who is not signed in wants to answer: the link waits in their browser session.
#[server(prefix = "/fn", endpoint = "offers/remember")]
pub async fn remember_offer(#[server(default)] token: String) -> Result<(), Fault> {
    let back = paths::invitation(shaped(&token)?);
    let outcome = backend().offers.remember(token).await;
    let outcome = outcome.map(|()| (paths::sign_in_to(&back), crate::ports::flash::Message::default()));
    answer("offers/remember", &back, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "offers/accept")]
pub async fn accept_offer(
    #[server(default)] token: String,
    #[server(default)] login: String,
    #[server(default)] already: String,
) -> Result<(), Fault> {
    let back = paths::invitation(shaped(&token)?);
    let values = typed([("login", &login), ("already", &already)]);
    let outcome = if already == "no" {
        let outcome = backend().offers.accept_without_account(token).await;
        outcome.map(|share| done(paths::share(share), "Accepted. One thing is missing: your account."))
    } else {
        let outcome = backend().offers.accept(token, login).await;
        outcome.map(|share| done(paths::share(share), "Accepted. The owner now looks at what it opens."))
    };
    answer("offers/accept", &back, values, outcome).await
}

#[server(prefix = "/fn", endpoint = "offers/decline")]
pub async fn decline_offer(#[server(default)] token: String) -> Result<(), Fault> {
    let back = paths::invitation(shaped(&token)?);
    let outcome = backend().offers.decline(token).await;
    let outcome = outcome
        .map(|()| done(paths::home(), "Declined. Nothing was opened, and the owner can see your answer."));
    answer("offers/decline", &back, Vec::new(), outcome).await
}
