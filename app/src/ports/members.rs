//! Which account of a server a friend is, where a network has no invites: its owner says so once. Who has none comes in as
//! a new user with a key, or signs in there.

use async_trait::async_trait;
use model::{ShareId, TailnetId};

use super::gate::Gate;
use crate::fault::Fault;

/// What the owner is asked before they can review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChoice {
    pub share: ShareId,
    pub gate: Gate,
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub friend: String,
    /// What the friend wrote when they accepted.
    pub typed: String,
    /// Words that the accounts were looked through with.
    pub q: String,
    /// The server's id of each account, with its names.
    pub accounts: Vec<(String, String)>,
    /// There are more of them: search.
    pub more: bool,
    /// The one that is most likely, and why; it stands in the list.
    pub likely: Option<(String, String)>,
    /// A free name for a new user.
    pub suggested: String,
    /// It was chosen that they sign in there, and no account was said to be theirs.
    pub waits_for_sign_in: bool,
}

/// How a friend's device comes into the server of whoever lends to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "what a page shows, each by itself")]
pub struct WayIn {
    /// A key can be made now; one that was made before ends by it.
    pub can_make_key: bool,
    /// Why there is none yet, in words.
    pub no_key: Option<String>,
    /// A key was made before.
    pub had_key: bool,
    /// Their machine goes by itself when it disconnects.
    pub ephemeral: bool,
    /// What to do with a key, for each system; it stands for [`KEY`].
    pub with_key: Vec<super::services::JoinStep>,
    /// The id of the server's page can be given here, for a device that takes no key.
    pub can_let_in: bool,
}

/// What stands in commands for the key that is shown once.
pub const KEY: &str = "YOUR-KEY";

#[async_trait]
pub trait Members: Send + Sync {
    /// Nothing where that is known already, unless it is to be chosen `again`; and where friends are no accounts.
    async fn choice(&self, share: ShareId, q: String, again: bool) -> Result<Option<MemberChoice>, Fault>;
    /// Keeps it for this friend and all their shares in this network. Nothing is opened by it.
    async fn choose(&self, share: ShareId, account: String) -> Result<(), Fault>;
    /// They are new there: a user of this name is made once the review has its yes.
    async fn make_new(&self, share: ShareId, name: String, ephemeral: bool) -> Result<(), Fault>;
    /// They sign in there themselves: the share waits until their account appears, and is said to be theirs.
    async fn wait_for_sign_in(&self, share: ShareId) -> Result<(), Fault>;
    /// For whoever looks after a server whose policy is a file: it has loaded that file, which nothing else tells. Whoever is
    /// new comes in only after that.
    async fn say_loaded(&self, share: ShareId) -> Result<(), Fault>;
    /// For the friend, and only for them: a key for one machine, for a day. It is not kept.
    async fn make_key(&self, share: ShareId) -> Result<String, Fault>;
    /// For the friend: their device waits at the server's page, whose id this is.
    async fn let_in(&self, share: ShareId, waiting: String) -> Result<(), Fault>;
}
