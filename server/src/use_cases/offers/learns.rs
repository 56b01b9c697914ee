//! What a friend learns by an offer, said before it is sent.

use app::fault::Fault;
use model::TailnetId;

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::nodes::Node;
use crate::store::services::ServiceAtNode;
use crate::words;

impl Asker {
    /// What whoever accepts learns, where friends are accounts of the owner's server.
    pub(super) async fn friend_learns(
        &self,
        chosen: Option<&ServiceAtNode>,
        network: Option<TailnetId>,
    ) -> Result<Vec<String>, Fault> {
        let Some(network) = network else { return Ok(Vec::new()) };
        let tailnet = self.state.db.find_tailnet(network).await.or_internal("read the tailnet")?;
        if !tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale()) {
            return Ok(Vec::new());
        }
        let node = match chosen {
            Some(placed) => {
                self.state.db.find_node(placed.service.node).await.or_internal("read the node")?
            }
            None => None,
        };
        let is_exit =
            |node: &Node| node.enabled_routes.iter().any(|route| route == "0.0.0.0/0" || route == "::/0");
        let exit = node.as_ref().is_some_and(is_exit);
        Ok(words::offer::friend_learns(node.as_ref().map(|node| node.name.as_str()), exit))
    }
}
