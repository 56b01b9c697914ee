//! What a host tells of the filter that its own client holds: which shares are in force there, whatever stands in a policy.

use std::collections::BTreeSet;
use std::net::IpAddr;

use app::fault::Fault;
use firewall::{Filter, Held, filter_in_netmap};
use model::{EndReason, JobKind, NodeId, Phase, ShareEvent, ShareState, Trouble};

use super::record::{entry, store};
use crate::failure::OrInternal as _;
use crate::hosts::{Server, speaking};
use crate::queue;
use crate::state::AppState;
use crate::store::audit::Actor;
use crate::store::nodes::Node;
use crate::store::shares::{Along, Share};
use crate::words;

/// What a host says by itself of its filter, with a token that may tell.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike, and for a token that may not; a text that is no filter, is
/// not understood, or is that of another machine: then nothing is proven.
pub async fn told_filter(state: &AppState, node: NodeId, token: &str, text: &str) -> Result<(), Fault> {
    let db = &state.db;
    let node = speaking(state, node, token, |may| may.tells).await?;
    let filter = filter_in_netmap(text).map_err(|error| Fault::field("filter", error))?;
    let key = db.find_node_key(node.id).await.or_internal("read the key of a machine")?;
    if key.is_some_and(|key| filter.is_of_another(&key)) {
        return Err(Fault::field("filter", words::host::filter_of_another(&node.name)));
    }
    let shares = db.list_provable_shares(node.id).await.or_internal("list its shares")?.readable();
    if shares.is_empty() {
        return Ok(());
    }
    let devices = Devices::of(state, &node).await?;
    // Whoever lends a machine could have it say anything of rules that are the server's.
    let waiting: Vec<&Share> = shares.iter().filter(|share| shows_load(share)).collect();
    let is_believed = waiting.is_empty() || !db.is_lent(node.id).await.or_internal("look whose it is")?;
    for share in waiting.into_iter().filter(|_| is_believed) {
        let known = addresses(state, &node).await.or_internal("read the addresses of machines")?;
        if !filter.lets_in_somebody_new(&known) {
            loaded(state, &node, share).await.or_internal("keep that a policy is in force")?;
        }
    }
    for share in shares {
        let Some(held) = devices.held(&filter, &node, &share) else { continue };
        take(state, &node, &share, held).await.or_internal("keep what a machine told of a share")?;
    }
    Ok(())
}

/// Whether somebody new waits until the server has loaded the policy that names who is there, and this machine's filter shows
/// that: before, it let them in.
fn shows_load(share: &Share) -> bool {
    let waits = share.state.attention().is_some_and(|attention| attention.trouble == Trouble::InFile);
    waits && share.deeds.machine_shows && share.deeds.loaded.is_none()
}

/// Of all machines that are there.
async fn addresses(state: &AppState, node: &Node) -> sqlx::Result<BTreeSet<IpAddr>> {
    let all = state.db.list_nodes(node.tailnet).await?;
    let there = all.iter().filter(|node| node.gone.is_none()).flat_map(|node| &node.addresses);
    Ok(there.filter_map(|address| address.parse().ok()).collect())
}

/// Nobody new is let in by now.
async fn loaded(state: &AppState, node: &Node, share: &Share) -> anyhow::Result<()> {
    let mut known = share.clone();
    known.deeds.loaded = Some(state.now());
    let told =
        entry(share, Actor::Acequia, ShareEvent::PolicyLoaded { machine: node.name.clone() }).at(state);
    let jobs = vec![queue::job(state, JobKind::Share, share.id)];
    if store(state, &mut known, Along { entries: vec![told], jobs, ..Along::default() }).await? {
        state.signals.poke.notify_one();
    }
    Ok(())
}

/// The devices of friends, as far as they are known: those that a Headscale lists, or that the machine itself has told of.
struct Devices(Vec<(String, Vec<IpAddr>)>);

impl Devices {
    async fn of(state: &AppState, node: &Node) -> Result<Self, Fault> {
        let server = Server::read(state, node.tailnet).await?;
        let all = if let Some(server) = server {
            server.everybody()
        } else {
            let told = state.db.list_friend_addresses(node.id).await;
            told.or_internal("read friends' addresses")?.readable()
        };
        let parsed = |addresses: Vec<String>| addresses.iter().filter_map(|one| one.parse().ok()).collect();
        Ok(Self(all.into_iter().map(|friend| (friend.login, parsed(friend.addresses))).collect()))
    }

    /// Nothing where no device of theirs is known: then a filter says nothing of them.
    fn held(&self, filter: &Filter, node: &Node, share: &Share) -> Option<Held> {
        let is_theirs =
            |(login, _): &&(String, Vec<IpAddr>)| login.eq_ignore_ascii_case(share.login.as_str());
        let (_, from) = self.0.iter().find(is_theirs)?;
        let to: Vec<IpAddr> = node.addresses.iter().filter_map(|address| address.parse().ok()).collect();
        (!from.is_empty() && !to.is_empty()).then(|| filter.holds(from, &to, &share.ports))
    }
}

/// Keeps it, and lets go on what waited for it.
async fn take(state: &AppState, node: &Node, share: &Share, held: Held) -> anyhow::Result<()> {
    state.db.put_proof(share.id, held, state.now()).await?;
    let waits = share.state.attention().is_some_and(|attention| attention.trouble == Trouble::InFile);
    match &share.state {
        ShareState::NeedsAttention { phase: Phase::Apply, .. } if waits && held == Held::All => {
            queue::enqueue(state, JobKind::Share, share.id).await?;
            state.signals.poke.notify_one();
        }
        ShareState::Ended { why, open_question: Some(_), .. } if held == Held::None => {
            proven(state, node, share, *why).await?;
        }
        _ => {}
    }
    Ok(())
}

/// What was ended without proof is seen to be over.
async fn proven(state: &AppState, node: &Node, share: &Share, why: EndReason) -> anyhow::Result<()> {
    let ShareState::Ended { at, .. } = &share.state else { return Ok(()) };
    let at = *at;
    let mut over = Share { state: ShareState::Ended { at, why, open_question: None }, ..share.clone() };
    let told = entry(share, Actor::Acequia, ShareEvent::EndProven { machine: node.name.clone() }).at(state);
    store(state, &mut over, Along { entries: vec![told], ..Along::default() }).await?;
    Ok(())
}
