//! Who else may act for a tailnet.

use app::fault::Fault;
use app::ports::accounts::PersonOption;
use app::ports::stewards::{Stewards, StewardsView};
use async_trait::async_trait;
use model::{PersonId, TailnetId};

use super::Asker;
use crate::failure::OrInternal as _;

#[async_trait]
impl Stewards for Asker {
    async fn get(&self, id: TailnetId) -> Result<StewardsView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let mine = tailnet.owner == self.me()?;
        let stewards = self.stewards_of(id).await?;
        let others = if mine { self.others().await? } else { Vec::new() };
        Ok(StewardsView {
            tailnet: id,
            owner: self.name_of(tailnet.owner).await?,
            tailnet_name: tailnet.name,
            mine,
            others: others.into_iter().filter(|person| !stewards.contains(person)).collect(),
            stewards,
        })
    }

    async fn add(&self, id: TailnetId, person: String) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let known = self.others().await?;
        let chosen = person.parse::<PersonId>().ok();
        let Some(person) = known.into_iter().find(|known| Some(known.id) == chosen) else {
            return Err(Fault::field("person", "choose a person from the list"));
        };
        let entry = self.tailnet_entry(&tailnet, format!("made {} a steward", person.name)).await?;
        self.services.db.add_steward(id, person.id, &entry).await.or_internal("store the steward")?;
        Ok(person.name)
    }

    async fn remove(&self, id: TailnetId, person: PersonId) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let name = self.name_of(person).await?;
        let entry = self.tailnet_entry(&tailnet, format!("took the stewardship from {name}")).await?;
        let removed = self.services.db.remove_steward(id, person, &entry).await;
        if removed.or_internal("remove the steward")? { Ok(name) } else { Err(Fault::NotFound) }
    }
}

impl Asker {
    async fn stewards_of(&self, id: TailnetId) -> Result<Vec<PersonOption>, Fault> {
        let stewards = self.services.db.list_stewards(id).await.or_internal("list the stewards")?;
        Ok(stewards.into_iter().map(|(id, name)| PersonOption { id, name }).collect())
    }
}
