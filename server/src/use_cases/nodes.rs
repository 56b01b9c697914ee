//! Machines as they are shown.

use app::ports::tailnets::NodeCard;

use crate::store::nodes::Node;

/// With how many listed services and shares that are not over it has.
pub(super) fn card(node: Node, (services, shares): (u32, u32)) -> NodeCard {
    let exit = |route: &String| route == "0.0.0.0/0" || route == "::/0";
    NodeCard {
        belongs_to: if node.tags.is_empty() { node.user_login } else { node.tags.join(", ") },
        exit_node: node.enabled_routes.iter().any(exit),
        routes: node.enabled_routes.into_iter().filter(|route| !exit(route)).collect(),
        services,
        shares,
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
    }
}
