//! Which machine speaks, by its token.

use app::fault::Fault;
use model::NodeId;
use model::host::May;

use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::nodes::Node;

/// The machine, if this is its token and it may say with it what it is about to.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike, and for a token that may not.
pub async fn speaking(
    state: &AppState,
    node: NodeId,
    token: &str,
    may: impl FnOnce(May) -> bool + Send,
) -> Result<Node, Fault> {
    let db = &state.db;
    let known = db.is_pull_token(node, &hash_token(token)).await.or_internal("look for the token")?;
    let says = known && may(db.find_host(node).await.or_internal("read what is known of the host")?.may);
    let node = db.find_node(node).await.or_internal("read the machine")?.filter(|_| says);
    node.ok_or(Fault::NotFound)
}
