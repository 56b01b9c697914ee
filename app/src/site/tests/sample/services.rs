//! The board.

use super::*;
use model::{ServiceKind, ServicePorts};

pub fn card() -> ServiceCard {
    ServiceCard {
        id: id(3),
        name: told("Minecraft"),
        kind: ServiceKind::Minecraft,
        owner: told("Ana"),
        node: told("maple"),
        address: Some(told("maple.tail1234.ts.net")),
        ports: "25565".parse().unwrap(),
        online: true,
        last_seen: Some(now()),
        probe: Probe::Answered {
            at: now().plus_seconds(-180),
            result: vec![told("1.21"), told("2 of 20 playing")],
            motd: Some(told("Be kind to the llamas")),
        },
        about: told("Survival, peaceful on week days. Ask before you build near the mill."),
        standing: Standing::Shared(link(GateState::Active)),
    }
}

fn link(state: GateState) -> ShareLink {
    let gate = gate(state);
    ShareLink { href: gate.href, state, until: gate.until }
}

fn cards() -> Vec<ServiceCard> {
    let make =
        |n: u8, name: &str, kind, owner: &str, node: &str, online, about: &str, standing| ServiceCard {
            id: id(n),
            name: told(name),
            kind,
            owner: told(owner),
            node: told(node),
            address: None,
            online,
            last_seen: Some(now().plus_seconds(-5 * 3600)),
            probe: if online {
                Probe::Off(told("this host is in no tailnet"))
            } else {
                Probe::Silent { at: now().plus_seconds(-60), since: now().plus_seconds(-7200) }
            },
            about: told(about),
            standing,
            ..card()
        };
    vec![
        card(),
        make(
            20,
            "Family films",
            ServiceKind::Media,
            "Bruno",
            "cedar",
            true,
            "Jellyfin. Home videos and everything in the public domain.",
            Standing::Listed,
        ),
        make(
            21,
            "Forge",
            ServiceKind::Git,
            "Ana",
            "maple",
            true,
            "Git for our small projects, with a mirror of the valley’s maps.",
            Standing::Owner,
        ),
        make(
            22,
            "Weather",
            ServiceKind::Http,
            "Clara",
            "willow",
            false,
            "The station on the roof: wind, rain, soil moisture.",
            Standing::Listed,
        ),
        make(
            23,
            "Backups",
            ServiceKind::Files,
            "Bruno",
            "cedar",
            true,
            "",
            Standing::Shared(link(GateState::NeedsAttention)),
        ),
        make(
            24,
            "Factorio",
            ServiceKind::Game,
            "Clara",
            "willow",
            false,
            "One big shared map, every Thursday.",
            Standing::Shared(link(GateState::Accepted)),
        ),
    ]
}

pub fn people() -> Vec<PersonOption> {
    [(11, "Bruno"), (12, "Clara"), (13, "Dario")]
        .into_iter()
        .map(|(n, name)| PersonOption { id: id(n), name: told(name) })
        .collect()
}

fn entry() -> CatalogueEntry {
    CatalogueEntry {
        key: told("jellyfin"),
        name: told("Jellyfin"),
        kind: ServiceKind::Media,
        ports: told("tcp:8096"),
        join: told("In the browser."),
        asked: told("asked for its page"),
        source: told("https://jellyfin.org/docs"),
    }
}

#[async_trait]
impl Services for Sample {
    async fn directory(&self, _: DirectoryQuery) -> Result<DirectoryView, Fault> {
        let few = cards();
        let many = if self.services == 0 { few.len() } else { self.services };
        Ok(DirectoryView {
            services: self.list(few.into_iter().cycle().take(many).collect()),
            next: (!self.bare).then(|| told("next")),
            any: false,
        })
    }
    async fn get_page(&self, service: ServiceId, _: Option<String>) -> Result<ServiceView, Fault> {
        let step = |title: &str, detail: &str, copy: Option<&str>| JoinStep {
            title: told(title),
            detail: told(detail),
            copy: copy.map(told),
        };
        let owner = service == id(21);
        let ask = super::asks::own(service);
        Ok(ServiceView {
            card: ServiceCard {
                id: service,
                standing: match (owner, &ask) {
                    (true, _) => Standing::Owner,
                    (false, Some(_)) => Standing::Listed,
                    (false, None) => card().standing,
                },
                ..card()
            },
            tailnet: id(1),
            node_id: id(2),
            gate: (!owner && ask.is_none()).then(|| gate(GateState::Active)),
            ask,
            at_once: super::asks::at_once(service),
            offer: (owner && !self.bare).then(|| OfferAgain {
                people: people(),
                person: Some(id(13)),
                until: told("month"),
                date: String::new(),
            }),
            asking: self.list(if owner { super::asks::asking() } else { vec![] }),
            join_address: Some(told("maple.tail1234.ts.net:25565")),
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
            gates: Paged::from(self.list(if owner {
                vec![
                    gate(GateState::Active),
                    other("Clara", "Minecraft", "maple", "Ana", "25565", GateState::Offered, None),
                ]
            } else {
                vec![]
            })),
            audience: owner.then_some(AudienceView::Everybody),
            declared: owner && !self.bare,
            history: history(),
        })
    }
    async fn what_runs(
        &self,
        tailnet: TailnetId,
        node: Option<NodeId>,
        _: Option<String>,
    ) -> Result<WhatRunsView, Fault> {
        let machine = |n, name: &str| MachineOption { id: id(n), name: told(name), os: told("linux") };
        Ok(WhatRunsView {
            tailnet,
            tailnet_name: told("Maple Street"),
            machine: node.map(|_| machine(2, "maple")),
            machines: Paged::from(self.list(vec![machine(2, "maple"), machine(6, "acequia-madre")])),
            catalogue: if node.is_some() { vec![entry()] } else { Vec::new() },
            reading: false,
        })
    }
    async fn new_form(&self, node: NodeId, from: Option<String>) -> Result<ServiceFormView, Fault> {
        Ok(ServiceFormView {
            service: None,
            tailnet: id(1),
            node_id: node,
            node: told("maple"),
            form: ServiceForm::default(),
            people: people(),
            circles: self.list(super::circles::cards()),
            circles_of_others: vec![],
            shares: 0,
            ports: ServicePorts::default(),
            offered: false,
            from: from.map(|_| entry()),
            declared: None,
            ports_changed: false,
        })
    }
    async fn edit_form(&self, service: ServiceId) -> Result<ServiceFormView, Fault> {
        let form = ServiceForm {
            name: told("Minecraft"),
            kind: told("minecraft"),
            ports: told("tcp:25565"),
            about: told("Survival."),
            audience: told("people"),
            people: vec![id(12)],
            circles: vec![id(0x60)],
            left_alone: told("yes"),
            gates: String::new(),
        };
        Ok(ServiceFormView {
            service: Some(service),
            tailnet: id(1),
            node_id: id(2),
            node: told("maple"),
            form,
            people: people(),
            circles: self.list(super::circles::cards()),
            circles_of_others: self.list(vec![told("Bruno")]),
            shares: u32::from(!self.bare),
            ports: "tcp:25565".parse().unwrap(),
            offered: !self.bare,
            from: None,
            declared: (!self.bare).then_some(model::DeclaredTo::Chosen),
            ports_changed: !self.bare,
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
