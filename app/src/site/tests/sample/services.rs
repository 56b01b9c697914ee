//! The board.

use super::*;

pub fn card() -> ServiceCard {
    ServiceCard {
        id: id(3),
        name: "Minecraft".into(),
        kind: Kind::Minecraft,
        owner: "Ana".into(),
        node: "maple".into(),
        address: Some("maple.tail1234.ts.net".into()),
        ports: "25565".parse().unwrap(),
        online: true,
        last_seen: Some(now()),
        probe: Probe::Answered {
            at: now().plus_seconds(-180),
            told: vec!["1.21".into(), "2 of 20 playing".into()],
            motd: Some("Be kind to the llamas".into()),
        },
        about: "Survival, peaceful on week days. Ask before you build near the mill.".into(),
        standing: Standing::Shared(Box::new(gate(GateState::Active))),
    }
}

fn cards() -> Vec<ServiceCard> {
    let make =
        |n: u8, name: &str, kind, owner: &str, node: &str, online, about: &str, standing| ServiceCard {
            id: id(n),
            name: name.into(),
            kind,
            owner: owner.into(),
            node: node.into(),
            address: None,
            online,
            last_seen: Some(now().plus_seconds(-5 * 3600)),
            probe: if online {
                Probe::Off("this host is in no tailnet".into())
            } else {
                Probe::Silent { at: now().plus_seconds(-60), since: now().plus_seconds(-7200) }
            },
            about: about.into(),
            standing,
            ..card()
        };
    vec![
        card(),
        make(
            20,
            "Family films",
            Kind::Media,
            "Bruno",
            "cedar",
            true,
            "Jellyfin. Home videos and everything in the public domain.",
            Standing::Listed,
        ),
        make(
            21,
            "Forge",
            Kind::Git,
            "Ana",
            "maple",
            true,
            "Git for our small projects, with a mirror of the valley’s maps.",
            Standing::Owner,
        ),
        make(
            22,
            "Weather",
            Kind::Http,
            "Clara",
            "willow",
            false,
            "The station on the roof: wind, rain, soil moisture.",
            Standing::Listed,
        ),
        make(
            23,
            "Backups",
            Kind::Files,
            "Bruno",
            "cedar",
            true,
            "",
            Standing::Shared(Box::new(gate(GateState::NeedsAttention))),
        ),
        make(
            24,
            "Factorio",
            Kind::Game,
            "Clara",
            "willow",
            false,
            "One big shared map, every Thursday.",
            Standing::Shared(Box::new(gate(GateState::Accepted))),
        ),
    ]
}

pub fn people() -> Vec<PersonOption> {
    [(11, "Bruno"), (12, "Clara"), (13, "Dario")]
        .into_iter()
        .map(|(n, name)| PersonOption { id: id(n), name: name.into() })
        .collect()
}

#[async_trait]
impl Services for Sample {
    async fn directory(&self, _: DirectoryQuery) -> Result<DirectoryView, Fault> {
        Ok(DirectoryView {
            services: self.list(cards()),
            next: (!self.bare).then(|| "next".into()),
            any: false,
        })
    }
    async fn get(&self, service: ServiceId) -> Result<ServiceView, Fault> {
        let step = |title: &str, detail: &str, copy: Option<&str>| JoinStep {
            title: title.into(),
            detail: detail.into(),
            copy: copy.map(Into::into),
        };
        let owner = service == id(21);
        Ok(ServiceView {
            card: ServiceCard {
                id: service,
                standing: if owner { Standing::Owner } else { card().standing },
                ..card()
            },
            tailnet: id(1),
            node_id: id(2),
            join_address: Some("maple.tail1234.ts.net:25565".into()),
            join: vec![
                step(
                    "Install Tailscale",
                    "On the computer that you play on; sign in as dario@example.com.",
                    None,
                ),
                step(
                    "Open Minecraft",
                    "Multiplayer, Add Server. This is the server address:",
                    Some("maple.tail1234.ts.net:25565"),
                ),
            ],
            gates: self.list(if owner {
                vec![
                    gate(GateState::Active),
                    other("Clara", "Minecraft", "maple", "Ana", "25565", GateState::Offered, None),
                ]
            } else {
                vec![]
            }),
            audience: owner.then_some(Audience::Everybody),
            history: history(),
        })
    }
    async fn new_form(&self, node: NodeId) -> Result<ServiceFormView, Fault> {
        Ok(ServiceFormView {
            service: None,
            tailnet: id(1),
            node_id: node,
            node: "maple".into(),
            form: ServiceForm::default(),
            people: people(),
            shares: 0,
        })
    }
    async fn edit_form(&self, service: ServiceId) -> Result<ServiceFormView, Fault> {
        let form = ServiceForm {
            name: "Minecraft".into(),
            kind: "minecraft".into(),
            ports: "tcp:25565".into(),
            about: "Survival.".into(),
            audience: "people".into(),
            people: vec![id(12)],
        };
        Ok(ServiceFormView {
            service: Some(service),
            tailnet: id(1),
            node_id: id(2),
            node: "maple".into(),
            form,
            people: people(),
            shares: u32::from(!self.bare),
        })
    }
    async fn create(&self, node: NodeId, form: ServiceForm) -> Result<ServiceId, Fault> {
        self.act(format!("create {node} {} {} {} {:?}", form.name, form.ports, form.audience, form.people))?;
        Ok(id(3))
    }
    async fn update(&self, service: ServiceId, form: ServiceForm) -> Result<(), Fault> {
        self.act(format!("update {service} {} {:?}", form.name, form.people))
    }
    async fn remove(&self, service: ServiceId) -> Result<(), Fault> {
        self.act(format!("remove {service}"))
    }
}
