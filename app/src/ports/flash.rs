//! What must survive one redirect: a message, or a form that was not accepted with everything typed into it.

use async_trait::async_trait;

use crate::fault::{Fault, FieldErrors};

/// One message for the next page of this browser session.
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

/// Flash messages live in the browser session and are gone once shown.
#[async_trait]
pub trait Flash: Send + Sync {
    /// Replaces whatever was there.
    async fn put(&self, message: Message) -> Result<(), Fault>;
    /// Takes it out.
    async fn take(&self) -> Result<Option<Message>, Fault>;
}
