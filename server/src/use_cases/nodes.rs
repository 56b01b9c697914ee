//! Machines as they are shown.

use app::ports::tailnets::NodeCard;

use crate::store::nodes::Counted;

pub(super) fn card(Counted { node, services, shares }: Counted) -> NodeCard {
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let exit = |route: &String| route == "0.0.0.0/0" || route == "::/0";
    NodeCard {
        belongs_to: if node.tags.is_empty() { node.user_login } else { node.tags.join(", ") },
        exit_node: node.enabled_routes.iter().any(exit),
        routes: node.enabled_routes.into_iter().filter(|route| !exit(route)).collect(),
        services: number(services),
        shares: number(shares),
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
