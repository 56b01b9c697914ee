//! Messages for single pages, kept in the browser session.

use app::fault::Fault;
use app::ports::flash::{Flash, Message};
use async_trait::async_trait;

use super::Asker;

#[async_trait]
impl Flash for Asker {
    async fn put(&self, to: &str, message: Message) -> Result<(), Fault> {
        self.session.put_flash(to, message).await
    }

    async fn take(&self, path: &str) -> Result<Option<Message>, Fault> {
        self.session.take_flash(path).await
    }
}
