//! What an owner is told beside a snippet: commands, and the facts that decide whether it bites.

use super::Backend;
use crate::{Part, nftables};

pub(super) struct Words {
    pub file_name: &'static str,
    pub apply: &'static str,
    pub check: &'static str,
    pub undo: &'static str,
    pub notes: Vec<&'static str>,
}

const POLICY: &str = "The gate that works everywhere is the tailnet policy with the share itself; this is a second \
                      line, on the host.";
const REVOKE: &str = "Ending a share is the next revision without it. Taking the guard out gives back the host's \
                      default, which next to tailscaled is: everything open to all whom the policy lets in.";
const TS_INPUT: &str = "Unless tailscaled runs with --netfilter-mode=off or nodivert, it accepts everything from \
                        its interface before the host's own rules (chain ts-input). The guard is not affected.";
const OWN: &str = "Your own devices pass by address. One that joins later stays out until the next revision; so do \
                   addresses that a subnet router forwards without translating them.";
const DOCKER: &str = "Ports published by Docker never pass the host's input rules; the guard stands before \
                      destination NAT and covers them under their published number.";
const ROUTER: &str = "The guard also holds on a subnet router or exit node: what others forward through this node is \
                      held to the same port numbers; which targets they reach is the tailnet policy's to say.";
const USERSPACE: &str = "With userspace networking there is no interface and no host rule applies at all.";

pub(super) fn of(backend: Backend, part: Part) -> Words {
    let mut words = match backend {
        Backend::NixosNftables => Words {
            file_name: "acequia.nix",
            apply: "import ./acequia.nix in the host's configuration, then nixos-rebuild switch (or morph, colmena)",
            check: if part.guards() {
                nftables::CHECK
            } else {
                "nft list chain inet nixos-fw input-allow | grep tailscale"
            },
            undo: "remove the import of acequia.nix, then nixos-rebuild switch",
            notes: vec![
                "Here the host's own firewall drops what is not opened, before tailscaled's accept counts: without \
                 the open part the friend cannot connect.",
                "A port in trustedInterfaces stays open to everybody on the tailnet as far as the host's own \
                 firewall goes: take the tailnet interface out of trustedInterfaces. The guard holds either way.",
                "openFirewall of services.tailscale opens tailscaled's own UDP port for direct connections, nothing \
                 on the tailnet interface.",
            ],
        },
        Backend::Nftables => Words {
            file_name: if part == Part::Open { "acequia-open.nft" } else { "acequia.nft" },
            apply: if part == Part::Open {
                "nft -c -f acequia-open.nft && nft -f acequia-open.nft; once: jump acequia_open in the input chain"
            } else {
                "nft -c -f acequia.nft && nft -f acequia.nft; for the next boot: include \"/etc/acequia.nft\" at the \
                 end of /etc/nftables.conf, and systemctl enable nftables"
            },
            check: if part == Part::Open {
                "nft list chain inet filter acequia_open | grep -o 'rev [0-9]*'"
            } else {
                nftables::CHECK
            },
            undo: if part == Part::Open {
                "take the jump out of the input chain, then nft delete chain inet filter acequia_open"
            } else {
                "nft delete table inet acequia, and take the include out of /etc/nftables.conf"
            },
            notes: vec![
                "Debian's /etc/nftables.conf begins with flush ruleset: restarting that service also drops \
                 tailscaled's rules until it restarts, and this guard unless it is included in that file.",
                TS_INPUT,
            ],
        },
    };
    words.notes.insert(0, POLICY);
    if part.guards() {
        words.notes.extend([REVOKE, OWN, DOCKER, ROUTER]);
    }
    words.notes.push(USERSPACE);
    words
}
