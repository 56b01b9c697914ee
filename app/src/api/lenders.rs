use leptos::prelude::*;
use model::{PersonId, TailnetId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "lenders/accept")]
pub async fn accept_lender(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
    #[server(default)] account: String,
) -> Result<(), Fault> {
    let (tailnet, person): (TailnetId, PersonId) = (id(&tailnet)?, id(&person)?);
    let values = typed([("person", &person.to_string()), ("account", &account)]);
    let outcome = backend().lenders.accept(tailnet, person, account).await;
    let to = paths::lenders(tailnet);
    let outcome =
        outcome.map(|()| done(to.clone(), "Kept. They see the machines of that account, and may lend them."));
    answer("lenders/accept", &to, values, outcome).await
}

#[server(prefix = "/fn", endpoint = "lenders/refuse")]
pub async fn refuse_lender(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
) -> Result<(), Fault> {
    let (tailnet, person): (TailnetId, PersonId) = (id(&tailnet)?, id(&person)?);
    let outcome = backend().lenders.refuse(tailnet, person).await;
    let to = paths::lenders(tailnet);
    let outcome =
        outcome.map(|()| done(to.clone(), "Done. Their shares, if they have any, are as they were."));
    answer("lenders/refuse", &to, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "lenders/review")]
pub async fn set_owner_reviews(
    #[server(default)] tailnet: String,
    #[server(default)] review: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    // What is not understood leaves less to others.
    let outcome = backend().lenders.set_review(tailnet, review != "theirs").await;
    let to = paths::lenders(tailnet);
    let outcome = outcome.map(|()| done(to.clone(), "Kept."));
    answer("lenders/review", &to, Vec::new(), outcome).await
}
