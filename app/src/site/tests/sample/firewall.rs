//! The text for one node.

use super::*;

pub fn firewall_view(chosen: bool) -> FirewallView {
    let line = |text: &str, reason: Option<&str>| SnippetLine { text: told(text), reason: reason.map(told) };
    let option = |id: &str, label: &str, chosen| BackendOption { id: told(id), label: told(label), chosen };
    FirewallView {
        tailnet: id(1),
        node_id: id(2),
        node: told("maple"),
        revision: Revision::new(4),
        made: now().plus_seconds(-3600),
        looked_at: None,
        backends: vec![option("nixos", "NixOS with nftables", chosen), option("nftables", "nftables", false)],
        interface: told("tailscale0"),
        losers: vec![told("erik@ reaches tcp 22 on maple now.")],
        parts: if chosen {
            vec![
                PartView {
                    title: told("Open"),
                    about: told("Lets the tailnet interface in on the shared ports."),
                    file: told("/etc/nixos/acequia.nix"),
                    lines: vec![
                        line("networking.firewall.interfaces.tailscale0 = {", None),
                        line("  allowedTCPPorts = [ 25565 ];", Some("Minecraft, for Dario")),
                        line("};", None),
                    ],
                    download: Some(paths::firewall_file(id(1), id(2), "open", None)),
                },
                PartView {
                    title: told("Guard"),
                    about: told(
                        "Holds whoever is not of your own tailnet to the shared ports, until their share ends.",
                    ),
                    file: told("/etc/acequia/guard.nft"),
                    lines: vec![
                        line("table inet acequia {", Some("One table for all shares of this node")),
                        line("  chain guard {", None),
                        line("    type filter hook input priority -5; policy accept;", None),
                        line(
                            "    iifname \"tailscale0\" meta time 1795190400-1795459200 tcp dport 25565 accept",
                            Some("Minecraft for Dario; the end of the share stands in the rule itself"),
                        ),
                        line("  }", None),
                        line("}", None),
                    ],
                    download: Some(paths::firewall_file(id(1), id(2), "guard", None)),
                },
            ]
        } else {
            Vec::new()
        },
        install: vec![told("sudo nixos-rebuild switch")],
        boot: Some(told("include it")),
        check: Some(told("sudo nft list table inet acequia | grep revision")),
        list: Some(told("nft list table inet acequia")),
        undo: Some(told("sudo nft delete table inet acequia")),
        notes: vec![told("Machines that join your tailnet later stay out until the next revision.")],
        gates: vec![gate(GateState::Active)],
        policy: vec![told(
            "{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\"], \"ip\": [\"tcp:25565\"]}",
        )],
    }
}

#[async_trait]
impl Firewall for Sample {
    async fn look(&self, _: NodeId, _: Option<String>) -> Result<FirewallView, Fault> {
        Ok(firewall_view(!self.bare))
    }
    async fn choose(&self, node: NodeId, backend: String, interface: String) -> Result<(), Fault> {
        self.act(format!("choose {node} {backend} {interface}"))
    }
    async fn file(&self, _: NodeId, part: String, _: Option<String>) -> Result<PartFile, Fault> {
        Ok(PartFile { name: part, text: String::new() })
    }
}
