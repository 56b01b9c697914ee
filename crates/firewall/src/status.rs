//! Friends' device addresses, read from `tailscale status --json` on the shared node.
//!
//! The owner's API does not show them; the node itself does: peers with `ShareeNode` are devices that a share let
//! in (tailscale source, `ipn/ipnstate.PeerStatus`). A friend's new device has new addresses: keep the date of
//! the reading beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::TailnetAddress;

/// A friend as the node sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Friend {
    /// The login, when the status names it.
    pub login: Option<String>,
    /// The addresses of all their devices, never empty.
    pub addresses: BTreeSet<TailnetAddress>,
}

/// The pasted text is no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the output of tailscale status --json: {0}")]
pub struct StatusError(String);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    peer: Option<BTreeMap<String, Peer>>,
    user: Option<BTreeMap<String, User>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Peer {
    #[serde(rename = "UserID", default)]
    user: i64,
    #[serde(rename = "TailscaleIPs")]
    addresses: Option<Vec<String>>,
    #[serde(default)]
    sharee_node: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    #[serde(default)]
    login_name: String,
}

/// The friends in a pasted or pulled `tailscale status --json`, by login.
///
/// Devices without a usable address are left out; so are the tailnet's own.
///
/// # Errors
/// [`StatusError`] when the text is no such status.
pub fn friends_in_status(text: &str) -> Result<Vec<Friend>, StatusError> {
    let status: Status = serde_json::from_str(text).map_err(|error| StatusError(error.to_string()))?;
    // A status without peers says `"Peer": null`, any other JSON says nothing of users either.
    if status.peer.is_none() && status.user.is_none() {
        return Err(StatusError("it names neither peers nor users".into()));
    }
    let users = status.user.unwrap_or_default();
    let mut friends: BTreeMap<(Option<String>, i64), BTreeSet<TailnetAddress>> = BTreeMap::new();
    for peer in status.peer.unwrap_or_default().into_values().filter(|peer| peer.sharee_node) {
        let user = users.get(&peer.user.to_string()).map(|user| user.login_name.clone());
        let login = user.filter(|login| !login.is_empty());
        let addresses = peer.addresses.unwrap_or_default();
        let addresses = addresses.iter().filter_map(|address| address.parse::<TailnetAddress>().ok());
        friends.entry((login, peer.user)).or_default().extend(addresses);
    }
    let known = friends.into_iter().filter(|(_, addresses)| !addresses.is_empty());
    Ok(known.map(|((login, _), addresses)| Friend { login, addresses }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_devices_that_a_share_let_in_are_friends() {
        let friends = friends_in_status(
            r#"{"Version":"1.96","Self":{"TailscaleIPs":["100.64.0.5"]},
                "Peer":{
                  "nodekey:a":{"UserID":7,"TailscaleIPs":["100.64.0.20","fd7a:115c:a1e0::20"],"ShareeNode":true},
                  "nodekey:b":{"UserID":7,"TailscaleIPs":["100.64.0.21"],"ShareeNode":true},
                  "nodekey:c":{"UserID":8,"TailscaleIPs":null,"ShareeNode":true},
                  "nodekey:d":{"UserID":1,"TailscaleIPs":["100.64.0.10"]}},
                "User":{"7":{"ID":7,"LoginName":"ben@github"},"1":{"ID":1,"LoginName":"ana@example.com"}}}"#,
        )
        .unwrap();
        let [friend] = &friends[..] else { panic!("{friends:?}") };
        assert_eq!(friend.login.as_deref(), Some("ben@github"));
        let texts: Vec<String> = friend.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["100.64.0.20", "100.64.0.21", "fd7a:115c:a1e0::20"]);
    }

    #[test]
    fn what_is_no_status_is_refused() {
        assert!(friends_in_status("100.64.0.20 ben").is_err());
        assert!(friends_in_status("{}").is_err());
        assert_eq!(friends_in_status(r#"{"Peer":null,"User":{}}"#), Ok(vec![]));
    }
}
