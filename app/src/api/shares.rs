use leptos::prelude::*;
use model::{Decision, ShareId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "shares/apply")]
pub async fn apply_share(
    #[server(default)] share: String,
    #[server(default)] plan: String,
    #[server(default)] decision: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let values = typed([("decision", &decision)]);
    let outcome = match decision.parse::<Decision>() {
        Ok(decision) => backend().shares.apply(share, plan, decision).await,
        Err(_) => Err(Fault::field("decision", "please choose one of them")),
    };
    let outcome = outcome
        .map(|()| done(paths::share(share), "Agreed. The steps below happen now, one after the other."));
    answer("shares/apply", &paths::review(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/end")]
pub async fn end_share(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.end(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "The gate is being closed."));
    answer("shares/end", &paths::end_share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/retry")]
pub async fn retry_share(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.retry(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "Trying again."));
    answer("shares/retry", &paths::share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/check")]
pub async fn check_share(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.check(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "Looked just now; this is how it is."));
    answer("shares/check", &paths::share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/unproven")]
pub async fn end_share_unproven(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.end_unproven(share).await;
    let outcome =
        outcome.map(|()| done(paths::share(share), "It is called ended here. That it is so was not seen."));
    answer("shares/unproven", &paths::unproven_share(share), Vec::new(), outcome).await
}

/// The invite's link is a secret: it is not among the values that come back.
#[server(prefix = "/fn", endpoint = "shares/invite")]
pub async fn paste_invite(
    #[server(default)] share: String,
    #[server(default)] link: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.paste_invite(share, link).await;
    let outcome = outcome
        .map(|()| done(paths::share(share), "Thank you: the friend can see the link now, and only they."));
    answer("shares/invite", &paths::share(share), Vec::new(), outcome).await
}
