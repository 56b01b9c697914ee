//! Friends' device addresses, read from `tailscale status --json` on the shared node.
//!
//! The owner's API does not show them; the node itself does: peers with `ShareeNode` are devices that a share let
//! in (tailscale source, `ipn/ipnstate.PeerStatus`). A friend's new device has new addresses: keep the date of
//! the reading beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::TailnetAddress;

/// How many beginnings of an object are tried: the first is the status, unless a prompt looks like one.
const MOST_OBJECTS: usize = 8;

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
    let status = status_in(text)?;
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

/// The status in what a terminal showed: with a prompt, a warning or a byte order mark before it, and a prompt after it.
fn status_in(text: &str) -> Result<Status, StatusError> {
    let whole = text.trim_start_matches('\u{feff}');
    let begins = whole.match_indices('{').filter_map(|(at, _)| whole.split_at_checked(at));
    let begins = begins.filter(|(before, _)| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty()
    });
    let mut error = StatusError("there is no JSON object in it".into());
    for (_, object) in begins.take(MOST_OBJECTS) {
        let mut values = serde_json::Deserializer::from_str(object).into_iter::<Status>();
        match values.next() {
            // A status without peers says `"Peer": null`, any other JSON says nothing of users either.
            Some(Ok(status)) if status.peer.is_some() || status.user.is_some() => return Ok(status),
            Some(Ok(_)) => error = StatusError("it names neither peers nor users".into()),
            Some(Err(why)) => error = StatusError(why.to_string()),
            None => {}
        }
    }
    Err(error)
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

    /// As it is copied from a terminal.
    #[test]
    fn what_stands_around_a_status_does_no_harm() {
        let status =
            r#"{"Peer":{"k":{"UserID":7,"TailscaleIPs":["100.64.0.20"],"ShareeNode":true}},"User":null}"#;
        for around in [
            ("\u{feff}", ""),
            ("ana@maple:~$ tailscale status --json\n", "\nana@maple:~$ "),
            ("Warning: client version \"1.96\" != tailscaled server version \"1.94\"\n", "\n"),
            ("PS C:\\> tailscale status --json\r\n\u{feff}", "\r\nPS C:\\>"),
            ("{not json\n", "{}"),
        ] {
            let text = format!("{}{status}{}", around.0, around.1);
            assert_eq!(friends_in_status(&text).map(|friends| friends.len()), Ok(1), "{text}");
        }
        let cut = status.split_at(status.len() - 5).0;
        assert!(friends_in_status(cut).is_err());
    }

    #[test]
    fn what_is_no_status_is_refused() {
        assert!(friends_in_status("100.64.0.20 ben").is_err());
        assert!(friends_in_status("{}").is_err());
        assert_eq!(friends_in_status(r#"{"Peer":null,"User":{}}"#), Ok(vec![]));
    }
}
