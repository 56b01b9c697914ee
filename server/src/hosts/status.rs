//! What a host tells of friends' devices.

use std::collections::{BTreeMap, BTreeSet};

use app::fault::Fault;
use firewall::{TailnetAddress, friends_in_status};
use model::{Login, NodeId, Timestamp};

use super::revision::{shares_in_text, try_renew};
use super::speaking;
use crate::failure::OrInternal as _;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::hosts::FriendAddresses;
use crate::trail;

/// Of one friend: thirty devices. Every text has them all.
const MOST_ADDRESSES: usize = 64;

/// What a host says by itself of friends' devices, with a token that may.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike, and for a token that may not; a text that is no
/// status.
pub async fn told_status(state: &AppState, node: NodeId, token: &str, status: &str) -> Result<(), Fault> {
    let db = &state.db;
    let node = speaking(state, node, token, |may| may.tells).await?;
    let before = db.list_friend_addresses(node.id).await.or_internal("read friends' addresses")?.readable();
    let shares = shares_in_text(state, &node).await.or_internal("list its shares")?;
    let has_share = |login: &str| shares.iter().any(|share| share.login.as_str().eq_ignore_ascii_case(login));
    let mut told = friends_of(status, state.now())?;
    told.retain(|friend| has_share(&friend.login));
    // Whom it does not name keeps what was known: forgetting opens ports to more people, and is a person's deed.
    let known = |friend: &FriendAddresses| {
        before.iter().any(|one| (&one.login, &one.addresses) == (&friend.login, &friend.addresses))
    };
    // Every five minutes the same is nothing to write down.
    if told.iter().all(known) {
        for friend in &told {
            db.mark_friend_read(node.id, &friend.login, state.now()).await.or_internal("note the date")?;
        }
        return Ok(());
    }
    let tailnet = db.find_tailnet(node.tailnet).await.or_internal("read the tailnet")?;
    let tailnet = tailnet.ok_or(Fault::NotFound)?;
    let object = Object::from(&node);
    let what = format!("was told by {} which devices friends have", node.name);
    let entry = trail::about(object).by(Actor::Acequia).says(what).of(&tailnet).at(state);
    put_friends(state, node.id, (&told, false), &entry).await
}

pub async fn put_friends(
    state: &AppState,
    node: NodeId,
    friends: (&[FriendAddresses], bool),
    entry: &NewEntry,
) -> Result<(), Fault> {
    state.db.put_friend_addresses(node, friends, entry).await.or_internal("store friends' addresses")?;
    try_renew(state, node).await;
    Ok(())
}

/// Friends whose login a status names, with their devices. One login may be several users there.
pub fn friends_of(status: &str, now: Timestamp) -> Result<Vec<FriendAddresses>, Fault> {
    let mut friends: BTreeMap<String, BTreeSet<TailnetAddress>> = BTreeMap::new();
    for friend in friends_in_status(status).map_err(|error| Fault::field("status", error))? {
        // What is no login is the login of no share.
        if let Some(login) = friend.login.filter(|login| login.parse::<Login>().is_ok()) {
            friends.entry(login.to_lowercase()).or_default().extend(friend.addresses);
        }
    }
    let one = |(login, addresses): (String, BTreeSet<TailnetAddress>)| FriendAddresses {
        login,
        addresses: addresses.iter().take(MOST_ADDRESSES).map(ToString::to_string).collect(),
        read: now,
    };
    Ok(friends.into_iter().map(one).collect())
}
