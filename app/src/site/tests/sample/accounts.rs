//! People, sessions, what happened, what is told once, what waits.

use super::*;

#[async_trait]
impl Accounts for Sample {
    async fn me(&self) -> Result<Option<Me>, Fault> {
        Ok((!self.stranger).then(|| Me {
            id: id(10),
            name: told("Ana"),
            instance_owner: true,
            inbox: Counted { count: 3, or_more: false },
        }))
    }
    async fn sign_in(&self) -> Result<SignInView, Fault> {
        let person =
            |n, name: &str, about: &str| DemoPerson { id: id(n), name: told(name), about: told(about) };
        Ok(SignInView {
            providers: vec![
                ProviderOption { id: "house".into(), label: told("the house’s login") },
                ProviderOption { id: "github".into(), label: told("GitHub") },
            ],
            demo_people: self.list(vec![
                person(10, "Ana", "Owns maple street, runs the Minecraft server"),
                person(11, "Bruno", "Owns cedar, with the media server"),
                person(13, "Dario", "A friend who plays"),
            ]),
            needs_setup: self.bare,
            may_register: false,
            offer: Some(told("Ana offers you Minecraft on maple.")),
        })
    }
    async fn come_back(&self, token: String) -> Result<ComeBackView, Fault> {
        let name = (token != "gone").then(|| told("Ana"));
        Ok(ComeBackView {
            name,
            providers: vec![ProviderOption { id: "github".into(), label: "GitHub".into() }],
        })
    }
    async fn account_page(&self, _: Option<String>) -> Result<AccountView, Fault> {
        Ok(AccountView {
            name: told("Ana"),
            zone: String::new(),
            told: Some("Asia/Kolkata".into()),
            identities: vec![IdentityView {
                id: id(30),
                provider: told("GitHub"),
                subject: told("ana"),
                linked: now().plus_seconds(-9_000_000),
                can_unlink: true,
            }],
            sessions: Paged::from(vec![
                SessionView {
                    handle: told("s1"),
                    current: true,
                    agent: told("Firefox on Linux"),
                    started: now().plus_seconds(-90_000),
                    last_seen: now(),
                },
                SessionView {
                    handle: told("s2"),
                    current: false,
                    agent: told("Safari on iPhone"),
                    started: now().plus_seconds(-900_000),
                    last_seen: now().plus_seconds(-40_000),
                },
            ]),
            linkable: vec![ProviderOption { id: "house".into(), label: told("the house’s login") }],
            handable: self.list(vec![(id(1), told("Maple Street"))]),
        })
    }
    async fn leaving(&self) -> Result<LeaveView, Fault> {
        Ok(LeaveView {
            means: vec![told("You are signed out everywhere.")],
            gates: self.list(vec![gate(GateState::Active)]),
            more: 2,
            refused: self.bare.then(|| told("Nobody else owns this Acequia.")),
        })
    }
    async fn leave(&self, sure: bool) -> Result<(), Fault> {
        self.act(format!("leave {sure}"))
    }
    async fn rename(&self, name: String) -> Result<(), Fault> {
        self.act(format!("rename {name}"))
    }
    async fn set_zone(&self, zone: String) -> Result<(), Fault> {
        self.act(format!("set_zone {zone}"))
    }
    async fn end_session(&self, handle: String) -> Result<(), Fault> {
        self.act(format!("end_session {handle}"))
    }
    async fn end_other_sessions(&self) -> Result<(), Fault> {
        self.act(told("end_other_sessions"))
    }
    async fn unlink(&self, identity: IdentityId) -> Result<(), Fault> {
        self.act(format!("unlink {identity}"))
    }
}

#[async_trait]
impl Audit for Sample {
    async fn list(&self, query: Query) -> Result<Page, Fault> {
        let unknown = query.filters.machine == "several";
        let errors = vec![("machine".to_owned(), told("Several are called that: choose the machine below."))];
        let active = Active { name: "machine", words: told("Machine: maple") };
        let choice = Meant { name: "machine", value: "2".into(), words: told("maple (Maple Street)") };
        Ok(Page {
            entries: if unknown { Vec::new() } else { Sample::list(self, history()) },
            next: Some(id::<model::ids::Audit>(43)).filter(|_: &AuditId| !self.bare),
            active: if query.filters.is_empty() { Vec::new() } else { vec![active] },
            errors: if unknown { errors } else { Vec::new() },
            choices: if unknown { vec![choice] } else { Vec::new() },
            kept: vec![told("Entries are kept for 400 days.")],
        })
    }
    async fn get(&self, wanted: AuditId) -> Result<Entry, Fault> {
        history().into_iter().find(|entry| entry.id == wanted).ok_or(Fault::NotFound)
    }
    async fn export(&self, _: Filters, _: Format) -> Result<Box<dyn Export>, Fault> {
        Err(Fault::NotFound)
    }
}

#[async_trait]
impl Flash for Sample {
    async fn put(&self, _to: &str, message: Message) -> Result<(), Fault> {
        *self.flash.lock().unwrap() = Some(message);
        Ok(())
    }
    async fn take(&self, _path: &str) -> Result<Option<Message>, Fault> {
        Ok(self.flash.lock().unwrap().take())
    }
}

#[async_trait]
impl Inbox for Sample {
    async fn dismiss(&self, Dismiss { kind, object, part }: Dismiss) -> Result<(), Fault> {
        self.act(format!("dismiss {kind} {object} {part}"))
    }
    async fn home_page(&self, _: Option<String>) -> Result<HomeView, Fault> {
        if self.stranger {
            return Err(Fault::SignedOut);
        }
        let item = |kind, title: &str, detail: Option<&str>, action: &str, hours: i64| Item {
            kind,
            title: told(title),
            detail: detail.map(told),
            href: paths::review(id(7)),
            action: told(action),
            at: now().plus_seconds(-hours * 3600),
            dismiss: (kind == ItemKind::News).then(|| Dismiss {
                kind: NoticeKind::Declined,
                object: told("0192f0c1"),
                part: told(""),
            }),
        };
        let step = |title: &str, detail: &str, done| Step {
            title: told(title),
            detail: told(detail),
            href: paths::tailnets(),
            done,
        };
        Ok(HomeView {
            count: Counted { count: if self.bare { 0 } else { 4 }, or_more: false },
            next: None,
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
                item(ItemKind::News, "Dario declined Minecraft", None, "Offer something else", 10),
            ]),
            steps: vec![
                step("Connect your network", "Reading is enough to begin.", true),
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
