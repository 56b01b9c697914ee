//! What was made elsewhere: 32 was opened by Dario, 33 is a rule, 34 a recipient without an invite.

use super::*;
use crate::ports::unmanaged::{Unmanaged, UnmanagedCard, UnmanagedList, UnmanagedView};
use model::UnmanagedKind;

fn card(n: u8, kind: UnmanagedKind, title: &str, kept: bool) -> UnmanagedCard {
    UnmanagedCard {
        id: id(n),
        kind,
        opened: kind == UnmanagedKind::Invite,
        title: told(title),
        detail: told("It was not made here."),
        found: now().plus_seconds(-7200),
        kept: kept.then(|| (told("Ana"), now().plus_seconds(-3600))),
    }
}

pub fn unmanaged(bare: bool) -> UnmanagedList {
    let all_unmanaged = vec![
        card(0x20, UnmanagedKind::Invite, "maple is shared with dario@example.com", false),
        card(0x21, UnmanagedKind::Rule, "A rule of a share that is over, or was never here", false),
        card(0x22, UnmanagedKind::Recipient, "eve@example.com is listed as a share recipient", true),
    ];
    UnmanagedList {
        at: Some(now()),
        failed: None,
        going_on: Some((1_200, 10_000)),
        next: None,
        all_unmanaged: if bare { vec![] } else { all_unmanaged },
    }
}

#[async_trait]
impl Unmanaged for Sample {
    async fn get(&self, unmanaged: UnmanagedId) -> Result<UnmanagedView, Fault> {
        let card = self::unmanaged(false)
            .all_unmanaged
            .into_iter()
            .find(|card| card.id == unmanaged)
            .ok_or(Fault::NotFound)?;
        let opened = card.kind == UnmanagedKind::Invite;
        let recipient = card.kind == UnmanagedKind::Recipient;
        Ok(UnmanagedView {
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
    async fn adopt(&self, unmanaged: UnmanagedId, service: Option<ServiceId>) -> Result<ShareId, Fault> {
        self.act(format!("adopt {unmanaged} {service:?}"))?;
        Ok(id(7))
    }
    async fn keep(&self, unmanaged: UnmanagedId) -> Result<TailnetId, Fault> {
        self.act(format!("keep {unmanaged}"))?;
        Ok(id(1))
    }
    async fn end(&self, unmanaged: UnmanagedId) -> Result<(TailnetId, String), Fault> {
        self.act(format!("end_stray {unmanaged}"))?;
        Ok((id(1), told("The invite is deleted.")))
    }
}
