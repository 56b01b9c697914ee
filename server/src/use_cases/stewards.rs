//! Who else may act for a tailnet.

use app::fault::Fault;
use app::ports::accounts::PersonOption;
use app::ports::stewards::{RemovalView, Stewards, StewardsView, TokenOfMachine};
use async_trait::async_trait;
use model::{NodeId, ObjectKind, PersonId, TailnetId};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::Object;

#[async_trait]
impl Stewards for Asker {
    async fn get(&self, id: TailnetId) -> Result<StewardsView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let mine = tailnet.owner == self.me()?;
        let stewards = self.stewards_of(id).await?;
        let others = if mine { self.met().await? } else { Vec::new() };
        Ok(StewardsView {
            tailnet: id,
            owner: self.called(tailnet.owner, self.name_of(tailnet.owner).await?).await?,
            tailnet_name: tailnet.name,
            mine,
            others: others.into_iter().filter(|person| !stewards.contains(person)).collect(),
            stewards,
        })
    }

    async fn add(&self, id: TailnetId, person: String) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let Some(person) = self.named(&person).await? else {
            return Err(Fault::field("person", "choose a person from the list"));
        };
        let entry = self.tailnet_entry(&tailnet, format!("made {} a steward", person.name)).await?;
        self.state.db.add_steward(id, person.id, &entry).await.or_internal("store the steward")?;
        Ok(person.name)
    }

    async fn plan_removal(&self, id: TailnetId, person: PersonId) -> Result<RemovalView, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let steward = self.stewards_of(id).await?.into_iter().find(|steward| steward.id == person);
        let tokens = self.state.db.list_tokens_by(id, person).await.or_internal("list their tokens")?;
        Ok(RemovalView {
            tailnet: id,
            tailnet_name: tailnet.name,
            steward: steward.ok_or(Fault::NotFound)?,
            tokens: tokens
                .into_iter()
                .map(|(node, name, made)| TokenOfMachine { node, name, made })
                .collect(),
        })
    }

    async fn remove(&self, id: TailnetId, person: PersonId, revoke: Vec<NodeId>) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let name = self.name_of(person).await?;
        let entry = self.tailnet_entry(&tailnet, format!("took the stewardship from {name}")).await?;
        // Only what they made: a form that is old revokes nothing else.
        let theirs = self.state.db.list_tokens_by(id, person).await.or_internal("list their tokens")?;
        let mut revoked = Vec::new();
        for (node, machine, _) in theirs.into_iter().filter(|(node, ..)| revoke.contains(node)) {
            let object = Object { kind: ObjectKind::Node, id: node.uuid(), name: machine.clone() };
            let what = format!(
                "took the token of {machine} away, that {name} had made: it fetches no firewall text any more"
            );
            revoked.push((node, self.entry(&tailnet, object, what, None, None).await?));
        }
        let removed = self.state.db.remove_steward(id, person, &revoked, &entry).await;
        if removed.or_internal("remove the steward")? { Ok(name) } else { Err(Fault::NotFound) }
    }
}

impl Asker {
    async fn stewards_of(&self, id: TailnetId) -> Result<Vec<PersonOption>, Fault> {
        let stewards = self.state.db.list_stewards(id).await.or_internal("list the stewards")?;
        self.options(stewards).await
    }
}
