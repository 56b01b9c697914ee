//! Several owners on one server.

use super::*;

#[async_trait]
impl Lenders for Sample {
    async fn get(&self, tailnet: TailnetId) -> Result<LendersView, Fault> {
        let account = Account { id: told("3"), words: told("bruno@") };
        Ok(LendersView {
            tailnet,
            tailnet_name: told("Maple Street"),
            mine: true,
            owner_reviews: true,
            asking: self.list(vec![Asking {
                person: id(0x21),
                name: told("Bruno"),
                asked: now().plus_seconds(-7200),
            }]),
            lenders: self.list(vec![
                Lender { person: id(0x0d), name: told("Dario"), account: Some(told("dario@")) },
                Lender { person: id(0x20), name: told("Sven"), account: None },
            ]),
            accounts: self.list(vec![account]),
        })
    }
    async fn accept(&self, tailnet: TailnetId, person: PersonId, account: String) -> Result<(), Fault> {
        self.act(format!("lenders.accept {tailnet} {person} {account}"))
    }
    async fn refuse(&self, tailnet: TailnetId, person: PersonId) -> Result<(), Fault> {
        self.act(format!("lenders.refuse {tailnet} {person}"))
    }
    async fn set_review(&self, tailnet: TailnetId, owner_reviews: bool) -> Result<(), Fault> {
        self.act(format!("lenders.set_review {tailnet} {owner_reviews}"))
    }
    async fn held(&self) -> Result<Vec<HeldMachine>, Fault> {
        Ok(self.list(vec![HeldMachine {
            node: id(2),
            name: told("attic"),
            tailnet: id(9),
            tailnet_name: told("The mill"),
            owner: told("Clara"),
        }]))
    }
}
