//! A machine that is waited for.

use super::*;

fn text() -> BootstrapText {
    let line =
        |text: &str, reason: Option<&str>| SnippetLine { text: text.into(), reason: reason.map(Into::into) };
    BootstrapText {
        file: Some("tailscale.nix".into()),
        lines: vec![
            line("services.tailscale = {", None),
            line("  authKeyFile = \"/run/secrets/tailscale\";", Some("a string, not a path")),
            line("};", None),
        ],
        notes: vec!["nixos-rebuild, morph and colmena deploy this module alike.".into()],
    }
}

pub fn joining_view(state: JoiningState) -> JoiningView {
    JoiningView {
        id: id(40),
        tailnet: id(1),
        tailnet_name: "Maple Street".into(),
        state,
        description: "acequia 28a1".into(),
        key_made: true,
        created: now(),
        ends: now().plus_seconds(3600),
        looked: Some(now()),
        trouble: None,
        others: vec![(id(0x45), "acequia 28a3".into())],
        place_key: vec!["Write it to /run/secrets/tailscale.".into()],
        text: text(),
        demo: true,
    }
}

#[async_trait]
impl Joining for Sample {
    async fn form(&self, _: TailnetId, chosen: NewNode) -> Result<NewNodeView, Fault> {
        let wrong = chosen.key_file.starts_with('.');
        let error = ("key_file".to_owned(), "is not an absolute path".to_owned());
        Ok(NewNodeView {
            tailnet: id(1),
            tailnet_name: "Maple Street".into(),
            chosen: NewNode { system: "nixos".into(), routing: "none".into(), ..chosen },
            systems: vec![("nixos".into(), "NixOS".into()), ("debian".into(), "Debian, Ubuntu".into())],
            errors: if wrong { vec![error] } else { Vec::new() },
            text: text(),
            tags: self.list(vec!["tag:game".into()]),
            no_key: self.bare.then(|| "The user token may not make keys.".into()),
            waiting: self.list(vec![(id(40), "acequia 28a1".into())]),
            unsure: self.list(vec![(id(0x44), "acequia 28a2".into())]),
        })
    }
    async fn flaws(&self, _: TailnetId, module: String) -> Result<Vec<FlawView>, Fault> {
        let flaw = || FlawView { line: 1, text: module.clone(), advice: "opens every port".into() };
        Ok(module.contains("trustedInterfaces").then(flaw).into_iter().collect())
    }
    async fn make_key(&self, tailnet: TailnetId, chosen: NewNode) -> Result<(JoiningId, String), Fault> {
        self.act(format!("key {tailnet} {} {}", chosen.system, chosen.tags.join(",")))?;
        Ok((id(40), "tskey-auth-once".into()))
    }
    async fn wait(&self, tailnet: TailnetId, _: NewNode) -> Result<JoiningId, Fault> {
        self.act(format!("wait {tailnet}"))?;
        Ok(id(40))
    }
    async fn get(&self, asked: JoiningId) -> Result<JoiningView, Fault> {
        Ok(joining_view(match asked {
            _ if asked == id(0x41) => JoiningState::Arrived(vec![(id(2), "maple".into())]),
            _ if asked == id(0x42) => JoiningState::Cancelled,
            _ if asked == id(0x43) => JoiningState::Lapsed,
            _ if asked == id(0x44) => JoiningState::Unsure,
            _ => JoiningState::Waiting,
        }))
    }
    async fn cancel(&self, joining: JoiningId) -> Result<Stopped, Fault> {
        self.act(format!("cancel {joining}"))?;
        let stopped = |revoked, came| Stopped { tailnet: id(1), revoked, came };
        Ok(match joining {
            _ if joining == id(0x41) => stopped(true, Came::Machines(vec!["maple".into()])),
            _ if joining == id(0x42) => stopped(false, Came::Nobody),
            _ if joining == id(0x43) => stopped(false, Came::Unknown("It does not answer.".into())),
            _ => stopped(true, Came::Nobody),
        })
    }
}
