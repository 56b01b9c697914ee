//! A backend that answers with samples, and remembers what it was asked to do.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::ids::{AuditId, IdentityId};
use model::{Id, NodeId, OfferId, ServiceId, ShareId, TailnetId, Timestamp};

use crate::fault::Fault;
use crate::paths;
use crate::ports::accounts::*;
use crate::ports::audit::{Audit, Entry, Page, Query};
use crate::ports::firewall::*;
use crate::ports::flash::{Flash, Message};
use crate::ports::gate::{Gate, GateState};
use crate::ports::inbox::{HomeView, Inbox, Item, Kind as ItemKind, Step};
use crate::ports::offers::*;
use crate::ports::services::*;
use crate::ports::shares::*;
use crate::ports::tailnets::*;
use crate::ports::{Backend, Place};

/// Ids are `00…0N`: the tests write them by hand.
pub fn id<T>(n: u8) -> Id<T> {
    format!("000000000000000000000000000000{n:02x}").parse().unwrap()
}

pub const NOW: i64 = 1_795_200_000;

pub fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

/// What the fake holds; a test changes what it is about.
#[derive(Default)]
pub struct Sample {
    pub stranger: bool,
    /// Every list is empty.
    pub bare: bool,
    /// What every use case answers, instead of doing it.
    pub fault: Option<Fault>,
    pub base_url: Option<String>,
    pub flash: Mutex<Option<Message>>,
    pub calls: Mutex<Vec<String>>,
}

impl Sample {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn backend(self: &Arc<Self>) -> Backend {
        let it = self.clone();
        Backend {
            accounts: it.clone(),
            audit: it.clone(),
            firewall: it.clone(),
            flash: it.clone(),
            inbox: it.clone(),
            offers: it.clone(),
            services: it.clone(),
            shares: it.clone(),
            tailnets: it,
            place: Place {
                base_url: self.base_url.clone().unwrap_or_else(|| "https://gate.example.org".into()),
                now: now(),
                demo: self.base_url.is_none(),
            },
        }
    }

    fn act(&self, what: String) -> Result<(), Fault> {
        self.calls.lock().unwrap().push(what);
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn list<T>(&self, list: Vec<T>) -> Vec<T> {
        if self.bare { Vec::new() } else { list }
    }
}

pub fn gate(state: GateState) -> Gate {
    Gate {
        href: paths::share(id(7)),
        share: Some(id(7)),
        who: "Dario".into(),
        owner: "Ana".into(),
        service: "Minecraft".into(),
        node: "maple".into(),
        ports: "25565".parse().unwrap(),
        state,
        until: Some(now().plus_seconds(3 * 86_400)),
        reason: (state == GateState::NeedsAttention)
            .then(|| "The invite could not be made: Tailscale did not answer.".into()),
    }
}

fn other(
    who: &str,
    service: &str,
    node: &str,
    owner: &str,
    ports: &str,
    state: GateState,
    days: Option<i64>,
) -> Gate {
    Gate {
        who: who.into(),
        service: service.into(),
        node: node.into(),
        owner: owner.into(),
        ports: ports.parse().unwrap(),
        until: days.map(|days| now().plus_seconds(days * 86_400)),
        ..gate(state)
    }
}

fn history() -> Vec<Entry> {
    let entry = |n: u8, actor: &str, what: &str, hours: i64| Entry {
        id: id(n),
        at: now().plus_seconds(-hours * 3600),
        actor: actor.into(),
        what: what.into(),
        href: Some(paths::share(id(7))),
        object: "Minecraft for Dario".into(),
        before: None,
        after: None,
    };
    vec![
        Entry {
            before: Some("// Friends of the house\n\"grants\": []".into()),
            after: Some("// Friends of the house\n\"grants\": [\n  // acequia:share=7\n  {\"src\": [\"dario@example.com\"], …}\n]".into()),
            ..entry(40, "Acequia", "wrote the rule into the policy", 1)
        },
        entry(41, "Ana", "reviewed and applied it", 2),
        entry(42, "Dario", "accepted the offer", 26),
        entry(43, "Ana", "offered Minecraft to Dario", 30),
    ]
}

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
impl Accounts for Sample {
    async fn me(&self) -> Result<Option<Me>, Fault> {
        Ok((!self.stranger).then(|| Me { id: id(10), name: "Ana".into(), instance_owner: true, inbox: 3 }))
    }
    async fn sign_in(&self) -> Result<SignInView, Fault> {
        let person =
            |n, name: &str, about: &str| DemoPerson { id: id(n), name: name.into(), about: about.into() };
        Ok(SignInView {
            providers: vec![
                ProviderOption { id: "house".into(), label: "the house’s login".into() },
                ProviderOption { id: "github".into(), label: "GitHub".into() },
            ],
            demo_people: self.list(vec![
                person(10, "Ana", "Owns maple street, runs the Minecraft server"),
                person(11, "Bruno", "Owns cedar, with the media server"),
                person(13, "Dario", "A friend who plays"),
            ]),
            needs_setup: self.bare,
            may_register: false,
            offer: Some("Ana offers you Minecraft on maple.".into()),
        })
    }
    async fn account(&self) -> Result<AccountView, Fault> {
        Ok(AccountView {
            name: "Ana".into(),
            identities: vec![IdentityView {
                id: id(30),
                provider: "GitHub".into(),
                subject: "ana".into(),
                linked: now().plus_seconds(-9_000_000),
                can_unlink: true,
            }],
            sessions: vec![
                SessionView {
                    handle: "s1".into(),
                    current: true,
                    agent: "Firefox on Linux".into(),
                    started: now().plus_seconds(-90_000),
                    last_seen: now(),
                },
                SessionView {
                    handle: "s2".into(),
                    current: false,
                    agent: "Safari on iPhone".into(),
                    started: now().plus_seconds(-900_000),
                    last_seen: now().plus_seconds(-40_000),
                },
            ],
            linkable: vec![ProviderOption { id: "house".into(), label: "the house’s login".into() }],
        })
    }
    async fn rename(&self, name: String) -> Result<(), Fault> {
        self.act(format!("rename {name}"))
    }
    async fn end_session(&self, handle: String) -> Result<(), Fault> {
        self.act(format!("end_session {handle}"))
    }
    async fn end_other_sessions(&self) -> Result<(), Fault> {
        self.act("end_other_sessions".into())
    }
    async fn unlink(&self, identity: IdentityId) -> Result<(), Fault> {
        self.act(format!("unlink {identity}"))
    }
    async fn people(&self) -> Result<Vec<PersonOption>, Fault> {
        Ok(people())
    }
}

#[async_trait]
impl Audit for Sample {
    async fn list(&self, _: Query) -> Result<Page, Fault> {
        Ok(Page {
            entries: Sample::list(self, history()),
            next: Some(id::<model::ids::Audit>(43)).filter(|_: &AuditId| !self.bare),
        })
    }
}

pub fn firewall_view(chosen: bool) -> FirewallView {
    let line =
        |text: &str, reason: Option<&str>| SnippetLine { text: text.into(), reason: reason.map(Into::into) };
    let option = |id: &str, label: &str, chosen| BackendOption { id: id.into(), label: label.into(), chosen };
    FirewallView {
        tailnet: id(1),
        node_id: id(2),
        node: "maple".into(),
        revision: 4,
        made: now().plus_seconds(-3600),
        backends: vec![option("nixos", "NixOS with nftables", chosen), option("nftables", "nftables", false)],
        parts: if chosen {
            vec![
                PartView {
                    title: "Open".into(),
                    about: "Lets the tailnet interface in on the shared ports.".into(),
                    file: "/etc/nixos/acequia.nix".into(),
                    lines: vec![line("networking.firewall.interfaces.tailscale0 = {", None), line("  allowedTCPPorts = [ 25565 ];", Some("Minecraft, for Dario")), line("};", None)],
                },
                PartView {
                    title: "Guard".into(),
                    about: "Holds whoever is not of your own tailnet to the shared ports, until their share ends.".into(),
                    file: "/etc/acequia/guard.nft".into(),
                    lines: vec![
                        line("table inet acequia {", Some("One table for all shares of this node")),
                        line("  chain guard {", None),
                        line("    type filter hook input priority -5; policy accept;", None),
                        line("    iifname \"tailscale0\" meta time 1795190400-1795459200 tcp dport 25565 accept", Some("Minecraft for Dario; the end of the share stands in the rule itself")),
                        line("  }", None),
                        line("}", None),
                    ],
                },
            ]
        } else {
            Vec::new()
        },
        install: vec!["sudo nixos-rebuild switch".into()],
        check: Some("sudo nft list table inet acequia | grep revision".into()),
        undo: Some("sudo nft delete table inet acequia".into()),
        notes: vec!["Machines that join your tailnet later stay out until the next revision.".into()],
        gates: vec![gate(GateState::Active)],
        policy: vec![
            "{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\"], \"ip\": [\"tcp:25565\"]}".into(),
        ],
    }
}

#[async_trait]
impl Firewall for Sample {
    async fn get(&self, _: NodeId) -> Result<FirewallView, Fault> {
        Ok(firewall_view(!self.bare))
    }
    async fn choose(&self, node: NodeId, backend: String) -> Result<(), Fault> {
        self.act(format!("choose {node} {backend}"))
    }
    async fn text(&self, _: NodeId) -> Result<String, Fault> {
        Ok(String::new())
    }
}

#[async_trait]
impl Flash for Sample {
    async fn put(&self, message: Message) -> Result<(), Fault> {
        *self.flash.lock().unwrap() = Some(message);
        Ok(())
    }
    async fn take(&self) -> Result<Option<Message>, Fault> {
        Ok(self.flash.lock().unwrap().take())
    }
}

#[async_trait]
impl Inbox for Sample {
    async fn home(&self) -> Result<HomeView, Fault> {
        if self.stranger {
            return Err(Fault::SignedOut);
        }
        let item = |kind, title: &str, detail: Option<&str>, action: &str, hours: i64| Item {
            kind,
            title: title.into(),
            detail: detail.map(Into::into),
            href: paths::review(id(7)),
            action: action.into(),
            at: now().plus_seconds(-hours * 3600),
        };
        let step = |title: &str, detail: &str, done| Step {
            title: title.into(),
            detail: detail.into(),
            href: paths::tailnets(),
            done,
        };
        Ok(HomeView {
            items: self.list(vec![
                item(
                    ItemKind::Review,
                    "Dario accepted Minecraft",
                    Some("Look at what it opens before it does."),
                    "Review",
                    1,
                ),
                item(
                    ItemKind::Offer,
                    "Bruno offers you Family films",
                    Some("Until the end of the month."),
                    "Read the offer",
                    5,
                ),
                item(
                    ItemKind::Attention,
                    "Backups for Clara stopped half-way",
                    Some("Tailscale did not answer when the invite was made."),
                    "See why",
                    9,
                ),
            ]),
            steps: vec![
                step("Connect your tailnet", "Reading is enough to begin.", true),
                step("List a service", "Say what runs where.", self.bare),
                step("Offer it to a friend", "They get a link.", false),
            ],
            open: self.list(vec![
                gate(GateState::Active),
                other("You", "Family films", "cedar", "Bruno", "8096", GateState::WaitingForFriend, Some(20)),
                other("Clara", "Forge", "maple", "you", "443, 22", GateState::Active, None),
            ]),
        })
    }
}

#[async_trait]
impl Offers for Sample {
    async fn form(&self, service: Option<ServiceId>) -> Result<OfferFormView, Fault> {
        let option = |n, label: &str, ports: &str| ServiceOption {
            id: id(n),
            label: label.into(),
            ports: ports.parse().unwrap(),
        };
        Ok(OfferFormView {
            services: self
                .list(vec![option(3, "Minecraft on maple", "25565"), option(21, "Forge on maple", "443,22")]),
            people: people(),
            form: OfferForm {
                service: service.map(|id| id.to_string()).unwrap_or_default(),
                ..OfferForm::default()
            },
        })
    }
    async fn create(&self, form: OfferForm) -> Result<(OfferId, String), Fault> {
        self.act(format!(
            "create {} to {} {} until {} note {}",
            form.service, form.to, form.person, form.until, form.note
        ))?;
        Ok((id(5), "https://gate.example.org/o/c3VwZXItc2VjcmV0LXRva2Vu".into()))
    }
    async fn get(&self, offer: OfferId) -> Result<OfferView, Fault> {
        if offer != id(5) {
            return Err(Fault::NotFound);
        }
        Ok(OfferView {
            id: offer,
            gate: Gate {
                who: "whoever has the link".into(),
                href: paths::offer(offer),
                share: None,
                ..gate(GateState::Offered)
            },
            note: "See you by the mill on Friday!".into(),
            created: now().plus_seconds(-7200),
            lapses: now().plus_seconds(6 * 86_400),
            uses_left: 1,
            can_withdraw: true,
            shares: self.list(vec![gate(GateState::Accepted)]),
            history: history(),
        })
    }
    async fn withdraw(&self, offer: OfferId) -> Result<(), Fault> {
        self.act(format!("withdraw {offer}"))
    }
    async fn new_link(&self, offer: OfferId) -> Result<String, Fault> {
        self.act(format!("new_link {offer}"))?;
        Ok("https://gate.example.org/o/bmV3".into())
    }
    async fn open(&self, token: String) -> Result<InvitationView, Fault> {
        let answer = match token.as_str() {
            "gone" => Answer::Gone("This offer was withdrawn.".into()),
            "own" => Answer::Own(id(5)),
            "done" => Answer::Accepted(id(7)),
            "unknown" => return Err(Fault::NotFound),
            _ if self.stranger => Answer::SignInFirst,
            _ => Answer::Possible { logins: vec!["dario@example.com".into()], automatic: false },
        };
        Ok(InvitationView {
            owner: "Ana".into(),
            service: "Minecraft".into(),
            kind: Kind::Minecraft,
            about: "Survival, peaceful on week days.".into(),
            node: "maple".into(),
            ports: "25565".parse().unwrap(),
            note: "See you by the mill on Friday!".into(),
            until: Some(now().plus_seconds(3 * 86_400)),
            lapses: now().plus_seconds(6 * 86_400),
            owner_learns: vec![
                "Your name here and your Tailscale login.".into(),
                "Not your other machines, nor what else you do.".into(),
            ],
            means: vec![
                "You can join Minecraft on maple.".into(),
                "You cannot reach anything else in Ana’s network.".into(),
                "Nobody in Ana’s network reaches your machines by this.".into(),
            ],
            answer,
        })
    }
    async fn remember(&self, token: String) -> Result<(), Fault> {
        self.act(format!("remember {token}"))
    }
    async fn accept(&self, token: String, login: String) -> Result<ShareId, Fault> {
        self.act(format!("accept {token} as {login}"))?;
        Ok(id(7))
    }
    async fn decline(&self, token: String) -> Result<(), Fault> {
        self.act(format!("decline {token}"))
    }
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

pub fn share_view(state: GateState) -> ShareView {
    let step = |title: &str, detail: Option<&str>, state| StepView {
        title: title.into(),
        detail: detail.map(Into::into),
        state,
        at: (state == StepState::Done).then(|| now().plus_seconds(-60)),
    };
    let applying = state == GateState::Applying;
    ShareView {
        id: id(7),
        gate: gate(state),
        party: Party::Owner,
        tailnet: id(1),
        node_id: id(2),
        note: "See you by the mill on Friday!".into(),
        login: "dario@example.com".into(),
        accepted: now().plus_seconds(-86_400),
        seen_in_force: (!applying).then(|| now().plus_seconds(-30)),
        steps: vec![
            step("Read policy, machines and users", None, StepState::Done),
            step(
                "Write the policy",
                Some("One rule, 3 lines; every other byte stays."),
                if applying { StepState::Now } else { StepState::Done },
            ),
            step("Make the invite", None, if applying { StepState::ToDo } else { StepState::Done }),
            step("See it in force", None, if applying { StepState::ToDo } else { StepState::Done }),
        ],
        in_progress: applying,
        attention: None,
        invite_link: None,
        join: vec![],
        can_end: true,
        can_review: false,
        ending_means: vec![
            "Dario can no longer join Minecraft on maple; who plays right now is disconnected.".into(),
            "Nobody else gains or loses anything.".into(),
            "The three lines of the rule leave your policy file; the rest of it stays as it is.".into(),
        ],
        history: history(),
    }
}

pub fn reach(who: &str, node: &str, what: &str, line: Option<u32>, text: &str) -> ReachLine {
    let rules = if text.is_empty() { vec![] } else { vec![RuleLine { line, text: text.into() }] };
    ReachLine { who: who.into(), node: node.into(), what: what.into(), rules, note: None }
}

pub fn diff() -> Vec<DiffLine> {
    let line = |kind, old, new, text: &str| DiffLine { kind, old, new, text: text.into() };
    vec![
        line(DiffKind::Gap, None, None, ""),
        line(DiffKind::Same, Some(11), Some(11), "\t\"grants\": ["),
        line(
            DiffKind::Same,
            Some(12),
            Some(12),
            "\t\t{\"src\": [\"group:house\"], \"dst\": [\"*\"], \"ip\": [\"*\"]}, // we trust each other",
        ),
        line(DiffKind::Added, None, Some(13), "\t\t// acequia:share=7"),
        line(
            DiffKind::Added,
            None,
            Some(14),
            "\t\t{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\", \"fd7a::5\"], \"ip\": [\"tcp:25565\"]},",
        ),
        line(DiffKind::Same, Some(13), Some(15), "\t],"),
        line(DiffKind::Gap, None, None, ""),
    ]
}

#[async_trait]
impl Shares for Sample {
    async fn list(&self) -> Result<SharesView, Fault> {
        if self.bare {
            return Ok(SharesView::default());
        }
        Ok(SharesView {
            waiting: vec![
                gate(GateState::Accepted),
                gate(GateState::NeedsAttention),
                other("Bruno", "Forge", "maple", "Ana", "443,22", GateState::Applying, None),
            ],
            given: vec![
                gate(GateState::Active),
                other("Clara", "Forge", "maple", "Ana", "443, 22", GateState::WaitingForFriend, Some(20)),
                other("whoever has the link", "Forge", "maple", "Ana", "443", GateState::Offered, Some(2)),
            ],
            received: vec![other("You", "Family films", "cedar", "Bruno", "8096", GateState::Active, None)],
            ending_soon: vec![other(
                "You",
                "Factorio",
                "willow",
                "Clara",
                "udp:34197",
                GateState::Ending,
                Some(0),
            )],
            ended: vec![
                gate(GateState::Ended),
                gate(GateState::Declined),
                gate(GateState::Withdrawn),
                gate(GateState::Lapsed),
            ],
        })
    }
    async fn get(&self, share: ShareId) -> Result<ShareView, Fault> {
        let n = [7, 8, 9, 10].into_iter().find(|n| share == id(*n)).ok_or(Fault::NotFound)?;
        Ok(match n {
            8 => share_view(GateState::Applying),
            9 => ShareView {
                party: Party::Friend,
                gate: Gate { who: "You".into(), ..gate(GateState::WaitingForFriend) },
                invite_link: Some("https://login.tailscale.com/admin/invite/abcDEF".into()),
                join: Services::get(self, id(3)).await?.join,
                ..share_view(GateState::WaitingForFriend)
            },
            10 => ShareView {
                attention: Some(Attention {
                    reason: "There is no user token for this tailnet, so the invite cannot be made from here. The rule is in force; nobody uses it yet.".into(),
                    next_step: "Make the invite in the console (Machines, maple, Share) and paste its link here.".into(),
                    wants_invite: true,
                    can_retry: true,
                    wants_review: false,
                }),
                can_review: true,
                ..share_view(GateState::NeedsAttention)
            },
            _ => share_view(GateState::Active),
        })
    }
    async fn review(&self, share: ShareId) -> Result<ReviewView, Fault> {
        let too_much = || {
            vec![reach(
                "dario@example.com",
                "maple",
                "every port",
                Some(8),
                "{\"src\": [\"*\"], \"dst\": [\"tag:server:*\"]}",
            )]
        };
        let choice = if share == id(8) {
            Choice::Exact
        } else if share == id(9) {
            Choice::WholeNodeOnly { too_much: too_much() }
        } else {
            Choice::NarrowOrWholeNode { too_much: too_much(), narrowing: diff(), others_lose: vec![] }
        };
        let exact = choice == Choice::Exact;
        Ok(ReviewView {
            share,
            gate: gate(GateState::Accepted),
            tailnet: id(1),
            node_id: id(2),
            login: "dario@example.com".into(),
            note: "I play on week-ends only.".into(),
            plan: "plan-1".into(),
            read: now().plus_seconds(-20),
            warnings: if exact {
                vec![]
            } else {
                vec!["Line 8 of your policy lets everybody in, friends included: Dario would reach every port of maple, not just Minecraft.".into()]
            },
            choice,
            gains: vec![reach(
                "dario@example.com",
                "maple",
                "TCP 25565",
                Some(14),
                "{\"src\": [\"dario@example.com\"], …}",
            )],
            loses: vec![],
            anyway: vec![],
            diff: diff(),
            tests: "The policy’s own 3 tests pass on the new text.".into(),
            firewall: firewall_view(true),
            steps: vec![
                "Narrow line 8".into(),
                "Write the rule".into(),
                "Make the invite".into(),
                "See it in force".into(),
            ],
            manual: None,
        })
    }
    async fn apply(&self, share: ShareId, plan: String, decision: Decision) -> Result<(), Fault> {
        self.act(format!("apply {share} {plan} {decision:?}"))
    }
    async fn end(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("end {share}"))
    }
    async fn retry(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("retry {share}"))
    }
    async fn paste_invite(&self, share: ShareId, link: String) -> Result<(), Fault> {
        self.act(format!("paste_invite {share} {link}"))
    }
}

fn tailnet_card(running: bool) -> TailnetCard {
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
            history: history(),
        })
    }
    async fn policy(&self, tailnet: TailnetId) -> Result<PolicyView, Fault> {
        let text = "{\n\t// Friends of the house\n\t\"grants\": [\n\t\t{\"src\": [\"group:house\"], \"dst\": [\"*\"], \"ip\": [\"*\"]},\n\t\t// acequia:share=7\n\t\t{\"src\": [\"dario@example.com\"], \"dst\": [\"100.64.0.5\"], \"ip\": [\"tcp:25565\"]},\n\t],\n}\n";
        Ok(PolicyView {
            tailnet,
            tailnet_name: "Maple Street".into(),
            text: text.into(),
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
