//! A steward, and somebody who could become one.

use super::*;

#[async_trait]
impl Stewards for Sample {
    async fn get(&self, tailnet: TailnetId) -> Result<StewardsView, Fault> {
        let person = |n, name: &str| PersonOption { id: id(n), name: told(name) };
        Ok(StewardsView {
            tailnet,
            tailnet_name: told("Maple Street"),
            owner: told("Ana"),
            mine: true,
            stewards: Sample::list(self, vec![person(0x20, "Sven")]),
            heirs: vec![id(0x20)],
            auditors: Sample::list(self, vec![person(0x22, "Paula")]),
            others: Sample::list(self, vec![person(0x21, "Lea")]),
        })
    }
    async fn add(&self, _: TailnetId, person: String, role: TailnetRole) -> Result<String, Fault> {
        self.act(format!("stewards.add {person} as {role}")).map(|()| told("Lea"))
    }
    async fn plan_removal(&self, tailnet: TailnetId, person: PersonId) -> Result<RemovalView, Fault> {
        let token = TokenOfMachine { node: id(2), name: told("maple"), made: now().plus_seconds(-90_000) };
        Ok(RemovalView {
            tailnet,
            tailnet_name: told("Maple Street"),
            role: TailnetRole::Steward,
            person: PersonOption { id: person, name: told("Sven") },
            tokens: Sample::list(self, vec![token]),
        })
    }
    async fn remove(
        &self,
        _: TailnetId,
        person: PersonId,
        revoke: Vec<NodeId>,
    ) -> Result<(String, TailnetRole), Fault> {
        let acted = self.act(format!("stewards.remove {person}, revoke {}", revoke.len()));
        acted.map(|()| (told("Sven"), TailnetRole::Steward))
    }
    async fn plan_handover(&self, tailnet: TailnetId, person: PersonId) -> Result<HandoverView, Fault> {
        Ok(HandoverView {
            tailnet,
            tailnet_name: told("Maple Street"),
            person: PersonOption { id: person, name: told("Sven") },
            means: vec![told("Sven becomes the owner of Maple Street.")],
            refused: self.bare.then(|| told("Sven has shares there.")),
            gates: if self.bare { vec![gate(GateState::Active)] } else { Vec::new() },
        })
    }
    async fn hand_over(&self, _: TailnetId, person: PersonId, stays: bool) -> Result<String, Fault> {
        self.act(format!("stewards.hand_over {person}, stays {stays}")).map(|()| told("Sven"))
    }
    async fn audited(&self) -> Result<Vec<Audited>, Fault> {
        let one = Audited { tailnet: id(0x0a), tailnet_name: told("Elm Row"), owner: told("Dario") };
        Ok(Sample::list(self, vec![one]))
    }
}
