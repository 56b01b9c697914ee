//! Which account a friend is: asked before the review of one of the shares.

use super::*;

#[async_trait]
impl Members for Sample {
    async fn choice(&self, share: ShareId, q: String, again: bool) -> Result<Option<MemberChoice>, Fault> {
        let accounts = [("3", "carla@ · Carla"), ("4", "carla@example.com · Carla of the mill")];
        Ok((again || share == id(11)).then(|| MemberChoice {
            share,
            gate: gate(GateState::Accepted),
            tailnet: id(1),
            tailnet_name: told("Maple Street"),
            friend: told("Carla"),
            typed: told("carla@"),
            q,
            accounts: self.list(accounts.map(|(id, words)| (told(id), told(words))).to_vec()),
            more: true,
            suggested: told("carla"),
            waits_for_sign_in: true,
            likely: Some((told("3"), told("Its mail is one that Carla’s provider has verified."))),
        }))
    }
    async fn choose(&self, share: ShareId, account: String) -> Result<(), Fault> {
        self.act(format!("choose {share} {account}"))
    }
    async fn make_new(&self, share: ShareId, name: String, ephemeral: bool) -> Result<(), Fault> {
        self.act(format!("make_new {share} {name} {ephemeral}"))
    }
    async fn wait_for_sign_in(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("wait_for_sign_in {share}"))
    }
    async fn say_loaded(&self, share: ShareId) -> Result<(), Fault> {
        self.act(format!("say_loaded {share}"))
    }
    async fn make_key(&self, share: ShareId) -> Result<String, Fault> {
        self.act(format!("make_key {share}"))?;
        Ok(told("hskey-auth-once"))
    }
    async fn let_in(&self, share: ShareId, waiting: String) -> Result<(), Fault> {
        self.act(format!("let_in {share} {waiting}"))
    }
}
