use leptos::prelude::*;
use model::{PersonId, TailnetId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "stewards/add")]
pub async fn add_steward(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let values = typed([("person", &person)]);
    let outcome = backend().stewards.add(tailnet, person).await;
    let outcome = outcome.map(|name| done(paths::stewards(tailnet), format!("{name} is a steward now.")));
    answer("stewards/add", &paths::stewards(tailnet), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "stewards/remove")]
pub async fn remove_steward(
    #[server(default)] tailnet: String,
    #[server(default)] person: String,
    #[server(default)] revoke: Vec<String>,
) -> Result<(), Fault> {
    let (tailnet, person): (TailnetId, PersonId) = (id(&tailnet)?, id(&person)?);
    let revoke = revoke.iter().filter_map(|node| node.parse().ok()).collect();
    let outcome = backend().stewards.remove(tailnet, person, revoke).await;
    let text =
        |name| format!("{name} is no longer a steward. Their own shares and listings are as they were.");
    let outcome = outcome.map(|name| done(paths::stewards(tailnet), text(name)));
    answer("stewards/remove", &paths::stewards(tailnet), Vec::new(), outcome).await
}
