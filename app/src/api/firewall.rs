use leptos::prelude::*;
use model::{NodeId, TailnetId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend as ask};

/// Which kind of firewall the node's host has, and what the tailnet's interface is called there.
#[server(prefix = "/fn", endpoint = "firewall/choose")]
pub async fn choose_firewall(
    #[server(default)] tailnet: String,
    #[server(default)] node: String,
    #[server(default)] backend: String,
    #[server(default)] interface: String,
) -> Result<(), Fault> {
    let (tailnet, node): (TailnetId, NodeId) = (id(&tailnet)?, id(&node)?);
    let values = typed([("backend", &backend), ("interface", &interface)]);
    let outcome = ask().firewall.choose(node, backend, interface).await;
    let outcome =
        outcome.map(|()| done(paths::firewall(tailnet, node), "The text below is for that kind of host."));
    answer("firewall/choose", &paths::firewall(tailnet, node), values, outcome).await
}
