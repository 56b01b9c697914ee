use leptos::prelude::*;
use model::{NodeId, TailnetId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "households/join")]
pub async fn join_household(
    #[server(default)] tailnet: String,
    #[server(default)] account: String,
    #[server(default)] with: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let values = typed([("account", &account), ("with", &with)]);
    let outcome = backend().households.join(tailnet, account, with).await;
    let to = paths::households(tailnet);
    let outcome =
        outcome.map(|()| done(to.clone(), "Kept. The guards of their machines let each other pass now."));
    answer("households/join", &to, values, outcome).await
}

#[server(prefix = "/fn", endpoint = "households/leave")]
pub async fn leave_household(
    #[server(default)] tailnet: String,
    #[server(default)] account: String,
) -> Result<(), Fault> {
    let tailnet: TailnetId = id(&tailnet)?;
    let outcome = backend().households.leave(tailnet, account).await;
    let to = paths::households(tailnet);
    let outcome = outcome.map(|()| done(to.clone(), "Kept. That account is a household of its own now."));
    answer("households/leave", &to, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "households/give")]
pub async fn give_machine(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
    #[server(default)] account: String,
) -> Result<(), Fault> {
    let (tailnet, node): (TailnetId, NodeId) = (id(&tailnet)?, id(&node)?);
    let values = typed([("node", &node.to_string()), ("account", &account)]);
    let outcome = backend().households.give(node, account).await;
    let to = paths::households(tailnet);
    let outcome = outcome.map(|()| done(to.clone(), "Kept. Its guard follows."));
    answer("households/give", &to, values, outcome).await
}
