//! Networks with their control planes, and the machines in them.

use async_trait::async_trait;
use model::{NodeFilter, NodeId, TailnetId, Timestamp};

use super::audit::Entry;
use super::gate::Gate;
use super::hosts::HostStanding;
use super::paging::{BESIDE, PAGE, Paged};
use super::services::ServiceCard;
use crate::fault::Fault;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sync {
    Never,
    Running {
        since: Timestamp,
    },
    Done {
        at: Timestamp,
    },
    /// In words: what happened, whether anything was changed, what to do.
    Failed {
        at: Timestamp,
        why: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailnetCard {
    pub id: TailnetId,
    pub name: String,
    /// "Tailscale", or "Simulator" in the demo.
    pub control_plane: String,
    pub nodes: u32,
    pub online: u32,
    /// Shares that are not over.
    pub shares: u32,
    pub sync: Sync,
    /// Something is wrong with a credential.
    pub trouble: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// Reads, writes policy, ends shares. Does not expire.
    OauthClient,
    /// Makes and accepts invites. Lives 1 to 90 days.
    UserToken,
    /// May everything on its Headscale. Lives as long as its maker said.
    ApiKey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialState {
    Missing,
    /// Not asked yet.
    Unchecked,
    Good {
        checked: Timestamp,
    },
    /// The control plane refused it: in words.
    Refused {
        checked: Timestamp,
        why: String,
    },
    Expired {
        at: Timestamp,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialView {
    pub kind: CredentialKind,
    pub state: CredentialState,
    /// Masked, such as `tskey-client-kXyz…`.
    pub hint: Option<String>,
    pub expires: Option<Timestamp>,
    /// What it makes possible, in sentences; what is missing without it, if it is missing.
    pub makes_possible: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeCard {
    pub id: NodeId,
    /// Short name.
    pub name: String,
    /// Full MagicDNS name.
    pub dns_name: String,
    pub os: String,
    /// The owner's login, or its tags.
    pub belongs_to: String,
    pub tags: Vec<String>,
    pub addresses: Vec<String>,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    /// No longer in the control plane's list since then: shown, not deleted.
    pub gone: Option<Timestamp>,
    /// Shared into this tailnet by somebody else.
    pub external: bool,
    pub routes: Vec<String>,
    pub exit_node: bool,
    pub services: u32,
    pub shares: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    pub login: String,
    pub name: String,
    /// "member", "admin", "share recipient" and so on.
    pub role: String,
    pub devices: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TailnetView {
    pub card: TailnetCard,
    pub credentials: Vec<CredentialView>,
    /// What is read, in sentences, and who here can see it.
    pub readable: Vec<String>,
    /// Said about writing: the policy is managed elsewhere, read-only scope, and so on.
    pub notes: Vec<String>,
    pub may_write: bool,
    /// Of a Headscale: what no call tells, and how long its key is good.
    pub server: Option<ServerView>,
    pub nodes: Paged<NodeCard>,
    pub users: Paged<UserView>,
    pub gates: Paged<Gate>,
    pub unmanaged: super::unmanaged::UnmanagedList,
    pub history: Vec<Entry>,
}

/// The server behind a network, where its owner runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// How long the key is good, in a sentence.
    pub key: Option<String>,
    /// The key can be replaced from here, and is not being replaced just now.
    pub can_renew: bool,
    pub renewing: bool,
    /// The end of its names, and where clients reach it, as its owner wrote them.
    pub base_domain: String,
    pub login_server: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    /// It is the viewer's on a server that somebody else looks after: pages of the network are not theirs.
    pub held: bool,
    pub card: NodeCard,
    pub services: Paged<ServiceCard>,
    pub gates: Paged<Gate>,
    pub host: HostStanding,
    pub history: Vec<Entry>,
}

/// The policy text in force, as last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyView {
    pub tailnet: TailnetId,
    pub tailnet_name: String,
    pub lines: Vec<PolicyLine>,
    pub read: Timestamp,
    /// Why lines do not say whom they let in, if they do not.
    pub silent: Option<String>,
    /// Lines (1-based) that belong to shares made here, with the share's page.
    pub share_lines: Vec<(u32, String)>,
    /// Why the engine does not understand it, if it does not.
    pub refused: Option<String>,
}

/// What a piece of the policy's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shade {
    Plain,
    Comment,
    /// The name of a member.
    Key,
    Text,
    /// A number, `true`, `false` or `null`.
    Value,
}

/// One line of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLine {
    pub pieces: Vec<(Shade, String)>,
    /// Whom the rule that begins here lets in, and where.
    pub lets_in: Option<String>,
    /// What is said in vain here, as sentences.
    pub findings: Vec<String>,
}

/// What the form of a new connection says, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ConnectForm {
    pub name: String,
    /// Empty: the control plane of Tailscale.
    pub base_url: String,
    pub client_id: String,
    /// Read only: what cannot be written cannot come back on a page (`request::kept`).
    #[serde(skip_serializing)]
    pub client_secret: String,
    /// May be empty: read-only first. Read only, as the secret.
    #[serde(skip_serializing)]
    pub user_token: String,
    /// Of a Headscale, in the place of the three above. Read only.
    #[serde(skip_serializing)]
    pub api_key: String,
    /// What no call of a Headscale tells; may be empty.
    pub base_domain: String,
    pub login_server: String,
}

/// The page of a new connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectView {
    pub form: ConnectForm,
    /// Control planes that may be connected here, as (base URL, label); the first is the default.
    pub control_planes: Vec<(String, String)>,
    /// What will be readable, in sentences.
    pub readable: Vec<String>,
}

/// Where each list on the page of a tailnet or a machine goes on; from its beginning where there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    pub machines: Option<String>,
    pub services: Option<String>,
    pub gates: Option<String>,
    pub users: Option<String>,
    pub elsewhere: Option<String>,
}

/// What the page of a tailnet is asked for, as in its URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Words of machines: name, system, owner, tags, addresses, routes.
    pub q: String,
    pub only: Option<NodeFilter>,
    /// Words of users: login, name, role.
    pub users_q: String,
    pub after: After,
}

/// The lists of a tailnet's page that grow with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Machines,
    Gates,
    Users,
}

impl Asked {
    /// How many rows of a list are shown: the one that is looked through has a whole page, the others a beginning.
    pub fn rows(&self, list: List) -> usize {
        let about = if self.after.gates.is_some() {
            List::Gates
        } else if self.after.users.is_some() || !self.users_q.is_empty() {
            List::Users
        } else {
            List::Machines
        };
        if list == about { PAGE } else { BESIDE }
    }
}

#[async_trait]
pub trait Tailnets: Send + std::marker::Sync {
    async fn list(&self) -> Result<Paged<TailnetCard>, Fault> {
        self.list_page(None).await
    }
    /// The same with what stands behind a page before.
    async fn list_page(&self, after: Option<String>) -> Result<Paged<TailnetCard>, Fault>;
    async fn get(&self, id: TailnetId) -> Result<TailnetView, Fault> {
        self.get_page(id, Asked::default()).await
    }
    async fn get_page(&self, id: TailnetId, asked: Asked) -> Result<TailnetView, Fault>;
    async fn node(&self, id: NodeId) -> Result<NodeView, Fault> {
        self.node_page(id, After::default()).await
    }
    async fn node_page(&self, id: NodeId, after: After) -> Result<NodeView, Fault>;
    /// Reads it afresh.
    async fn policy(&self, id: TailnetId) -> Result<PolicyView, Fault>;
    async fn connect_form(&self) -> Result<ConnectView, Fault>;
    /// Checks the credentials at once; a refused one is a field error and nothing is stored.
    async fn connect(&self, form: ConnectForm) -> Result<TailnetId, Fault>;
    /// An empty token removes the one that is there.
    async fn set_user_token(&self, id: TailnetId, token: String) -> Result<(), Fault>;
    async fn set_oauth_client(&self, id: TailnetId, client_id: String, secret: String) -> Result<(), Fault>;
    async fn set_api_key(&self, id: TailnetId, key: String) -> Result<(), Fault>;
    /// Another key with an end of its own; the old one is ended when the new one was tried.
    async fn renew_api_key(&self, id: TailnetId) -> Result<(), Fault>;
    /// What clients call a Headscale and its machines.
    async fn name_server(
        &self,
        id: TailnetId,
        base_domain: String,
        login_server: String,
    ) -> Result<(), Fault>;
    /// Queues a sync; the page shows its progress.
    async fn sync(&self, id: TailnetId) -> Result<(), Fault>;
    /// # Errors
    /// [`Fault::Conflict`] while a share is not over.
    async fn disconnect(&self, id: TailnetId) -> Result<(), Fault>;
}
