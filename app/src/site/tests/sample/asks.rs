//! Asks: one that waits, and how the viewer stands with their own.

use super::*;
use model::Wished;

fn wish(until: Wished) -> Wish {
    Wish {
        asked: now().plus_seconds(-7200),
        until,
        ends: (until == Wished::Date).then(|| now().plus_seconds(3 * 86_400)),
        note: told("We would build a mill."),
    }
}

pub fn asking() -> Vec<Wishing> {
    vec![
        Wishing { id: id(0x50), who: told("Dario"), wish: wish(Wished::Date) },
        Wishing { id: id(0x51), who: told("Clara"), wish: wish(Wished::Evening) },
    ]
}

/// By the number of the service that is looked at.
pub fn own(service: ServiceId) -> Option<OwnAsk> {
    let (at, again) = (now().plus_seconds(-7200), now().plus_seconds(7200));
    let all = [
        (0x14, OwnAsk::No),
        (0x16, OwnAsk::Waits { id: id(0x50), wish: wish(Wished::Weekend) }),
        (0x17, OwnAsk::Offered(id(5))),
        (0x18, OwnAsk::Declined { at, word: told("Not while we repair it."), again: Some(again) }),
        (0x19, OwnAsk::Declined { at, word: told("Not while we repair it."), again: None }),
        (0x1a, OwnAsk::NotBefore(again)),
        (0x1b, OwnAsk::No),
        (0x1c, OwnAsk::Waits { id: id(0x50), wish: wish(Wished::Weekend) }),
        (0x1d, OwnAsk::No),
        (0x1e, OwnAsk::No),
    ];
    all.into_iter().find(|(number, _)| service == id(*number)).map(|(_, own)| own)
}

/// Where it was approved beforehand, and for how many days at most.
pub const AT_ONCE: [(u8, u32); 4] = [(0x1b, 7), (0x1c, 7), (0x1d, 1), (0x1e, 30)];

/// The same, where it was approved beforehand.
pub fn at_once(service: ServiceId) -> Option<AtOnce> {
    AT_ONCE.iter().find(|(number, _)| service == id(*number)).map(|(_, days)| AtOnce {
        days: *days,
        logins: vec![told("dario@example.com")],
        on_server: false,
        owner_learns: vec![told("Your name here, and the Tailscale login you give.")],
        means: vec![told("You can reach Minecraft, and nothing else.")],
    })
}

#[async_trait]
impl Asks for Sample {
    async fn get(&self, ask: AskId) -> Result<AskView, Fault> {
        let stands = match ask {
            ask if ask == id(0x50) => AskStands::Waits { later: None },
            ask if ask == id(0x51) => AskStands::Waits { later: Some(now().plus_seconds(86_400)) },
            ask if ask == id(0x52) => AskStands::Answered(AskAnswer::Declined),
            ask if ask == id(0x53) => AskStands::Lapsed,
            _ => return Err(Fault::NotFound),
        };
        let asking = asking().into_iter().next().unwrap();
        Ok(AskView {
            asking: Wishing { id: ask, ..asking },
            service: id(21),
            service_name: told("Minecraft"),
            node: told("maple"),
            stands,
            lapses: now().plus_seconds(3 * 86_400),
        })
    }
    async fn create(&self, service: ServiceId, form: EndForm) -> Result<(), Fault> {
        self.act(format!("asks.create {service} until {} {} note {}", form.until, form.zone, form.note))
    }
    async fn take(&self, service: ServiceId, login: String, form: EndForm) -> Result<ShareId, Fault> {
        self.act(format!("asks.take {service} as {login} until {}", form.until)).map(|()| id(7))
    }
    async fn withdraw(&self, ask: AskId) -> Result<ServiceId, Fault> {
        self.act(format!("asks.withdraw {ask}"))?;
        Ok(id(20))
    }
    async fn decline(&self, ask: AskId, word: String) -> Result<(), Fault> {
        self.act(format!("asks.decline {ask} {word}"))
    }
    async fn later(&self, ask: AskId) -> Result<(), Fault> {
        self.act(format!("asks.later {ask}"))
    }
}
