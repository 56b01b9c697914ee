use leptos::prelude::*;

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::flash::Message;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "account/rename")]
pub async fn rename(#[server(default)] name: String) -> Result<(), Fault> {
    let values = typed([("name", &name)]);
    let outcome = backend().accounts.rename(name).await.map(|()| done(paths::account(), "Saved."));
    answer("account/rename", &paths::account(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "account/zone")]
pub async fn set_zone(#[server(default)] zone: String) -> Result<(), Fault> {
    let values = typed([("zone", &zone)]);
    let outcome = backend().accounts.set_zone(zone).await.map(|()| done(paths::account(), "Saved."));
    answer("account/zone", &paths::account(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "account/end-session")]
pub async fn end_session(#[server(default)] handle: String) -> Result<(), Fault> {
    let outcome = backend().accounts.end_session(handle).await;
    let outcome = outcome.map(|()| done(paths::account(), "That browser is signed out."));
    answer("account/end-session", &paths::account(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "account/end-others")]
pub async fn end_other_sessions() -> Result<(), Fault> {
    let outcome = backend().accounts.end_other_sessions().await;
    let outcome = outcome.map(|()| done(paths::account(), "Every other browser is signed out."));
    answer("account/end-others", &paths::account(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "account/leave")]
pub async fn leave(#[server(default)] sure: String) -> Result<(), Fault> {
    let outcome = backend().accounts.leave(sure == "yes").await;
    // Nobody is signed in any more to whom something could be said.
    let outcome = outcome.map(|()| (paths::sign_in(), Message::default()));
    answer("account/leave", &paths::leave(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "account/unlink")]
pub async fn unlink(#[server(default)] identity: String) -> Result<(), Fault> {
    let outcome = backend().accounts.unlink(id(&identity)?).await;
    let outcome = outcome.map(|()| done(paths::account(), "That way to sign in is removed."));
    answer("account/unlink", &paths::account(), Vec::new(), outcome).await
}
