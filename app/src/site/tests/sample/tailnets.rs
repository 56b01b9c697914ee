//! A tailnet with machines of every kind.

use super::*;

pub fn tailnet_card(running: bool) -> TailnetCard {
    TailnetCard {
        id: id(1),
        name: "Maple Street".into(),
        control_plane: "Simulator".into(),
        nodes: 4,
        online: 3,
        shares: 2,
        sync: if running {
            Sync::Running { since: now().plus_seconds(-5) }
        } else {
            Sync::Done { at: now().plus_seconds(-300) }
        },
        trouble: None,
    }
}

fn node_card(n: u8, name: &str) -> NodeCard {
    NodeCard {
        id: id(n),
        name: name.into(),
        dns_name: format!("{name}.tail1234.ts.net"),
        os: "NixOS 25.05".into(),
        belongs_to: "ana@example.com".into(),
        tags: vec![],
        addresses: vec!["100.64.0.5".into(), "fd7a:115c:a1e0::5".into()],
        online: true,
        last_seen: Some(now()),
        gone: None,
        external: false,
        routes: vec![],
        exit_node: false,
        services: 2,
        shares: 1,
    }
}

#[async_trait]
impl Tailnets for Sample {
    async fn list(&self) -> Result<Vec<TailnetCard>, Fault> {
        let broken = TailnetCard {
            id: id(4),
            name: "Grandmother’s house".into(),
            trouble: Some("The user token expires in 3 days.".into()),
            sync: Sync::Failed {
                at: now().plus_seconds(-900),
                why: "Tailscale did not answer; nothing was changed, it is tried again soon.".into(),
            },
            ..tailnet_card(false)
        };
        Ok(Sample::list(self, vec![tailnet_card(false), broken]))
    }
    async fn get(&self, tailnet: TailnetId) -> Result<TailnetView, Fault> {
        let bare = self.bare;
        Ok(TailnetView {
            card: TailnetCard { shares: if bare { 0 } else { 2 }, ..tailnet_card(tailnet == id(4)) },
            credentials: vec![
                CredentialView {
                    kind: CredentialKind::OauthClient,
                    state: CredentialState::Good { checked: now().plus_seconds(-300) },
                    hint: Some("tskey-client-kXyz…".into()),
                    expires: None,
                    makes_possible: vec![
                        "Read machines, users and the policy.".into(),
                        "Write the policy: open and close gates.".into(),
                    ],
                },
                CredentialView {
                    kind: CredentialKind::UserToken,
                    state: CredentialState::Missing,
                    hint: None,
                    expires: None,
                    makes_possible: vec![
                        "Missing: you make each invite in the console and paste its link.".into(),
                    ],
                },
            ],
            readable: vec![
                "Names, addresses and owners of the machines: you and the stewards see them.".into(),
                "Nothing that goes through the tailnet.".into(),
            ],
            notes: vec![],
            may_write: true,
            nodes: self.list(vec![
                node_card(2, "maple"),
                NodeCard {
                    online: false,
                    last_seen: Some(now().plus_seconds(-90_000)),
                    os: "macOS".into(),
                    services: 0,
                    shares: 0,
                    ..node_card(50, "ana-laptop")
                },
                NodeCard {
                    exit_node: true,
                    routes: vec!["192.168.1.0/24".into()],
                    belongs_to: "tag:router".into(),
                    services: 0,
                    shares: 0,
                    ..node_card(51, "acequia-madre")
                },
                NodeCard {
                    gone: Some(now().plus_seconds(-900_000)),
                    online: false,
                    services: 0,
                    shares: 0,
                    ..node_card(52, "old-phone")
                },
            ]),
            users: vec![
                UserView {
                    login: "ana@example.com".into(),
                    name: "Ana".into(),
                    role: "owner".into(),
                    devices: 3,
                },
                UserView {
                    login: "dario@example.com".into(),
                    name: "Dario".into(),
                    role: "share recipient".into(),
                    devices: 0,
                },
            ],
            gates: self.list(vec![gate(GateState::Active)]),
            looked: super::elsewhere::looked(self.bare),
            history: history(),
        })
    }
    async fn node(&self, node: NodeId) -> Result<NodeView, Fault> {
        Ok(NodeView {
            tailnet: id(1),
            tailnet_name: "Maple Street".into(),
            card: NodeCard { id: node, ..node_card(2, "maple") },
            services: self.list(vec![card()]),
            gates: self.list(vec![gate(GateState::Active)]),
            host: super::hosts::standing(),
            history: history(),
        })
    }
    async fn policy(&self, tailnet: TailnetId) -> Result<PolicyView, Fault> {
        let text = "{\n\t// Friends of the house\n\t\"grants\": [\n\t\t{\"src\": [\"group:house\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n\t\t// acequia:share=7\n\t\t{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\"], \"ip\": [\"tcp:25565\"]},\n\t],\n}\n";
        Ok(PolicyView {
            tailnet,
            tailnet_name: "Maple Street".into(),
            lines: text
                .lines()
                .map(|line| PolicyLine {
                    pieces: vec![(
                        if line.contains("//") { Shade::Comment } else { Shade::Text },
                        line.into(),
                    )],
                    lets_in: line.contains("group:house").then(|| "ben@example.com → maple".into()),
                    findings: line
                        .contains("group:house")
                        .then(|| "Nothing uses group:house".into())
                        .into_iter()
                        .collect(),
                })
                .collect(),
            silent: None,
            read: now().plus_seconds(-2),
            share_lines: vec![(5, paths::share(id(7))), (6, paths::share(id(7)))],
            refused: self.bare.then(|| "`grants[0].via` is not known here".into()),
        })
    }
    async fn connect_form(&self) -> Result<ConnectView, Fault> {
        Ok(ConnectView {
            form: ConnectForm::default(),
            control_planes: vec![
                ("https://api.tailscale.com".into(), "Tailscale".into()),
                ("http://127.0.0.1:9".into(), "Simulator".into()),
            ],
            readable: vec![
                "Names, addresses and owners of your machines.".into(),
                "The policy file.".into(),
                "Nothing that goes through the tailnet.".into(),
            ],
        })
    }
    async fn connect(&self, form: ConnectForm) -> Result<TailnetId, Fault> {
        self.act(format!(
            "connect {} {} {} {}",
            form.name, form.client_id, form.client_secret, form.user_token
        ))?;
        Ok(id(1))
    }
    async fn set_user_token(&self, tailnet: TailnetId, token: String) -> Result<(), Fault> {
        self.act(format!("set_user_token {tailnet} {token}"))
    }
    async fn set_oauth_client(
        &self,
        tailnet: TailnetId,
        client_id: String,
        secret: String,
    ) -> Result<(), Fault> {
        self.act(format!("set_oauth_client {tailnet} {client_id} {secret}"))
    }
    async fn sync(&self, tailnet: TailnetId) -> Result<(), Fault> {
        self.act(format!("sync {tailnet}"))
    }
    async fn disconnect(&self, tailnet: TailnetId) -> Result<(), Fault> {
        self.act(format!("disconnect {tailnet}"))
    }
}
