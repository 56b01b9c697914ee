//! A host that was told the text once, and friends with old phones.

use super::*;
use crate::ports::firewall::SnippetLine;
use crate::ports::hosts::{
    Found, FriendView, HostStanding, HostView, Hosts, InPlace, May, Proof, PullText, Verdict,
};

/// Revision 6 was seen, 7 is current.
pub fn standing() -> HostStanding {
    let at = now().plus_seconds(-3600);
    HostStanding {
        revision: Revision::new(7),
        in_place: Some(InPlace { at, revision: Revision::new(6), found: Found::Older, proof: Proof::Pasted }),
    }
}

#[async_trait]
impl Hosts for Sample {
    async fn get(&self, _: NodeId) -> Result<HostView, Fault> {
        let line = |text: &str| SnippetLine { text: told(text), reason: Some(told("says why")) };
        Ok(HostView {
            standing: if self.bare { HostStanding::default() } else { standing() },
            refused: (!self.bare).then(|| told("No firewall text can be made for this machine.")),
            may_fetch: true,
            token_made: (!self.bare).then(|| now().plus_seconds(-7200)),
            may: May { tells: !self.bare, lists: !self.bare },
            fetched: None,
            url: told("https://gate.example.org/api/v1/nodes/1/firewall/nftables"),
            list_url: told("https://gate.example.org/api/v1/nodes/1/services"),
            pulls: vec![PullText {
                title: told("NixOS"),
                file: told("acequia-pull.nix"),
                lines: vec![line("{ pkgs, ... }: {")],
            }],
            unread_friends: !self.bare,
            friends: Sample::list(
                self,
                vec![FriendView {
                    login: told("dario@example.com"),
                    addresses: vec![told("100.64.0.20")],
                    read: now().plus_seconds(-90 * 86_400),
                    stale: true,
                }],
            ),
        })
    }
    async fn make_token(&self, node: NodeId, _: May) -> Result<String, Fault> {
        self.act(format!("hosts.token {node}")).map(|()| told("secret"))
    }
    async fn revoke_token(&self, node: NodeId) -> Result<(), Fault> {
        self.act(format!("hosts.revoke {node}"))
    }
    async fn read_rules(&self, node: NodeId, pasted: String) -> Result<Verdict, Fault> {
        let verdict = Verdict { words: told("Revision 7 is in force there."), good: true, noted: true };
        self.act(format!("hosts.rules {node} {pasted}")).map(|()| verdict)
    }
    async fn read_status(&self, node: NodeId, pasted: String) -> Result<usize, Fault> {
        self.act(format!("hosts.status {node} {pasted}")).map(|()| 1)
    }
    async fn forget_friends(&self, node: NodeId) -> Result<(), Fault> {
        self.act(format!("hosts.forget {node}"))
    }
}
