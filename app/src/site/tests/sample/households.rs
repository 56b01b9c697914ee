//! Whose machines are whose on a server with several people.

use super::*;

#[async_trait]
impl Households for Sample {
    async fn get(&self, tailnet: TailnetId) -> Result<HouseholdsView, Fault> {
        let account = |id: &str, words: &str| Account { id: told(id), words: told(words) };
        let (ana, erik, bruno) =
            (account("1", "ana@ · Ana"), account("2", "erik@ · Erik"), account("3", "bruno@"));
        let machines = vec![
            TaggedMachine {
                node: id(2),
                name: told("maple"),
                tags: vec![told("tag:game")],
                holder: Some(ana.clone()),
            },
            TaggedMachine { node: id(3), name: told("press"), tags: vec![told("tag:idle")], holder: None },
        ];
        Ok(HouseholdsView {
            tailnet,
            tailnet_name: told("Maple Street"),
            mine: true,
            households: self.list(vec![vec![ana.clone(), erik.clone()]]),
            accounts: self.list(vec![ana, erik, bruno]),
            machines: self.list(machines),
        })
    }
    async fn join(&self, tailnet: TailnetId, account: String, with: String) -> Result<(), Fault> {
        self.act(format!("households.join {tailnet} {account} {with}"))
    }
    async fn leave(&self, tailnet: TailnetId, account: String) -> Result<(), Fault> {
        self.act(format!("households.leave {tailnet} {account}"))
    }
    async fn give(&self, node: NodeId, account: String) -> Result<(), Fault> {
        self.act(format!("households.give {node} {account}"))
    }
}
