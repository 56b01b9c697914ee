//! Everything that was compiled, written out node by node.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::Compiled;
use super::wire::CapMap;

/// Serializes everything that was compiled; see [`Compiled::output`].
#[derive(Debug)]
pub struct Output<'a>(pub(super) &'a Compiled<'a>);

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1))?;
        object.serialize_entry("nodes", &Nodes(self.0))?;
        object.end()
    }
}

struct Nodes<'a>(&'a Compiled<'a>);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nodes = self.0.addresses.network().nodes();
        let mut object = serializer.serialize_map(Some(nodes.len()))?;
        for (index, node) in nodes.iter().enumerate() {
            object.serialize_entry(&node.name, &Node(self.0, index))?;
        }
        object.end()
    }
}

/// A [`NodeOutput`] that is written and not kept: a thousand nodes name each other without a copy of each name.
struct Node<'a>(&'a Compiled<'a>, usize);

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(all, node) = *self;
        let mut object = serializer.serialize_struct("NodeOutput", 5)?;
        object.serialize_field("packet_filter_rules", &all.filter(node))?;
        object.serialize_field("ssh_rules", &all.ssh_rules(node))?;
        object.serialize_field("peers", &Names(all, node))?;
        object.serialize_field("capabilities", &all.peer_capabilities(node))?;
        object.serialize_field("attributes", &all.attributes(node).unwrap_or(&CapMap::new()))?;
        object.end()
    }
}

struct Names<'a>(&'a Compiled<'a>, usize);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.peer_names(self.1))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use crate::{Network, Policy, compile};

    #[test]
    fn what_is_written_of_all_is_what_each_node_gets() {
        let network = json!({ "users": [{ "name": "ana", "email": "ana@example.com" }], "nodes": {
            "laptop": { "ipv4": "100.64.0.1", "user": "ana" },
            "mc": { "ipv4": "100.64.0.2", "tags": ["tag:x"] },
            "alone": { "ipv4": "100.64.0.3", "tags": ["tag:y"] },
        }});
        let policy = json!({
            "tagOwners": { "tag:x": [], "tag:y": [] },
            "grants": [
                { "src": ["ana@example.com"], "dst": ["tag:x"], "ip": ["tcp:25565"] },
                { "src": ["ana@example.com"], "dst": ["tag:x"], "app": { "example.com/cap/admin": [{ "all": true }] } },
            ],
            "ssh": [{ "action": "accept", "src": ["ana@example.com"], "dst": ["tag:x"], "users": ["root"] }],
        });
        let (network, policy) =
            (Network::from_value(network).unwrap(), Policy::parse(&policy.to_string()).unwrap());
        let compiled = compile(&policy, &network).unwrap();
        let written = to_value(compiled.output()).unwrap();
        for (index, node) in network.nodes().iter().enumerate() {
            assert_eq!(
                written["nodes"][&node.name],
                to_value(compiled.node(index)).unwrap(),
                "{}",
                node.name
            );
        }
        let mc = &written["nodes"]["mc"];
        assert_eq!(
            (&mc["peers"], &mc["packet_filter_rules"][0]["SrcIPs"]),
            (&json!(["laptop"]), &json!(["100.64.0.1"]))
        );
        assert!(
            mc["capabilities"]["100.64.0.1"].is_object() && !mc["ssh_rules"].as_array().unwrap().is_empty(),
            "{mc}"
        );
    }
}
