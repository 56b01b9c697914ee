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
            others: Sample::list(self, vec![person(0x21, "Lea")]),
        })
    }
    async fn add(&self, _: TailnetId, person: String) -> Result<String, Fault> {
        self.act(format!("stewards.add {person}")).map(|()| told("Lea"))
    }
    async fn plan_removal(&self, tailnet: TailnetId, person: PersonId) -> Result<RemovalView, Fault> {
        let token = TokenOfMachine { node: id(2), name: told("maple"), made: now().plus_seconds(-90_000) };
        Ok(RemovalView {
            tailnet,
            tailnet_name: told("Maple Street"),
            steward: PersonOption { id: person, name: told("Sven") },
            tokens: Sample::list(self, vec![token]),
        })
    }
    async fn remove(&self, _: TailnetId, person: PersonId, revoke: Vec<NodeId>) -> Result<String, Fault> {
        self.act(format!("stewards.remove {person}, revoke {}", revoke.len())).map(|()| told("Sven"))
    }
}
