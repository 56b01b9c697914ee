//! Who else may act for a tailnet, and who reads what there is to read of it.

use app::fault::Fault;
use app::ports::accounts::PersonOption;
use app::ports::stewards::{Audited, HandoverView, RemovalView, Stewards, StewardsView, TokenOfMachine};
use async_trait::async_trait;
use model::{NodeId, ObjectKind, PersonId, TailnetId, TailnetRole};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::{NewEntry, Object};
use crate::store::tailnets::Tailnet;
use crate::words;

mod handover;

#[async_trait]
impl Stewards for Asker {
    async fn get(&self, id: TailnetId) -> Result<StewardsView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let mine = tailnet.owner == self.me()?;
        let (stewards, auditors) = (self.stewards_of(id).await?, self.auditors_of(id).await?);
        let others = if mine { self.met().await? } else { Vec::new() };
        let heirs = if mine {
            self.state.db.list_stewards_here(id).await.or_internal("list who could own it")?
        } else {
            Vec::new()
        };
        let is_none = |person: &PersonOption| !stewards.contains(person) && !auditors.contains(person);
        Ok(StewardsView {
            tailnet: id,
            owner: self.called(tailnet.owner, self.name_of(tailnet.owner).await?).await?,
            tailnet_name: tailnet.name,
            mine,
            heirs,
            others: others.into_iter().filter(is_none).collect(),
            stewards,
            auditors,
        })
    }

    async fn add(&self, id: TailnetId, person: String, role: TailnetRole) -> Result<String, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let Some(person) = self.named(&person).await? else {
            return Err(Fault::field("person", words::person::CHOOSE_A_PERSON));
        };
        let db = &self.state.db;
        let what = words::tailnet::gave_role(role, &person.name);
        let entry = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        match role {
            TailnetRole::Steward => db.add_steward(id, person.id, &entry).await,
            TailnetRole::Auditor if self.role_of(id, person.id).await? == Some(TailnetRole::Steward) => {
                return Err(Fault::field("person", words::tailnet::is_a_steward(&person.name)));
            }
            TailnetRole::Auditor => db.add_auditor(id, person.id, &entry).await,
        }
        .or_internal("store what they are")?;
        Ok(person.name)
    }

    async fn plan_removal(&self, id: TailnetId, person: PersonId) -> Result<RemovalView, Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let role = self.role_of(id, person).await?.ok_or(Fault::NotFound)?;
        let listed = match role {
            TailnetRole::Steward => self.stewards_of(id).await?,
            TailnetRole::Auditor => self.auditors_of(id).await?,
        };
        let one = listed.into_iter().find(|one| one.id == person);
        let tokens = self.state.db.list_tokens_by(id, person).await.or_internal("list their tokens")?;
        Ok(RemovalView {
            tailnet: id,
            tailnet_name: tailnet.name,
            role,
            person: one.ok_or(Fault::NotFound)?,
            tokens: tokens
                .into_iter()
                .map(|(node, name, made)| TokenOfMachine { node, name, made })
                .collect(),
        })
    }

    async fn remove(
        &self,
        id: TailnetId,
        person: PersonId,
        revoke: Vec<NodeId>,
    ) -> Result<(String, TailnetRole), Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let role = self.role_of(id, person).await?.ok_or(Fault::NotFound)?;
        let name = self.name_of(person).await?;
        let entry =
            self.about_tailnet(&tailnet, words::tailnet::took_role(role, &name)).await?.at(&self.state);
        let removed = match role {
            TailnetRole::Auditor => self.state.db.remove_auditor(id, person, &entry).await,
            TailnetRole::Steward => {
                let revoked = self.revoked(&tailnet, (person, &name), &revoke).await?;
                self.state.db.remove_steward(id, person, &revoked, &entry).await
            }
        };
        if removed.or_internal("take the role away")? { Ok((name, role)) } else { Err(Fault::NotFound) }
    }

    async fn plan_handover(&self, id: TailnetId, person: PersonId) -> Result<HandoverView, Fault> {
        self.handover_view(id, person).await
    }

    async fn hand_over(&self, id: TailnetId, person: PersonId, stays: bool) -> Result<String, Fault> {
        self.hand_over_to(id, person, stays).await
    }

    async fn audited(&self) -> Result<Vec<Audited>, Fault> {
        let all =
            self.state.db.list_audited(self.me()?).await.or_internal("list the audited tailnets")?.readable();
        let mut audited = Vec::with_capacity(all.len());
        for tailnet in all {
            let owner = self.called(tailnet.owner, self.name_of(tailnet.owner).await?).await?;
            audited.push(Audited { tailnet: tailnet.id, tailnet_name: tailnet.name, owner });
        }
        Ok(audited)
    }
}

impl Asker {
    async fn stewards_of(&self, id: TailnetId) -> Result<Vec<PersonOption>, Fault> {
        let stewards = self.state.db.list_stewards(id).await.or_internal("list the stewards")?;
        self.options(stewards).await
    }

    async fn auditors_of(&self, id: TailnetId) -> Result<Vec<PersonOption>, Fault> {
        let auditors = self.state.db.list_auditors(id).await.or_internal("list the auditors")?;
        self.options(auditors).await
    }

    async fn role_of(&self, id: TailnetId, person: PersonId) -> Result<Option<TailnetRole>, Fault> {
        let db = &self.state.db;
        if db.is_steward(id, person).await.or_internal("look for stewards")? {
            return Ok(Some(TailnetRole::Steward));
        }
        let audits = db.is_auditor(id, person).await.or_internal("look for auditors")?;
        Ok(audits.then_some(TailnetRole::Auditor))
    }

    /// Of the tokens that they made those of these machines, each with its entry. A form that is old revokes nothing else.
    async fn revoked(
        &self,
        tailnet: &Tailnet,
        (person, name): (PersonId, &str),
        revoke: &[NodeId],
    ) -> Result<Vec<(NodeId, NewEntry)>, Fault> {
        let theirs =
            self.state.db.list_tokens_by(tailnet.id, person).await.or_internal("list their tokens")?;
        let mut revoked = Vec::new();
        for (node, machine, _) in theirs.into_iter().filter(|(node, ..)| revoke.contains(node)) {
            let object = Object::new(ObjectKind::Node, node, &machine);
            let what = words::host::took_token_of_steward(&machine, name);
            revoked.push((node, self.about(object).await?.says(what).of(tailnet).at(&self.state)));
        }
        Ok(revoked)
    }
}
