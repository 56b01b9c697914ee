//! What the control plane sends, in its own spelling.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::syntax::port::Ports;

/// Values by capability name; `None` is the wire's `null`.
pub type CapMap = BTreeMap<String, Option<Vec<Value>>>;

/// One packet filter rule of a node: `DstPorts` and `CapGrant` exclude each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterRule {
    /// Addresses, prefixes, ranges `a-b`, or `*`; sorted as text.
    #[serde(rename = "SrcIPs")]
    pub src_ips: SrcIps,
    /// What the sources may reach. True duplicates are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dst_ports: Vec<DstPort>,
    /// Protocol numbers; absent means TCP, UDP, ICMP and `ICMPv6`.
    #[serde(rename = "IPProto", default, skip_serializing_if = "Vec::is_empty")]
    pub ip_proto: Vec<u8>,
    /// Which capabilities the sources have on this node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cap_grant: Vec<CapGrant>,
}

/// The sources of a rule as texts. The same rule at a thousand nodes shares one list, and what is written of it.
#[derive(Clone, Debug, Default)]
pub struct SrcIps(Arc<Listed>);

#[derive(Debug, Default)]
struct Listed {
    texts: Vec<String>,
    /// As JSON, made when it is first written.
    json: OnceLock<Box<RawValue>>,
}

impl Deref for SrcIps {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0.texts
    }
}

impl PartialEq for SrcIps {
    fn eq(&self, other: &Self) -> bool {
        self.0.texts == other.0.texts
    }
}

impl Eq for SrcIps {}

impl From<Vec<String>> for SrcIps {
    fn from(texts: Vec<String>) -> Self {
        Self(Arc::new(Listed { texts, json: OnceLock::new() }))
    }
}

impl Serialize for SrcIps {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let Some(written) = self.0.json.get() {
            return written.serialize(to);
        }
        let written = to_raw_value(&self.0.texts).map_err(S::Error::custom)?;
        self.0.json.get_or_init(|| written).serialize(to)
    }
}

impl<'de> Deserialize<'de> for SrcIps {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::from)
    }
}

/// A destination and its ports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DstPort {
    /// An address, a prefix, a range `a-b`, or `*`.
    #[serde(rename = "IP")]
    pub ip: String,
    /// The ports.
    pub ports: Ports,
}

/// Capabilities on some of a node's addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CapGrant {
    /// Prefixes, with their length even for single addresses.
    pub dsts: Vec<String>,
    /// The capabilities.
    pub cap_map: CapMap,
}

/// One SSH rule of a node; the first that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SshRule {
    /// Who asks, address by address.
    pub principals: Vec<SshPrincipal>,
    /// The local user for each login name asked for; `=` is the same name, empty is refused.
    pub ssh_users: BTreeMap<String, String>,
    /// What happens then.
    pub action: SshAction,
    /// Environment variables that may be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept_env: Vec<String>,
}

/// An address that asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SshPrincipal {
    /// The address.
    #[serde(rename = "nodeIP")]
    pub node_ip: String,
}

/// What an SSH rule does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the wire has them")]
pub struct SshAction {
    /// Lets the connection in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept: bool,
    /// With agent forwarding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_agent_forwarding: bool,
    /// With local port forwarding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_local_port_forwarding: bool,
    /// With remote port forwarding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_remote_port_forwarding: bool,
    /// Asks there first: a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_and_delegate: Option<String>,
}

/// Everything that is compiled for one node, as the command line prints it.
#[derive(Clone, Debug, Serialize)]
pub struct NodeOutput {
    /// The packet filter; empty means that all is denied.
    pub packet_filter_rules: Vec<FilterRule>,
    /// SSH rules in the order of their evaluation.
    pub ssh_rules: Vec<SshRule>,
    /// Names of the nodes that this one sees.
    pub peers: Vec<String>,
    /// Capabilities of each peer address on this node.
    pub capabilities: BTreeMap<String, CapMap>,
    /// Node attributes.
    pub attributes: CapMap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_node_writes_of_its_sources_is_there_for_all() {
        let here = SrcIps::from(vec!["100.64.0.1".to_owned(), "100.64.0.2".to_owned()]);
        let there = here.clone();
        assert_eq!(serde_json::to_string(&here).unwrap(), r#"["100.64.0.1","100.64.0.2"]"#);
        assert!(there.0.json.get().is_some(), "the other node has its text already");
        assert_eq!(serde_json::to_value(&there).unwrap()[1], "100.64.0.2");
    }
}
