//! The firewall text of a machine's host, counted: whatever changes what it says makes the next revision.

use app::fault::Fault;
use firewall::{Backend, Input, InputError};
use model::{NodeId, Phase, Protocol, ShareState};
use serde_json::json;

use crate::failure::internal;
use crate::services::Services;
use crate::store::decode::Damaged;
use crate::store::hosts::FriendAddresses;
use crate::store::nodes::Node;
use crate::store::revisions::Revision;
use crate::store::shares::Share;

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// What is known of the machine makes none.
    #[error("no firewall text can be made for this machine: {0}")]
    Input(#[from] InputError),
    /// What is stored of it cannot be read. A person is told so; the place is in the log.
    #[error("something that is stored for it cannot be read")]
    Damaged(#[from] Damaged),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<RevisionError> for Fault {
    fn from(error: RevisionError) -> Self {
        match error {
            RevisionError::Input(_) => Self::Conflict(error.to_string()),
            RevisionError::Damaged(damaged) => internal("make the firewall text", damaged),
            RevisionError::Store(error) => internal("make the firewall text", error),
        }
    }
}

impl Services {
    /// Shares of a node that its text has to let in.
    pub async fn shares_in_snippet(&self, node: &Node) -> sqlx::Result<Vec<Share>> {
        let let_in = |share: &Share| match &share.state {
            ShareState::Applying | ShareState::WaitingForFriend { .. } | ShareState::Active { .. } => true,
            ShareState::NeedsAttention { phase, .. } => *phase == Phase::Apply,
            ShareState::Accepted { .. } | ShareState::Ending { .. } | ShareState::Ended { .. } => false,
        };
        // One that cannot be read is shut out: nobody knows whom it would let in, and until when.
        let all = self.db.list_open_shares(node.tailnet).await?.readable().into_iter();
        Ok(all.filter(|share| share.node == node.id && let_in(share)).collect())
    }

    /// The shares that an input names, also those that are over.
    pub async fn shares_of_input(&self, input: &Input) -> sqlx::Result<Vec<Share>> {
        let mut shares = Vec::new();
        for id in input.shares().filter_map(|share| share.label.to_string().parse().ok()) {
            match self.db.find_share(id).await {
                Ok(found) => shares.extend(found),
                // It has no gate to draw; the page of the share says so.
                Err(sqlx::Error::Decode(why)) => tracing::error!("left out of a page: {why}"),
                Err(error) => return Err(error),
            }
        }
        Ok(shares)
    }

    /// What the text would be made of now, with these shares.
    ///
    /// # Errors
    /// [`RevisionError`].
    pub async fn firewall_input(
        &self,
        node: &Node,
        revision: i64,
        shares: &[Share],
    ) -> Result<Input, RevisionError> {
        let nodes = self.db.list_nodes(node.tailnet).await?;
        let own: Vec<&String> = nodes
            .iter()
            .filter(|other| !other.external && other.gone.is_none())
            .flat_map(|other| &other.addresses)
            .collect();
        // Without the addresses of one friend their ports would be open to everybody else.
        let mut friends = self.db.list_friend_addresses(node.id).await?.whole()?;
        for friend in &mut friends {
            // A device that has changed hands since it was read is the owner's now.
            friend.addresses.retain(|address| !own.contains(&address));
        }
        friends.retain(|friend| !friend.addresses.is_empty());
        let shares: Vec<serde_json::Value> = shares.iter().map(|share| told(share, &friends)).collect();
        let input = json!({
            "node": node.name, "revision": revision, "interface": node.firewall_interface, "own": own, "shares": shares,
        });
        Ok(Input::from_json(&input.to_string())?)
    }

    /// What the current revision is made of: as it was written down, so that one number is one text. Before the
    /// first revision it is what it would be.
    ///
    /// # Errors
    /// [`RevisionError`].
    pub async fn current_input(&self, node: &Node) -> Result<Input, RevisionError> {
        if let Some(revision) = self.db.find_revision(node.id, node.firewall_revision).await? {
            return Ok(revision.input()?);
        }
        let shares = self.shares_in_snippet(node).await?;
        self.firewall_input(node, node.firewall_revision, &shares).await
    }

    /// [`Self::renew_firewall`] after something that is stored and must not look as if it was not; a sync tries again.
    pub async fn try_renew_firewall(&self, node: NodeId) {
        if let Err(error) = self.renew_firewall(node).await {
            let place = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(%node, "no new firewall text was made: {error} {place}");
        }
    }

    /// Writes the next revision down if the text has to say something else by now; gives the current one. A machine
    /// whose host nobody asked about, and that shares nothing, has none: zero.
    ///
    /// Call it after whatever it depends on was stored: two who do so at once end with a text that knows of both.
    ///
    /// # Errors
    /// [`RevisionError`]; the revision before stays, but for shares that are no longer to be let in.
    pub async fn renew_firewall(&self, node: NodeId) -> Result<i64, RevisionError> {
        loop {
            let node = self.db.find_node(node).await?.ok_or(sqlx::Error::RowNotFound)?;
            let number = node.firewall_revision;
            let shares = self.shares_in_snippet(&node).await?;
            if number == 0 && shares.is_empty() && node.firewall_backend.is_none() {
                return Ok(0);
            }
            let current = self.db.find_revision(node.id, number).await?;
            let known = current.as_ref().and_then(|current| current.input().ok());
            let (wanted, refused) = match self.firewall_input(&node, number, &shares).await {
                Ok(input) => (input, None),
                // Whoever is to be shut out is, also while no new text can be made.
                Err(error @ RevisionError::Store(_)) => return Err(error),
                Err(error) => match &known {
                    Some(known) => (shut(known.clone(), &shares), Some(error)),
                    None => return Err(error),
                },
            };
            let same_kind = current.is_some_and(|current| current.backend == node.firewall_backend);
            let mut newest = number;
            if !(same_kind && known == Some(wanted.clone())) {
                newest += 1;
                let input = wanted.with_revision(u64::try_from(newest).unwrap_or_default());
                let input =
                    serde_json::to_string(&input).map_err(|error| sqlx::Error::Encode(error.into()))?;
                let (made, backend) = (self.now(), node.firewall_backend);
                let next = Revision { node: node.id, revision: newest, made, backend, input };
                if !self.db.put_revision(&next).await? {
                    continue;
                }
            }
            return refused.map_or(Ok(newest), Err);
        }
    }
}

/// The last text without the shares that are no longer to be let in.
fn shut(last: Input, shares: &[Share]) -> Input {
    last.keeping(|label| shares.iter().any(|share| share.id.to_string() == label.to_string()))
}

/// A share as the JSON of the command line contract. Addresses that are known in one share of a friend are known
/// in all of theirs.
fn told(share: &Share, friends: &[FriendAddresses]) -> serde_json::Value {
    let ports = |protocol| serde_json::to_value(share.ports.of(protocol)).unwrap_or_default();
    let mut told =
        json!({ "id": share.id.to_string(), "tcp": ports(Protocol::Tcp), "udp": ports(Protocol::Udp) });
    if let Some(ends) = share.ends {
        told["until"] = json!(ends);
    }
    let known = friends.iter().find(|friend| friend.login.eq_ignore_ascii_case(share.login.as_str()));
    if let Some(friend) = known {
        told["peers"] = json!(friend.addresses);
    }
    told
}

/// The kind of host that was chosen.
pub fn chosen(backend: Option<&str>) -> Option<Backend> {
    backend.and_then(|backend| backend.parse().ok())
}
