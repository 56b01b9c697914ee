//! Messages for single pages, kept in the browser session.

use app::fault::Fault;
use app::ports::flash::{Flash, Message};
use async_trait::async_trait;

use super::Asker;

#[async_trait]
impl Flash for Asker {
    async fn put(&self, to: &str, message: Message) -> Result<(), Fault> {
        // Forms are answered with a redirect, so the line of the request does not say that it was refused.
        if let Some(fault @ (Fault::Forbidden | Fault::NotFound)) = &message.fault {
            let person = self.viewer.person().ok();
            tracing::info!(person = person.map(tracing::field::display), "refused: {fault}");
        }
        self.session.put_flash(to, message).await
    }

    async fn take(&self, path: &str) -> Result<Option<Message>, Fault> {
        self.session.take_flash(path).await
    }
}
