//! Offers, and the friend's page of one by its token.

use super::*;
use model::ServiceKind;

fn missing() -> MissingView {
    MissingView {
        tailnet: id(1),
        tailnet_name: told("Maple Street"),
        what: vec![told("A user token, to make the device invite.")],
        own: true,
    }
}

#[async_trait]
impl Offers for Sample {
    async fn form(&self, service: Option<ServiceId>) -> Result<OfferFormView, Fault> {
        let option = |n, label: &str, ports: &str| ServiceOption {
            id: id(n),
            label: told(label),
            ports: ports.parse().unwrap(),
        };
        Ok(OfferFormView {
            services: self
                .list(vec![option(3, "Minecraft on maple", "25565"), option(21, "Forge on maple", "443,22")]),
            people: people(),
            circles: self.list(super::circles::cards()),
            missing: (!self.bare).then(missing),
            learns: self.list(vec![told("The name of maple and its addresses.")]),
            form: OfferForm {
                service: service.map(|id| id.to_string()).unwrap_or_default(),
                ..OfferForm::default()
            },
            ask: None,
            wished: None,
        })
    }
    async fn list(&self, over: bool, _: Option<String>) -> Result<OffersView, Fault> {
        let state = if over { GateState::Declined } else { GateState::Offered };
        Ok(OffersView { gates: self.list(vec![gate(state)]), next: over.then(|| id::<()>(5).to_string()) })
    }
    async fn form_for(&self, ask: AskId) -> Result<OfferFormView, Fault> {
        let view = Offers::form(self, Some(id(3))).await?;
        let form = OfferForm {
            to: told("person"),
            person: id::<()>(13).to_string(),
            until: told("date"),
            ..view.form
        };
        Ok(OfferFormView { form, ask: Some(ask), wished: Some(now().plus_seconds(3 * 86_400)), ..view })
    }
    async fn create(&self, form: OfferForm) -> Result<(OfferId, String), Fault> {
        self.act(format!(
            "create {} to {} {} until {} note {}",
            form.service, form.to, form.person, form.until, form.note
        ))?;
        Ok((id(5), told("https://gate.example.org/o/c3VwZXItc2VjcmV0LXRva2Vu")))
    }
    async fn create_for_circle(&self, form: OfferForm) -> Result<String, Fault> {
        self.act(format!("create {} for circle {} until {}", form.service, form.circle, form.until))?;
        Ok(told("Minecraft is offered to 2 people of it, who find it in their inboxes."))
    }
    async fn get(&self, offer: OfferId) -> Result<OfferView, Fault> {
        if offer != id(5) {
            return Err(Fault::NotFound);
        }
        Ok(OfferView {
            id: offer,
            gate: Gate {
                who: told("whoever has the link"),
                href: paths::offer(offer),
                share: None,
                ..gate(GateState::Offered)
            },
            note: told("See you by the mill on Friday!"),
            created: now().plus_seconds(-7200),
            lapses: now().plus_seconds(6 * 86_400),
            uses_left: 1,
            can_withdraw: true,
            sent_to: None,
            shares: self.list(vec![gate(GateState::Accepted)]),
            missing: (!self.bare).then(missing),
            history: history(),
        })
    }
    async fn withdraw(&self, offer: OfferId) -> Result<(), Fault> {
        self.act(format!("withdraw {offer}"))
    }
    async fn new_link(&self, offer: OfferId) -> Result<String, Fault> {
        self.act(format!("new_link {offer}"))?;
        Ok(told("https://gate.example.org/o/bmV3"))
    }
    async fn open(&self, token: String) -> Result<InvitationView, Fault> {
        let answer = match token.as_str() {
            "gone" => Answer::Gone(told("This offer was withdrawn.")),
            "own" => Answer::Own(id(5)),
            "done" => Answer::Accepted(id(7)),
            "unknown" => return Err(Fault::NotFound),
            _ if self.stranger => Answer::SignInFirst,
            _ => Answer::Possible { logins: vec![told("dario@example.com")], automatic: false },
        };
        Ok(InvitationView {
            owner: told("Ana"),
            service: told("Minecraft"),
            kind: ServiceKind::Minecraft,
            about: told("Survival, peaceful on week days."),
            node: told("maple"),
            ports: "25565".parse().unwrap(),
            note: told("See you by the mill on Friday!"),
            until: Some(now().plus_seconds(3 * 86_400)),
            lapses: now().plus_seconds(6 * 86_400),
            owner_learns: vec![
                told("Your name here and your Tailscale login."),
                told("Not your other machines, nor what else you do."),
            ],
            means: vec![
                told("You can join Minecraft on maple."),
                told("You cannot reach anything else in Ana’s network."),
                told("Nobody in Ana’s network reaches your machines by this."),
            ],
            ask: (!self.stranger).then(|| id(20)),
            server: (token == "server").then(|| told("Maple Street")),
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
    async fn accept_without_account(&self, token: String) -> Result<ShareId, Fault> {
        self.act(format!("accept {token} without an account"))?;
        Ok(id(12))
    }
    async fn decline(&self, token: String) -> Result<(), Fault> {
        self.act(format!("decline {token}"))
    }
}
