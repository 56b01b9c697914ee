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
    async fn remove(&self, _: TailnetId, person: PersonId) -> Result<String, Fault> {
        self.act(format!("stewards.remove {person}")).map(|()| told("Sven"))
    }
}
