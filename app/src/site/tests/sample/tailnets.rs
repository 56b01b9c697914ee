//! A tailnet with machines of every kind.

use super::*;

pub fn tailnet_card(running: bool) -> TailnetCard {
    TailnetCard {
        id: id(1),
        name: told("Maple Street"),
        control_plane: told("Simulator"),
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
        name: told(name),
        dns_name: told(format!("{name}.tail1234.ts.net")),
        os: told("NixOS 25.05"),
        belongs_to: told("ana@example.com"),
        tags: vec![],
        addresses: vec![told("100.64.0.5"), told("fd7a:115c:a1e0::5")],
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
    async fn list_page(&self, _: Option<String>) -> Result<Paged<TailnetCard>, Fault> {
        let broken = TailnetCard {
            id: id(4),
            name: told("Grandmother’s house"),
            trouble: Some(told("The user token expires in 3 days.")),
            sync: Sync::Failed {
                at: now().plus_seconds(-900),
                why: told("Tailscale did not answer; nothing was changed, it is tried again soon."),
            },
            ..tailnet_card(false)
        };
        Ok(Sample::list(self, vec![tailnet_card(false), broken]).into())
    }
    async fn get_page(&self, tailnet: TailnetId, _: Asked) -> Result<TailnetView, Fault> {
        let bare = self.bare;
        Ok(TailnetView {
            card: TailnetCard { shares: if bare { 0 } else { 2 }, ..tailnet_card(tailnet == id(4)) },
            credentials: vec![
                CredentialView {
                    kind: CredentialKind::OauthClient,
                    state: CredentialState::Good { checked: now().plus_seconds(-300) },
                    hint: Some(told("tskey-client-kXyz…")),
                    expires: None,
                    makes_possible: vec![
                        told("Read machines, users and the policy."),
                        told("Write the policy: open and close gates."),
                    ],
                },
                CredentialView {
                    kind: CredentialKind::UserToken,
                    state: CredentialState::Missing,
                    hint: None,
                    expires: None,
                    makes_possible: vec![told(
                        "Missing: you make each invite in the console and paste its link.",
                    )],
                },
            ],
            readable: vec![
                told("Names, addresses and owners of the machines: you and the stewards see them."),
                told("Nothing that goes through the tailnet."),
            ],
            notes: vec![],
            may_write: true,
            server: (tailnet == id(4)).then(|| ServerView {
                key: Some(told("The API key is good for 40 days more.")),
                can_renew: true,
                renewing: true,
                base_domain: told("net.example.org"),
                login_server: told("https://headscale.example.org"),
            }),
            nodes: self
                .list(vec![
                    node_card(2, "maple"),
                    NodeCard {
                        online: false,
                        last_seen: Some(now().plus_seconds(-90_000)),
                        os: told("macOS"),
                        services: 0,
                        shares: 0,
                        ..node_card(50, "ana-laptop")
                    },
                    NodeCard {
                        exit_node: true,
                        routes: vec![told("192.168.1.0/24")],
                        belongs_to: told("tag:router"),
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
                ])
                .into(),
            users: Paged::from(vec![
                UserView {
                    login: told("ana@example.com"),
                    name: told("Ana"),
                    role: told("owner"),
                    devices: 3,
                },
                UserView {
                    login: told("dario@example.com"),
                    name: told("Dario"),
                    role: told("share recipient"),
                    devices: 0,
                },
            ]),
            gates: self.list(vec![gate(GateState::Active)]).into(),
            unmanaged: super::unmanaged::unmanaged(self.bare),
            history: history(),
        })
    }
    async fn node_page(&self, node: NodeId, _: After) -> Result<NodeView, Fault> {
        Ok(NodeView {
            held: false,
            tailnet: id(1),
            tailnet_name: told("Maple Street"),
            card: NodeCard { id: node, ..node_card(2, "maple") },
            services: self.list(vec![card()]).into(),
            gates: self.list(vec![gate(GateState::Active)]).into(),
            host: super::hosts::standing(),
            history: history(),
        })
    }
    async fn policy(&self, tailnet: TailnetId) -> Result<PolicyView, Fault> {
        let text = "{\n\t// Friends of the house\n\t\"grants\": [\n\t\t{\"src\": [\"group:house\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n\t\t// acequia:share=7\n\t\t{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\"], \"ip\": [\"tcp:25565\"]},\n\t],\n}\n";
        Ok(PolicyView {
            tailnet,
            tailnet_name: told("Maple Street"),
            lines: text
                .lines()
                .map(|line| PolicyLine {
                    pieces: vec![(
                        if line.contains("//") { Shade::Comment } else { Shade::Text },
                        told(line),
                    )],
                    lets_in: line.contains("group:house").then(|| told("ben@example.com → maple")),
                    findings: line
                        .contains("group:house")
                        .then(|| told("Nothing uses group:house"))
                        .into_iter()
                        .collect(),
                })
                .collect(),
            silent: None,
            read: now().plus_seconds(-2),
            share_lines: vec![(5, paths::share(id(7))), (6, paths::share(id(7)))],
            refused: self.bare.then(|| told("`grants[0].via` is not known here")),
        })
    }
    async fn connect_form(&self) -> Result<ConnectView, Fault> {
        Ok(ConnectView {
            form: ConnectForm::default(),
            control_planes: vec![
                (told("https://api.tailscale.com"), told("Tailscale")),
                (told("http://127.0.0.1:9"), told("Simulator")),
            ],
            readable: vec![
                told("Names, addresses and owners of your machines."),
                told("The policy file."),
                told("Nothing that goes through the tailnet."),
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
    async fn set_api_key(&self, tailnet: TailnetId, key: String) -> Result<(), Fault> {
        self.act(format!("set_api_key {tailnet} {key}"))
    }
    async fn renew_api_key(&self, tailnet: TailnetId) -> Result<(), Fault> {
        self.act(format!("renew_api_key {tailnet}"))
    }
    async fn name_server(
        &self,
        tailnet: TailnetId,
        base_domain: String,
        login_server: String,
    ) -> Result<(), Fault> {
        self.act(format!("name_server {tailnet} {base_domain} {login_server}"))
    }
    async fn sync(&self, tailnet: TailnetId) -> Result<(), Fault> {
        self.act(format!("sync {tailnet}"))
    }
    async fn disconnect(&self, tailnet: TailnetId) -> Result<(), Fault> {
        self.act(format!("disconnect {tailnet}"))
    }
}
