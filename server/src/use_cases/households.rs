//! Whose machines are whose on a Headscale: its owner says so, and the guards follow.

use std::collections::BTreeMap;

use app::fault::Fault;
use app::ports::households::{Account, Households, HouseholdsView, TaggedMachine};
use async_trait::async_trait;
use model::{NodeId, TailnetId};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::hosts;
use crate::store::audit::Object;
use crate::store::members::Member;
use crate::store::tailnets::Tailnet;
use crate::words;

#[async_trait]
impl Households for Asker {
    async fn get(&self, id: TailnetId) -> Result<HouseholdsView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let mine = tailnet.owner == self.me()?;
        let tailnet = of_headscale(tailnet)?;
        let db = &self.state.db;
        let accounts = db.search_members(id, None, i64::MAX).await.or_internal("list the accounts")?;
        let accounts: Vec<Account> = accounts.iter().map(account).collect();
        let named = |id: &str| accounts.iter().find(|one| one.id == id).cloned();
        let mut homes: BTreeMap<i64, Vec<Account>> = BTreeMap::new();
        for (account, home) in db.list_households(id).await.or_internal("list the households")? {
            // One that is gone from the server lives nowhere.
            homes.entry(home).or_default().extend(named(&account));
        }
        let owned = db.list_owned(id).await.or_internal("list the machines")?.readable();
        let machines = owned.into_iter().filter(|one| !one.tags.is_empty()).map(|one| TaggedMachine {
            node: one.id,
            name: one.name,
            tags: one.tags,
            holder: one.given_to.as_deref().and_then(named),
        });
        Ok(HouseholdsView {
            tailnet: id,
            tailnet_name: tailnet.name,
            mine,
            households: homes.into_values().filter(|home| home.len() > 1).collect(),
            machines: machines.collect(),
            accounts,
        })
    }

    async fn join(&self, id: TailnetId, account: String, with: String) -> Result<(), Fault> {
        let tailnet = of_headscale(self.own_tailnet(id).await?)?;
        let one = self.account_named(id, "account", &account).await?;
        let other = self.account_named(id, "with", &with).await?;
        if one.id == other.id {
            return Err(Fault::field("with", words::household::CHOOSE_ANOTHER));
        }
        let what = words::household::live_together(&called(&one), &called(&other));
        let entry = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        let stored = self.state.db.join_households(id, (&one.id, &other.id), &entry).await;
        stored.or_internal("keep the household")?;
        self.guards_follow(id).await
    }

    async fn leave(&self, id: TailnetId, account: String) -> Result<(), Fault> {
        let tailnet = of_headscale(self.own_tailnet(id).await?)?;
        let one = self.account_named(id, "account", &account).await?;
        let what = words::household::lives_alone(&called(&one));
        let entry = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        let left = self.state.db.leave_household(id, &one.id, &entry).await;
        if left.or_internal("keep the household")? { self.guards_follow(id).await } else { Ok(()) }
    }

    async fn give(&self, id: NodeId, account: String) -> Result<(), Fault> {
        let (node, _) = self.my_node(id).await?;
        let tailnet = of_headscale(self.own_tailnet(node.tailnet).await?)?;
        if node.tags.is_empty() {
            return Err(Fault::field("node", words::household::HAS_AN_ACCOUNT));
        }
        let holder = match account.as_str() {
            "" => None,
            account => Some(self.account_named(tailnet.id, "account", account).await?),
        };
        let what = words::household::gave(&node.name, holder.as_ref().map(called).as_deref());
        let entry = self.about(Object::from(&node)).await?.says(what).of(&tailnet).at(&self.state);
        let stored = self.state.db.give_machine(id, holder.as_ref().map(|one| one.id.as_str()), &entry).await;
        stored.or_internal("keep whose it is")?;
        self.guards_follow(tailnet.id).await
    }
}

impl Asker {
    async fn account_named(&self, id: TailnetId, field: &str, account: &str) -> Result<Member, Fault> {
        let found = self.state.db.find_account(id, account).await.or_internal("read the account")?;
        found.ok_or_else(|| Fault::field(field, words::headscale::CHOOSE_AN_ACCOUNT))
    }

    /// What cannot be made now is made by the next sync, and told on the page of the machine.
    async fn guards_follow(&self, id: TailnetId) -> Result<(), Fault> {
        hosts::renew_all(&self.state, id).await.or_internal("make the firewall texts")
    }
}

pub(super) fn of_headscale(tailnet: Tailnet) -> Result<Tailnet, Fault> {
    if tailnet.kind.is_headscale() { Ok(tailnet) } else { Err(words::headscale::is_none()) }
}

fn account(member: &Member) -> Account {
    Account { id: member.id.clone(), words: called(member) }
}

fn called(member: &Member) -> String {
    words::member::account(member)
}
