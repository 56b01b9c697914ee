//! What a snippet is made of, read from the JSON of the command line contract.

use std::collections::{BTreeMap, BTreeSet};

use model::ports::PortError;
use model::{PortSet, Protocol, Revision, ServicePorts, Timestamp};
use serde::{Deserialize, Serialize, Serializer};

use crate::{AddressError, Interface, InterfaceError, Label, Own, Share, TailnetAddress};

/// One node with all its shares; valid by construction.
///
/// ```
/// let input = firewall::Input::from_json(
///     r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],
///         "shares":[{"id":"mc","tcp":["25565"],"udp":["19132-19133"],"until":"2026-12-24T22:00:00Z"}]}"#,
/// )?;
/// assert_eq!(input.revision().number(), 7);
/// # Ok::<(), firewall::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Raw")]
pub struct Input {
    node: String,
    revision: Revision,
    interface: Interface,
    own: Own,
    shares: Vec<(String, Share)>,
}

/// Why an input is refused; names the share where there is one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not the JSON of the contract.
    #[error("the input cannot be read: {0}")]
    Json(String),
    /// The interface.
    #[error("interface: {0}")]
    Interface(#[from] InterfaceError),
    /// An own address.
    #[error("own: {0}")]
    Own(#[source] AddressError),
    /// Without own devices the guard would shut the owner out.
    #[error("own: list the addresses of the tailnet's own devices; an empty list would shut the owner out")]
    NoOwn,
    /// Ports of a share.
    #[error("share `{share}`: {error}")]
    Ports {
        /// Its label.
        share: Label,
        /// What is wrong.
        #[source]
        error: PortError,
    },
    /// An address of a share.
    #[error("share `{share}`: {error}")]
    Peer {
        /// Its label.
        share: Label,
        /// What is wrong.
        #[source]
        error: AddressError,
    },
    /// `"peers": []` would open the ports to nobody; not knowing addresses is something else.
    #[error("share `{0}`: the list of peers is empty; leave `peers` out when the addresses are not known")]
    NoPeers(Label),
    /// The same device cannot be the owner's and a friend's.
    #[error("share `{share}`: `{address}` is one of the tailnet's own devices, not a friend's")]
    PeerIsOwn {
        /// Its label.
        share: Label,
        /// The address in both lists.
        address: TailnetAddress,
    },
    /// Two shares under one id.
    #[error("share `{0}` stands twice; every share has its own id")]
    Twice(Label),
}

/// The JSON as it is read. Unknown fields are refused: a misspelt `until` must not open for ever.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    node: String,
    revision: Revision,
    interface: String,
    own: Vec<String>,
    shares: Vec<RawShare>,
}

/// The JSON as it is written.
#[derive(Serialize)]
struct Written<'a> {
    node: &'a str,
    revision: Revision,
    interface: &'a str,
    own: &'a Own,
    shares: Vec<RawShare>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShare {
    id: String,
    #[serde(default)]
    tcp: Vec<String>,
    #[serde(default)]
    udp: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peers: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

/// A share as an input is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputShare {
    /// Which one: no other of the input has it.
    pub id: String,
    /// What it opens.
    pub ports: ServicePorts,
    /// The friend's device addresses, if they are known: then at least one.
    pub peers: Option<BTreeSet<TailnetAddress>>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

impl Input {
    /// From what is known of a node: its name, the number of the text, the tailnet interface of its host, the addresses
    /// of the tailnet's own devices, and its shares in any order.
    ///
    /// # Errors
    /// [`InputError`], if nobody or the wrong one would be let in.
    pub fn new(
        node: String,
        revision: Revision,
        interface: Interface,
        own: Own,
        shares: Vec<InputShare>,
    ) -> Result<Self, InputError> {
        if own.is_empty() {
            return Err(InputError::NoOwn);
        }
        let mut all = BTreeMap::new();
        for InputShare { id, ports, peers, until } in shares {
            let label = Label::new(&id);
            if peers.as_ref().is_some_and(BTreeSet::is_empty) {
                return Err(InputError::NoPeers(label));
            }
            if let Some(address) = peers.iter().flatten().find(|address| own.contains(address)) {
                return Err(InputError::PeerIsOwn { share: label, address: *address });
            }
            if all.contains_key(&id) {
                return Err(InputError::Twice(label));
            }
            all.insert(id, Share { label, ports, peers, until });
        }
        Ok(Self { node, revision, interface, own, shares: all.into_iter().collect() })
    }

    /// Reads the JSON of the contract.
    ///
    /// # Errors
    /// [`InputError`] with the field and what to write instead.
    pub fn from_json(text: &str) -> Result<Self, InputError> {
        let raw: Raw = serde_json::from_str(text).map_err(|error| InputError::Json(error.to_string()))?;
        raw.try_into()
    }

    /// The node's name, for comments.
    pub fn node(&self) -> Label {
        Label::new(&self.node)
    }

    /// Counts up with every change of the node's shares.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The same under another number.
    #[must_use]
    pub fn with_revision(self, revision: Revision) -> Self {
        Self { revision, ..self }
    }

    /// Only the shares of which `keeps` says so: what is left of a text when no new one can be made.
    #[must_use]
    pub fn keeping(mut self, keeps: impl Fn(&Label) -> bool) -> Self {
        self.shares.retain(|(_, share)| keeps(&share.label));
        self
    }

    /// The tailnet interface on the host.
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// The tailnet's own devices, who pass; never empty.
    pub fn own(&self) -> &BTreeSet<TailnetAddress> {
        &self.own
    }

    /// The shares in the order of their ids.
    pub fn shares(&self) -> impl Iterator<Item = &Share> {
        self.shares.iter().map(|(_, share)| share)
    }

    /// Every friend's address that is known.
    pub fn known(&self) -> BTreeSet<TailnetAddress> {
        self.shares().filter_map(|share| share.peers.as_ref()).flatten().copied().collect()
    }

    /// The decision that every guard renders: may `source` begin a connection to `port` at `time`?
    ///
    /// Own devices may always. A known friend reaches the ports of the shares that name the address, everybody
    /// else those of the shares that name none. ICMP and replies always pass.
    pub fn allows(&self, source: TailnetAddress, protocol: Protocol, port: u16, time: Timestamp) -> bool {
        if self.own.contains(&source) {
            return true;
        }
        let known = self.known().contains(&source);
        self.shares().any(|share| {
            let named = share.peers.as_ref().is_some_and(|peers| peers.contains(&source));
            let meant = named || (!known && share.peers.is_none());
            meant && share.has(protocol, port) && share.opening().contains(time)
        })
    }
}

impl TryFrom<Raw> for Input {
    type Error = InputError;

    fn try_from(raw: Raw) -> Result<Self, InputError> {
        let interface = raw.interface.parse()?;
        let own =
            raw.own.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(InputError::Own)?;
        let shares = raw.shares.into_iter().map(RawShare::parse).collect::<Result<_, _>>()?;
        Self::new(raw.node, raw.revision, interface, own, shares)
    }
}

impl RawShare {
    fn parse(self) -> Result<InputShare, InputError> {
        let label = || Label::new(&self.id);
        let ports = ranges(&self.tcp)
            .and_then(|tcp| ServicePorts::new(tcp, ranges(&self.udp)?))
            .map_err(|error| InputError::Ports { share: label(), error })?;
        let addresses = |texts: Vec<String>| texts.iter().map(|text| text.parse()).collect::<Result<_, _>>();
        let peers = self.peers.map(addresses).transpose();
        let peers = peers.map_err(|error| InputError::Peer { share: label(), error })?;
        Ok(InputShare { id: self.id, ports, peers, until: self.until })
    }
}

fn ranges(texts: &[String]) -> Result<PortSet, PortError> {
    texts.iter().map(|text| text.parse()).collect()
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let texts =
            |addresses: &BTreeSet<TailnetAddress>| addresses.iter().map(ToString::to_string).collect();
        let ports = |share: &Share, protocol| {
            share.ports.of(protocol).ranges().iter().map(ToString::to_string).collect()
        };
        let shares = self.shares.iter().map(|(id, share)| RawShare {
            id: id.clone(),
            tcp: ports(share, Protocol::Tcp),
            udp: ports(share, Protocol::Udp),
            peers: share.peers.as_ref().map(texts),
            until: share.until,
        });
        Written {
            node: &self.node,
            revision: self.revision,
            interface: self.interface.as_str(),
            own: &self.own,
            shares: shares.collect(),
        }
        .serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        Input::from_json(json).unwrap_err().to_string()
    }

    fn with_share(share: &str) -> String {
        format!(
            r#"{{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10"],"shares":[{share}]}}"#
        )
    }

    #[test]
    fn the_input_of_the_contract_is_read_and_written_back() {
        let json = r#"{"node":"n1","revision":7,"interface":"tailscale0","own":["100.64.0.10","fd7a:115c:a1e0::10"],"shares":[{"id":"mc","tcp":["25565"],"udp":["25565","19132-19133"],"peers":["100.64.0.20","fd7a:115c:a1e0::20"],"until":"2026-12-24T22:00:00Z"}]}"#;
        let input = Input::from_json(json).unwrap();
        let again = serde_json::to_string(&input).unwrap();
        assert_eq!(again, json.replace(r#"["25565","19132-19133"]"#, r#"["19132-19133","25565"]"#));
    }

    #[test]
    fn what_would_shut_the_owner_out_is_refused() {
        let json = r#"{"node":"n1","revision":7,"interface":"tailscale0","own":[],"shares":[]}"#;
        assert_eq!(
            refused(json),
            "own: list the addresses of the tailnet's own devices; an empty list would shut the owner out"
        );
    }

    #[test]
    fn each_bad_field_is_named_with_what_to_write() {
        let port = |text: &str| refused(&with_share(&format!(r#"{{"id":"mc","tcp":["{text}"]}}"#)));
        assert_eq!(port("0"), "share `mc`: `0` is not a port; ports are numbers from 1 to 65535");
        assert_eq!(port("65536"), "share `mc`: `65536` is not a port; ports are numbers from 1 to 65535");
        assert_eq!(port("9-5"), "share `mc`: the range `9-5` runs backwards; write the smaller port first");
        assert!(port("1; flush ruleset").starts_with("share `mc`: `1; flush ruleset` is not a port"));
        assert!(refused(&with_share(r#"{"id":"mc"}"#)).starts_with("share `mc`: no port was given"));
        let peers =
            |list: &str| refused(&with_share(&format!(r#"{{"id":"mc","tcp":["1"],"peers":{list}}}"#)));
        assert!(peers("[]").contains("leave `peers` out"));
        assert!(peers(r#"["100.64.0.20/10"]"#).contains("without a prefix length"));
        assert!(peers(r#"["100.64.0.10"]"#).contains("own devices"));
        let until =
            |text: &str| refused(&with_share(&format!(r#"{{"id":"mc","tcp":["1"],"until":"{text}"}}"#)));
        assert!(until("tomorrow").contains("write it like 2026-12-24T22:00:00Z"));
        assert!(
            refused(&with_share(r#"{"id":"mc","tcp":["1"],"untill":"x"}"#))
                .contains("unknown field `untill`")
        );
        assert!(
            refused(&with_share(r#"{"id":"a","tcp":["1"]},{"id":"a","tcp":["2"]}"#)).contains("stands twice")
        );
    }

    #[test]
    fn known_friends_reach_their_own_shares_and_nobody_elses() {
        let input = Input::from_json(&with_share(
            r#"{"id":"a","tcp":["1"],"peers":["100.64.0.20"]},{"id":"b","tcp":["2"],"until":"2026-12-24T22:00:00Z"}"#,
        ))
        .unwrap();
        let [own, friend, other] = ["100.64.0.10", "100.64.0.20", "100.64.0.30"].map(|a| a.parse().unwrap());
        let now: Timestamp = "2026-12-24T00:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-12-25T00:00:00Z".parse().unwrap();
        let allows = |who, port, time| input.allows(who, Protocol::Tcp, port, time);
        assert!(allows(own, 22, now));
        assert!(allows(friend, 1, now) && !allows(friend, 2, now) && !allows(friend, 22, now));
        assert!(allows(other, 2, now) && !allows(other, 1, now) && !allows(other, 22, now));
        assert!(!allows(other, 2, later) && !allows(other, 2, Timestamp::from_seconds(0)));
        assert!(!input.allows(friend, Protocol::Udp, 1, now));
    }
}
