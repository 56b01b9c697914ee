use leptos::prelude::*;
use model::{Decision, ShareId};

use super::{clocks, done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::shares::EndForm;
use crate::request::{answer, backend, kept};

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

#[server(prefix = "/fn", endpoint = "shares/pause")]
pub async fn pause_share(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.pause(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "The gate is being closed for a while."));
    answer("shares/pause", &paths::pause_share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/open-again")]
pub async fn open_share_again(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.open_again(share).await;
    let outcome =
        outcome.map(|()| done(paths::share(share), "The gate is being opened again, as it was agreed."));
    answer("shares/open-again", &paths::share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/until")]
pub async fn set_share_end(
    #[server(default)] share: String,
    #[server(flatten)] form: EndForm,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let (values, clocks) = (kept(&form), clocks(&form.until, &form.date, &form.zone));
    let outcome = backend().shares.set_end(share, form).await;
    let outcome =
        outcome.map(|()| done(paths::share(share), format!("It ends at another time now.{clocks}")));
    answer("shares/until", &paths::share_time(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/longer")]
pub async fn ask_for_longer(
    #[server(default)] share: String,
    #[server(flatten)] form: EndForm,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let (values, clocks) = (kept(&form), clocks(&form.until, &form.date, &form.zone));
    let outcome = backend().shares.ask_longer(share, form).await;
    let outcome = outcome
        .map(|()| done(paths::share(share), format!("Asked. The owner finds it in their inbox.{clocks}")));
    answer("shares/longer", &paths::share_time(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/not-longer")]
pub async fn refuse_longer(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.refuse_longer(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "It stays with the end that was agreed."));
    answer("shares/not-longer", &paths::share(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/account")]
pub async fn name_account(
    #[server(default)] share: String,
    #[server(default)] login: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let values = typed([("login", &login)]);
    let outcome = backend().shares.name_account(share, login).await;
    let outcome =
        outcome.map(|()| done(paths::share(share), "Thank you. The owner now looks at what it opens."));
    answer("shares/account", &paths::share(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "shares/new-invite")]
pub async fn renew_invite(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().shares.renew_invite(share).await;
    let outcome = outcome.map(|()| {
        done(paths::share(share), "The old invite is deleted, and a new one is made for the right account.")
    });
    answer("shares/new-invite", &paths::share(share), Vec::new(), outcome).await
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
