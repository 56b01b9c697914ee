//! A machine that is waited for.

use super::*;
use model::{JoiningState, NewNode};

fn text() -> BootstrapText {
    let line = |text: &str, reason: Option<&str>| SnippetLine { text: told(text), reason: reason.map(told) };
    BootstrapText {
        file: Some(told("tailscale.nix")),
        lines: vec![
            line("services.tailscale = {", None),
            line("  authKeyFile = \"/run/secrets/tailscale\";", Some("a string, not a path")),
            line("};", None),
        ],
        notes: vec![told("nixos-rebuild, morph and colmena deploy this module alike.")],
    }
}

pub fn joining_view(state: JoiningState) -> JoiningView {
    JoiningView {
        id: id(40),
        tailnet: id(1),
        tailnet_name: told("Maple Street"),
        state,
        arrived: if state == JoiningState::Arrived { vec![(id(2), told("maple"))] } else { vec![] },
        description: told("acequia 28a1"),
        key_made: true,
        created: now(),
        ends: now().plus_seconds(3600),
        observed_at: Some(now()),
        trouble: None,
        others: vec![(id(0x45), told("acequia 28a3"))],
        place_key: vec![told("Write it to /run/secrets/tailscale.")],
        text: text(),
        demo: true,
    }
}

#[async_trait]
impl Joining for Sample {
    async fn form(&self, _: TailnetId, chosen: NewNode) -> Result<NewNodeView, Fault> {
        let wrong = chosen.key_file.starts_with('.');
        let error = ("key_file".to_owned(), told("is not an absolute path"));
        Ok(NewNodeView {
            tailnet: id(1),
            tailnet_name: told("Maple Street"),
            chosen: NewNode { system: told("nixos"), routing: told("none"), ..chosen },
            systems: vec![(told("nixos"), told("NixOS")), (told("debian"), told("Debian, Ubuntu"))],
            errors: if wrong { vec![error] } else { Vec::new() },
            text: text(),
            tags: self.list(vec![told("tag:game")]),
            no_key: self.bare.then(|| told("The user token may not make keys.")),
            waiting: self.list(vec![(id(40), told("acequia 28a1"))]),
            unsure: self.list(vec![(id(0x44), told("acequia 28a2"))]),
        })
    }
    async fn flaws(&self, _: TailnetId, module: String) -> Result<Vec<FlawView>, Fault> {
        let flaw = || FlawView { line: 1, text: module.clone(), advice: told("opens every port") };
        Ok(module.contains("trustedInterfaces").then(flaw).into_iter().collect())
    }
    async fn make_key(&self, tailnet: TailnetId, chosen: NewNode) -> Result<(JoiningId, String), Fault> {
        self.act(format!("key {tailnet} {} {}", chosen.system, chosen.tags.join(",")))?;
        Ok((id(40), told("tskey-auth-once")))
    }
    async fn wait(&self, tailnet: TailnetId, _: NewNode) -> Result<JoiningId, Fault> {
        self.act(format!("wait {tailnet}"))?;
        Ok(id(40))
    }
    async fn get(&self, asked: JoiningId) -> Result<JoiningView, Fault> {
        Ok(joining_view(match asked {
            _ if asked == id(0x41) => JoiningState::Arrived,
            _ if asked == id(0x42) => JoiningState::Cancelled,
            _ if asked == id(0x43) => JoiningState::Lapsed,
            _ if asked == id(0x44) => JoiningState::Undoing,
            _ => JoiningState::Waiting,
        }))
    }
    async fn cancel(&self, joining: JoiningId) -> Result<Stopped, Fault> {
        self.act(format!("cancel {joining}"))?;
        let stopped = |revoked, came| Stopped { tailnet: id(1), revoked, came };
        Ok(match joining {
            _ if joining == id(0x41) => stopped(true, Came::Machines(vec![told("maple")])),
            _ if joining == id(0x42) => stopped(false, Came::Nobody),
            _ if joining == id(0x43) => stopped(false, Came::Unknown(told("It does not answer."))),
            _ => stopped(true, Came::Nobody),
        })
    }
}
