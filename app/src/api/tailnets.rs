use leptos::prelude::*;
use model::TailnetId;

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::tailnets::ConnectForm;
use crate::request::{answer, backend, kept};

#[server(prefix = "/fn", endpoint = "tailnets/connect")]
pub async fn connect_tailnet(#[server(flatten)] form: ConnectForm) -> Result<(), Fault> {
    let values = kept(&form);
    let outcome = backend().tailnets.connect(form).await;
    let outcome = outcome
        .map(|tailnet| done(paths::reach(tailnet), "Connected. Who reaches what is being worked out."));
    answer("tailnets/connect", &paths::connect_tailnet(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/token")]
pub async fn set_user_token(
    #[server(default)] tailnet: String,
    #[server(default)] user_token: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let text = if user_token.trim().is_empty() {
        "The user token is removed."
    } else {
        "The user token works and is kept."
    };
    let outcome = backend().tailnets.set_user_token(tailnet, user_token).await;
    let outcome = outcome.map(|()| done(paths::tailnet(tailnet), text));
    answer("tailnets/token", &paths::tailnet(tailnet), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/client")]
pub async fn set_oauth_client(
    #[server(default)] tailnet: String,
    #[server(default)] client_id: String,
    #[server(default)] client_secret: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let values = typed([("client_id", &client_id)]);
    let outcome = backend().tailnets.set_oauth_client(tailnet, client_id, client_secret).await;
    let outcome = outcome.map(|()| done(paths::tailnet(tailnet), "The OAuth client works and is kept."));
    answer("tailnets/client", &paths::tailnet(tailnet), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/key")]
pub async fn set_api_key(
    #[server(default)] tailnet: String,
    #[server(default)] api_key: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let outcome = backend().tailnets.set_api_key(tailnet, api_key).await;
    let outcome = outcome.map(|()| done(paths::tailnet(tailnet), "The API key works and is kept."));
    answer("tailnets/key", &paths::tailnet(tailnet), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/renew")]
pub async fn renew_api_key(#[server(default)] tailnet: String) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let outcome = backend().tailnets.renew_api_key(tailnet).await;
    let outcome = outcome.map(|()| done(paths::tailnet(tailnet), "A new key is being made and tried."));
    answer("tailnets/renew", &paths::tailnet(tailnet), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/names")]
pub async fn name_server(
    #[server(default)] tailnet: String,
    #[server(default)] base_domain: String,
    #[server(default)] login_server: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let values = typed([("base_domain", &base_domain), ("login_server", &login_server)]);
    let outcome = backend().tailnets.name_server(tailnet, base_domain, login_server).await;
    let outcome = outcome.map(|()| done(paths::tailnet(tailnet), "Kept. Join steps say it so from now on."));
    answer("tailnets/names", &paths::tailnet(tailnet), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/sync")]
pub async fn sync_tailnet(
    #[server(default)] tailnet: String,
    #[server(default)] back: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let back = if back == "reach" { paths::reach(tailnet) } else { paths::tailnet(tailnet) };
    let outcome = backend().tailnets.sync(tailnet).await;
    let outcome = outcome.map(|()| done(back.clone(), "Reading machines, users and the policy."));
    answer("tailnets/sync", &back, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "tailnets/disconnect")]
pub async fn disconnect_tailnet(#[server(default)] tailnet: String) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let outcome = backend().tailnets.disconnect(tailnet).await;
    let outcome =
        outcome.map(|()| done(paths::tailnets(), "Disconnected. Its credentials are deleted here."));
    answer("tailnets/disconnect", &paths::disconnect_tailnet(tailnet), Vec::new(), outcome).await
}
