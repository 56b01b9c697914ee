//! A steward, and somebody who could become one.

use super::*;

#[async_trait]
impl Stewards for Sample {
    async fn get(&self, tailnet: TailnetId) -> Result<StewardsView, Fault> {
        let person = |n, name: &str| PersonOption { id: id(n), name: name.into() };
        Ok(StewardsView {
            tailnet,
            tailnet_name: "Maple Street".into(),
            owner: "Ana".into(),
            mine: true,
            stewards: Sample::list(self, vec![person(0x20, "Sven")]),
            others: Sample::list(self, vec![person(0x21, "Lea")]),
        })
    }
    async fn add(&self, _: TailnetId, person: String) -> Result<String, Fault> {
        self.act(format!("stewards.add {person}")).map(|()| "Lea".into())
    }
    async fn remove(&self, _: TailnetId, person: PersonId) -> Result<String, Fault> {
        self.act(format!("stewards.remove {person}")).map(|()| "Sven".into())
    }
}
