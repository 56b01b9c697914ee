//! Machines as they are shown.

use app::fault::Fault;
use app::ports::tailnets::NodeCard;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::nodes::Node;
use crate::store::shares::Share;

impl Asker {
    pub(super) async fn node_card(&self, node: Node, shares: &[Share]) -> Result<NodeCard, Fault> {
        let services =
            self.services.db.list_services_of_node(node.id).await.or_internal("list the services")?;
        let exit = |route: &String| route == "0.0.0.0/0" || route == "::/0";
        Ok(NodeCard {
            belongs_to: if node.tags.is_empty() { node.user_login } else { node.tags.join(", ") },
            exit_node: node.enabled_routes.iter().any(exit),
            routes: node.enabled_routes.into_iter().filter(|route| !exit(route)).collect(),
            services: u32::try_from(services.len()).unwrap_or(u32::MAX),
            shares: u32::try_from(shares.iter().filter(|share| share.node == node.id).count())
                .unwrap_or(u32::MAX),
            online: node.online && node.gone.is_none(),
            id: node.id,
            name: node.name,
            dns_name: node.dns_name,
            os: node.os,
            tags: node.tags,
            addresses: node.addresses,
            last_seen: node.last_seen,
            gone: node.gone,
            external: node.external,
        })
    }
}
