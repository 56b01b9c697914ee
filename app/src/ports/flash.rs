//! What must survive one redirect: a message, or a form that was not accepted with everything typed into it.

use async_trait::async_trait;

use crate::fault::{Fault, FieldErrors};

/// One message for one page of this browser session.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// The form it belongs to, such as `offers/create`; empty for a page-wide message.
    pub form: String,
    /// Something was done, in words.
    pub done: Option<String>,
    /// Why it was not, when it is about no single field.
    pub fault: Option<Fault>,
    pub errors: FieldErrors,
    /// What was typed, by input name; secrets are never put here.
    pub values: Vec<(String, String)>,
    /// A secret that is shown once, such as an offer's link. Kept encrypted until it is shown.
    pub once: Option<String>,
}

/// Flash messages live in the browser session and are gone once shown. Each is for one page, so that another tab
/// that loads first does not swallow it, least of all a secret that is shown once.
#[async_trait]
pub trait Flash: Send + Sync {
    /// For the page at `to` (path and query, without the base path); replaces what waits for the same page.
    async fn put(&self, to: &str, message: Message) -> Result<(), Fault>;
    /// Takes out what waits for this page.
    async fn take(&self, path: &str) -> Result<Option<Message>, Fault>;
}
