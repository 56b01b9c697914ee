//! Several owners on one server: who lends their own machines on it, who asks to, and whose yes a plan needs.

use app::fault::Fault;
use app::ports::households::Account;
use app::ports::lenders::{Asking, HeldMachine, Lender, Lenders, LendersView};
use async_trait::async_trait;
use model::{Login, PersonId, TailnetId};

use super::Asker;
use super::households::of_headscale;
use crate::failure::OrInternal as _;
use crate::store::members::Member;
use crate::words;

#[async_trait]
impl Lenders for Asker {
    async fn get(&self, id: TailnetId) -> Result<LendersView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let mine = tailnet.owner == self.me()?;
        let tailnet = of_headscale(tailnet)?;
        let db = &self.state.db;
        let accounts = db.search_members(id, None, i64::MAX).await.or_internal("list the accounts")?;
        let words_of = |id: &str| accounts.iter().find(|one| one.id == id).map(words::member::account);
        let asks = db.list_asking(id).await.or_internal("list who asks")?;
        let lenders = db.list_lenders(id).await.or_internal("list who lends")?;
        self.known().await?;
        let asking = asks.into_iter().map(|(person, name, asked)| Asking {
            person,
            name: self.known_as(person, name),
            asked,
        });
        let lenders = lenders.into_iter().map(|one| Lender {
            person: one.person,
            name: self.known_as(one.person, one.name),
            account: words_of(&one.account),
        });
        Ok(LendersView {
            tailnet: id,
            tailnet_name: tailnet.name,
            mine,
            owner_reviews: tailnet.owner_reviews,
            asking: asking.collect(),
            lenders: lenders.collect(),
            accounts: accounts
                .iter()
                .map(|one| Account { id: one.id.clone(), words: words::member::account(one) })
                .collect(),
        })
    }

    async fn accept(&self, id: TailnetId, person: PersonId, account: String) -> Result<(), Fault> {
        let tailnet = of_headscale(self.my_tailnet(id).await?)?;
        let db = &self.state.db;
        let asks = db.list_asking(id).await.or_internal("list who asks")?;
        let (_, name, _) = asks.into_iter().find(|(one, ..)| *one == person).ok_or(Fault::NotFound)?;
        let wrong = || Fault::field("account", words::headscale::CHOOSE_AN_ACCOUNT);
        let account: Option<Member> = db.find_account(id, &account).await.or_internal("read the account")?;
        let account = account.ok_or_else(wrong)?;
        let login = Login::of_headscale(&account.login).map_err(|_| wrong())?;
        let what = words::lender::said_yes(&name, login.as_str());
        let entry = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        let stored = db.put_member((id, person), &account.id, self.state.now(), &entry).await;
        stored.or_internal("keep the account")
    }

    async fn refuse(&self, id: TailnetId, person: PersonId) -> Result<(), Fault> {
        let tailnet = of_headscale(self.my_tailnet(id).await?)?;
        let db = &self.state.db;
        let name = self.name_of(person).await?;
        let no = self.about_tailnet(&tailnet, words::lender::said_no(&name)).await?.at(&self.state);
        if db.delete_asking(id, person, &no).await.or_internal("forget that they asked")? {
            return Ok(());
        }
        let what = words::lender::forgot(&name);
        let forgot = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        let known =
            db.delete_member(id, person, &forgot).await.or_internal("forget which account they are")?;
        if known { Ok(()) } else { Err(Fault::NotFound) }
    }

    async fn set_review(&self, id: TailnetId, owner_reviews: bool) -> Result<(), Fault> {
        let tailnet = of_headscale(self.own_tailnet(id).await?)?;
        let what = words::lender::reviews(owner_reviews);
        let entry = self.about_tailnet(&tailnet, what).await?.at(&self.state);
        let stored = self.state.db.put_owner_reviews(id, owner_reviews, &entry).await;
        stored.or_internal("keep who reviews")
    }

    async fn held(&self) -> Result<Vec<HeldMachine>, Fault> {
        let all = self.state.db.list_held(self.me()?).await.or_internal("list their machines")?;
        self.known().await?;
        let held = all.into_iter().map(|one| HeldMachine {
            node: one.id,
            name: one.name,
            tailnet: one.tailnet,
            tailnet_name: one.tailnet_name,
            owner: self.known_as(one.owner, one.owner_name),
        });
        Ok(held.collect())
    }
}
