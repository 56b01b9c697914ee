//! What was made elsewhere: 32 was opened by Dario, 33 is a rule, 34 a recipient without an invite.

use super::*;
use crate::ports::elsewhere::{Elsewhere, Looked, StrayCard, StrayView};
use model::StrayKind;

fn card(n: u8, kind: StrayKind, title: &str, kept: bool) -> StrayCard {
    StrayCard {
        id: id(n),
        kind,
        opened: kind == StrayKind::Invite,
        title: told(title),
        detail: told("It was not made here."),
        found: now().plus_seconds(-7200),
        kept: kept.then(|| (told("Ana"), now().plus_seconds(-3600))),
    }
}

pub fn looked(bare: bool) -> Looked {
    let strays = vec![
        card(0x20, StrayKind::Invite, "maple is shared with dario@example.com", false),
        card(0x21, StrayKind::Rule, "A rule of a share that is over, or was never here", false),
        card(0x22, StrayKind::Recipient, "eve@example.com is listed as a share recipient", true),
    ];
    Looked { at: Some(now()), failed: None, next: None, strays: if bare { vec![] } else { strays } }
}

#[async_trait]
impl Elsewhere for Sample {
    async fn get(&self, stray: StrayId) -> Result<StrayView, Fault> {
        let card = looked(false).strays.into_iter().find(|card| card.id == stray).ok_or(Fault::NotFound)?;
        let opened = card.kind == StrayKind::Invite;
        let recipient = card.kind == StrayKind::Recipient;
        Ok(StrayView {
            tailnet: id(1),
            tailnet_name: told("Maple Street"),
            person: opened.then(|| told("Dario")),
            services: if opened { vec![(id(3), told("Minecraft"))] } else { vec![] },
            can_end: !recipient,
            end_means: vec![told("dario@example.com loses maple.")],
            by_hand: if recipient { vec![told("Open Users.")] } else { vec![] },
            history: vec![],
            card,
        })
    }
    async fn adopt(&self, stray: StrayId, service: Option<ServiceId>) -> Result<ShareId, Fault> {
        self.act(format!("adopt {stray} {service:?}"))?;
        Ok(id(7))
    }
    async fn keep(&self, stray: StrayId) -> Result<TailnetId, Fault> {
        self.act(format!("keep {stray}"))?;
        Ok(id(1))
    }
    async fn end(&self, stray: StrayId) -> Result<(TailnetId, String), Fault> {
        self.act(format!("end_stray {stray}"))?;
        Ok((id(1), told("The invite is deleted.")))
    }
}
