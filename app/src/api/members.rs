use leptos::prelude::*;
use model::ShareId;

use super::{done, done_once, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "members/choose")]
pub async fn choose_member(
    #[server(default)] share: String,
    #[server(default)] account: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let values = typed([("account", &account)]);
    let outcome = backend().members.choose(share, account).await;
    let outcome = outcome.map(|()| done(paths::review(share), "Kept. This is what it opens."));
    answer("members/choose", &paths::review(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "members/new")]
pub async fn make_new_member(
    #[server(default)] share: String,
    #[server(default)] name: String,
    #[server(default)] ephemeral: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let values = typed([("name", &name), ("ephemeral", &ephemeral)]);
    let outcome = backend().members.make_new(share, name, !ephemeral.is_empty()).await;
    let outcome =
        outcome.map(|()| done(paths::review(share), "Kept. Nobody was made yet; this is what it opens."));
    answer("members/new", &paths::review(share), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "members/sign-in")]
pub async fn wait_for_member(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().members.wait_for_sign_in(share).await;
    let outcome = outcome.map(|()| done(paths::review(share), "Kept. Their page tells them how to sign in."));
    answer("members/sign-in", &paths::review(share), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "members/loaded")]
pub async fn say_policy_loaded(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().members.say_loaded(share).await;
    let outcome = outcome.map(|()| done(paths::share(share), "Kept. What waited for it goes on."));
    answer("members/loaded", &paths::share(share), Vec::new(), outcome).await
}

/// A key that is shown once, to the friend.
#[server(prefix = "/fn", endpoint = "members/key")]
pub async fn make_member_key(#[server(default)] share: String) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().members.make_key(share).await;
    let text = "The key is made. It is shown once: use it now.";
    let outcome = outcome.map(|key| done_once("members/key", paths::share(share), text, key));
    answer("members/key", &paths::share(share), Vec::new(), outcome).await
}

/// The id lets a machine in: it is not among the values that come back.
#[server(prefix = "/fn", endpoint = "members/let-in")]
pub async fn let_member_in(
    #[server(default)] share: String,
    #[server(default)] waiting: String,
) -> Result<(), Fault> {
    let share: ShareId = id(&share)?;
    let outcome = backend().members.let_in(share, waiting).await;
    let outcome = outcome.map(|()| done(paths::share(share), "It is let in: look at the device."));
    answer("members/let-in", &paths::share(share), Vec::new(), outcome).await
}
