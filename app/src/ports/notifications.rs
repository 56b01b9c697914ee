//! What somebody hears outside of the app, and how; and what whoever runs the app has set for that.

use async_trait::async_trait;
use model::{Channel, HeardAs, HeardKind};

use crate::fault::Fault;

/// Where mails for somebody go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailWay {
    /// No mails are sent from here.
    NotHere,
    /// No provider has verified an address of theirs.
    NoAddress,
    To(String),
}

/// One kind of news, on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardRow {
    pub heard_as: HeardAs,
    pub kind: HeardKind,
    pub words: String,
    /// Whether they hear of it, by each way that is open to them.
    pub by: Vec<(Channel, bool)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationsView {
    pub mail: MailWay,
    /// Servers at which a topic can be chosen.
    pub ntfy_servers: Vec<String>,
    /// Server and topic.
    pub ntfy: Option<(String, String)>,
    /// The host to which it goes: the rest of its address may be a secret.
    pub webhook: Option<String>,
    /// Hosts to which webhooks may go; empty: public ones.
    pub webhook_hosts: Vec<String>,
    pub rows: Vec<HeardRow>,
}

impl HeardRow {
    /// How a form names one of its boxes.
    pub fn value(&self, channel: Channel) -> String {
        format!("{}.{}.{channel}", self.heard_as, self.kind)
    }
}

#[async_trait]
pub trait Notifications: Send + Sync {
    async fn get(&self) -> Result<NotificationsView, Fault>;
    /// `wanted` are the boxes that are ticked, of the ways that were shown.
    async fn choose(&self, wanted: Vec<String>, shown: Vec<String>) -> Result<(), Fault>;
    async fn set_ntfy(&self, server: String, topic: String) -> Result<(), Fault>;
    /// Gives the secret with which it is signed, this once.
    async fn set_webhook(&self, url: String) -> Result<String, Fault>;
    async fn remove(&self, channel: Channel) -> Result<(), Fault>;
    /// Gives what became of it, as a sentence.
    async fn test(&self, channel: Channel) -> Result<String, Fault>;
    /// What a link of a mail would stop. Changes nothing.
    async fn stoppable(&self, token: String) -> Result<String, Fault>;
    async fn stop(&self, token: String) -> Result<(), Fault>;
}
