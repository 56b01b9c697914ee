use leptos::prelude::*;
use model::Channel;

use super::{done, done_once, typed};
use crate::fault::Fault;
use crate::paths;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "notifications/choose")]
pub async fn choose_notifications(
    #[server(default)] wanted: Vec<String>,
    #[server(default)] shown: Vec<String>,
) -> Result<(), Fault> {
    let outcome = backend().notifications.choose(wanted, shown).await;
    let outcome = outcome.map(|()| done(paths::notifications(), "Saved."));
    answer("notifications/choose", &paths::notifications(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "notifications/ntfy")]
pub async fn set_ntfy(
    #[server(default)] server: String,
    #[server(default)] topic: String,
) -> Result<(), Fault> {
    let values = typed([("server", &server), ("topic", &topic)]);
    let outcome = backend().notifications.set_ntfy(server, topic).await;
    let outcome = outcome.map(|()| done(paths::notifications(), "Saved. Send yourself a test."));
    answer("notifications/ntfy", &paths::notifications(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "notifications/webhook")]
pub async fn set_webhook(#[server(default)] url: String) -> Result<(), Fault> {
    let values = typed([("url", &url)]);
    let outcome = backend().notifications.set_webhook(url).await;
    let text = "Saved. This is the secret with which each is signed. It is shown this once.";
    let outcome =
        outcome.map(|secret| done_once("notifications/webhook", paths::notifications(), text, secret));
    answer("notifications/webhook", &paths::notifications(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "notifications/remove")]
pub async fn remove_channel(#[server(default)] channel: String) -> Result<(), Fault> {
    let channel: Channel = channel.parse().map_err(|_| Fault::NotFound)?;
    let outcome = backend().notifications.remove(channel).await;
    let outcome = outcome.map(|()| done(paths::notifications(), "Taken away. Nothing more is sent there."));
    answer("notifications/remove", &paths::notifications(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "notifications/test")]
pub async fn test_channel(#[server(default)] channel: String) -> Result<(), Fault> {
    let channel: Channel = channel.parse().map_err(|_| Fault::NotFound)?;
    let outcome = backend().notifications.test(channel).await;
    let outcome = outcome.map(|said| done(paths::notifications(), said));
    answer("notifications/test", &paths::notifications(), Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "notifications/stop")]
pub async fn stop_mails(#[server(default)] stop: String) -> Result<(), Fault> {
    // As our mails have them: nothing else is led back to.
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if stop.is_empty() || !stop.chars().all(fine) {
        return Err(Fault::NotFound);
    }
    let back = paths::unsubscribe(&stop);
    let outcome = backend().notifications.stop(stop).await;
    let outcome = outcome.map(|()| done(back.clone(), "No more of these are sent."));
    answer("notifications/stop", &back, Vec::new(), outcome).await
}

#[server(prefix = "/fn", endpoint = "settings/test-mail")]
pub async fn test_mail() -> Result<(), Fault> {
    let outcome = backend().settings.test_mail().await.map(|said| done(paths::settings(), said));
    answer("settings/test-mail", &paths::settings(), Vec::new(), outcome).await
}
