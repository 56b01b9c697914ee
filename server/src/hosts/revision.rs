//! The firewall text of a machine's host, counted: whatever changes what it says makes the next revision.

use std::collections::BTreeSet;

use firewall::{Backend, Input, InputError, InputShare, Label, Own, TailnetAddress};
use model::text::sentence;
use model::{NodeId, Phase, Revision, ShareId, ShareState, TailnetId};

use super::error::RevisionError;
use super::server::Server;
use crate::state::AppState;
use crate::store::decode::Damaged;
use crate::store::hosts::FriendAddresses;
use crate::store::nodes::Node;
use crate::store::revisions::HostText;
use crate::store::shares::Share;

/// Shares of a node that its text has to let in.
pub async fn shares_in_text(state: &AppState, node: &Node) -> sqlx::Result<Vec<Share>> {
    let let_in = |share: &Share| match &share.state {
        ShareState::Applying
        | ShareState::WaitingForFriend { .. }
        | ShareState::Active { .. }
        | ShareState::Drifted { .. } => true,
        ShareState::NeedsAttention { phase, .. } => *phase == Phase::Apply,
        ShareState::AccountMissing { .. }
        | ShareState::Accepted { .. }
        | ShareState::Pausing
        | ShareState::Paused { .. }
        | ShareState::Ending { .. }
        | ShareState::Ended { .. } => false,
    };
    // One that cannot be read is shut out: nobody knows whom it would let in, and until when.
    let all = state.db.list_open_shares_of_node(node.id).await?.readable().into_iter();
    Ok(all.filter(let_in).collect())
}

/// Whether a text that was written down lets a share in.
pub async fn lets_in(
    state: &AppState,
    node: NodeId,
    revision: Revision,
    share: ShareId,
) -> sqlx::Result<bool> {
    let stored = state.db.find_revision(node, revision).await?;
    let input = stored.and_then(|stored| stored.input().ok());
    let id = share.to_string();
    Ok(input.is_some_and(|input| input.shares().any(|one| one.label.to_string() == id)))
}

/// The shares that an input names, also those that are over.
pub async fn shares_of_input(state: &AppState, input: &Input) -> sqlx::Result<Vec<Share>> {
    let mut shares = Vec::new();
    for id in input.shares().filter_map(|share| share.label.to_string().parse().ok()) {
        match state.db.find_share(id).await {
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
pub async fn input(
    state: &AppState,
    node: &Node,
    revision: Revision,
    shares: &[Share],
) -> Result<Input, RevisionError> {
    let around = Around::of(state, node.tailnet).await?;
    input_beside(state, node, revision, shares, &around).await
}

/// The other machines of a tailnet, as the text of each of its machines needs them.
#[derive(Clone, Debug)]
enum Around {
    /// All of them are own ones, but for those that come from outside.
    Own(Own),
    /// Of a Headscale: everybody's.
    Server(Server),
}

impl Around {
    async fn of(state: &AppState, tailnet: TailnetId) -> Result<Self, RevisionError> {
        if let Some(server) = Server::read(state, tailnet).await? {
            return Ok(Self::Server(server));
        }
        let all = state.db.list_own_addresses(tailnet).await?.whole()?;
        let own = all.iter().flatten().map(|address| address.parse()).collect::<Result<_, _>>();
        Ok(Self::Own(own.map_err(InputError::Own)?))
    }
}

async fn input_beside(
    state: &AppState,
    node: &Node,
    revision: Revision,
    shares: &[Share],
    around: &Around,
) -> Result<Input, RevisionError> {
    let (own, friends) = match around {
        // Without the addresses of one friend their ports would be open to everybody else.
        Around::Own(own) => (own.clone(), state.db.list_friend_addresses(node.id).await?.whole()?),
        // The list tells whose each machine is, so nobody has to be seen first.
        Around::Server(server) => (server.own(node.id)?, server.others(node.id)),
    };
    let mut inputs: Vec<InputShare> =
        shares.iter().map(|share| as_input(share, &friends, &own)).collect::<Result<_, _>>()?;
    // Whose devices are not there yet has none to be let in from, and their ports are not to be open to everybody; who lives
    // with its owner passes anyway.
    if matches!(around, Around::Server(_)) {
        inputs.retain(|share| share.peers.is_some());
    }
    let interface = node.firewall_interface.parse().map_err(InputError::Interface)?;
    Ok(Input::new(node.name.clone(), revision, interface, own, inputs)?)
}

/// What the current revision is made of: as it was written down, so that one number is one text. Before the
/// first revision it is what it would be.
///
/// # Errors
/// [`RevisionError`].
pub async fn current_input(state: &AppState, node: &Node) -> Result<Input, RevisionError> {
    if let Some(revision) = state.db.find_revision(node.id, node.firewall_revision).await? {
        return Ok(revision.input()?);
    }
    let shares = shares_in_text(state, node).await?;
    input(state, node, node.firewall_revision, &shares).await
}

/// [`Self::renew_firewall`] for every machine of a tailnet that has a text: own machines pass the guard by their
/// addresses, so with other machines it is another one. What they are is read once.
///
/// # Errors
/// When the store fails before the first one.
pub async fn renew_all(state: &AppState, tailnet: TailnetId) -> sqlx::Result<()> {
    let nodes = state.db.list_hosts_to_renew(tailnet).await?;
    if nodes.is_empty() {
        return Ok(());
    }
    // Where they cannot be read each machine is told so, and shuts out whom it has to.
    let around = Around::of(state, tailnet).await.ok();
    for node in nodes {
        warn_of(node, renew_beside(state, node, around.as_ref()).await);
    }
    Ok(())
}

/// [`Self::renew_firewall`] after something that is stored and must not look as if it was not; a sync tries again.
pub async fn try_renew(state: &AppState, node: NodeId) {
    warn_of(node, renew(state, node).await);
}

/// Writes the next revision down if the text has to say something else by now; gives the current one. A machine
/// whose host nobody asked about, and that shares nothing, has none.
///
/// Call it after whatever it depends on was stored: two who do so at once end with a text that knows of both.
///
/// # Errors
/// [`RevisionError`]; the revision before stays, but for shares that are no longer to be let in.
pub async fn renew(state: &AppState, node: NodeId) -> Result<Revision, RevisionError> {
    renew_beside(state, node, None).await
}

/// The same, with the other machines as somebody has read them just now. That no text can be made is told to whoever acts
/// for the machine, for as long as it is so.
async fn renew_beside(
    state: &AppState,
    node: NodeId,
    around: Option<&Around>,
) -> Result<Revision, RevisionError> {
    let made = Box::pin(write_down(state, node, around)).await;
    let refused = match &made {
        Ok(_) => None,
        Err(error @ (RevisionError::Input(_) | RevisionError::Household(_) | RevisionError::Damaged(_))) => {
            Some(sentence(&error.to_string()))
        }
        Err(RevisionError::Store(_)) => return made,
    };
    state.db.mark_text(node, refused.as_deref(), state.now()).await?;
    made
}

async fn write_down(
    state: &AppState,
    node: NodeId,
    around: Option<&Around>,
) -> Result<Revision, RevisionError> {
    loop {
        let node = state.db.find_node(node).await?.ok_or(sqlx::Error::RowNotFound)?;
        let number = node.firewall_revision;
        let shares = shares_in_text(state, &node).await?;
        if number.is_none() && shares.is_empty() && node.firewall_backend == Ok(None) {
            return Ok(Revision::NONE);
        }
        let current = state.db.find_revision(node.id, number).await?;
        let made = match around {
            Some(around) => input_beside(state, &node, number, &shares, around).await,
            None => input(state, &node, number, &shares).await,
        };
        let (wanted, refused) = match made {
            Ok(input) => (input, None),
            // Whoever is to be shut out is, also while no new text can be made.
            Err(error @ RevisionError::Store(_)) => return Err(error),
            Err(error) => match current.as_ref().and_then(|current| current.input().ok()) {
                Some(known) => (shut(known, &shares), Some(error)),
                None => return Err(error),
            },
        };
        let backend = Ok(chosen(&node.firewall_backend));
        let same = current.is_some_and(|current| current.backend == backend && current.says(&wanted));
        let mut newest = number;
        if !same {
            newest = newest.next();
            let input = wanted.with_revision(newest);
            let input = serde_json::to_string(&input).map_err(|error| sqlx::Error::Encode(error.into()))?;
            let made = state.now();
            let next = HostText { node: node.id, revision: newest, made, backend, input };
            if !state.db.put_revision(&next).await? {
                continue;
            }
        }
        return refused.map_or(Ok(newest), Err);
    }
}

/// The last text without the shares that are no longer to be let in.
fn shut(last: Input, shares: &[Share]) -> Input {
    last.keeping(|label| shares.iter().any(|share| share.id.to_string() == label.to_string()))
}

fn warn_of(node: NodeId, renewed: Result<Revision, RevisionError>) {
    if let Err(error) = renewed {
        let place = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        tracing::warn!(%node, "no new firewall text was made: {error} {place}");
    }
}

/// A share as a text is made of it. Addresses that are known in one share of a friend are known in all of theirs; a device
/// that has changed hands since it was read is the owner's now.
fn as_input(share: &Share, friends: &[FriendAddresses], own: &Own) -> Result<InputShare, InputError> {
    let known = friends.iter().find(|friend| friend.login.eq_ignore_ascii_case(share.login.as_str()));
    let known = known.into_iter().flat_map(|friend| &friend.addresses);
    let peers = known.map(|address| address.parse()).collect::<Result<BTreeSet<TailnetAddress>, _>>();
    let label = || Label::new(&share.id.to_string());
    let mut peers = peers.map_err(|error| InputError::Peer { share: label(), error })?;
    peers.retain(|address| !own.contains(address));
    Ok(InputShare {
        id: share.id.to_string(),
        ports: share.ports_until_then().clone(),
        peers: (!peers.is_empty()).then_some(peers),
        until: share.ends,
    })
}

/// The kind of host that was chosen. One that cannot be read has to be chosen again.
pub fn chosen(backend: &Result<Option<Backend>, Damaged>) -> Option<Backend> {
    backend.as_ref().map_or(None, |backend| *backend)
}
