//! ntfy: one JSON to the root of the server (<https://docs.ntfy.sh/publish/#publish-as-json>).

use model::HeardKind;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{Failure, Letter, http};

/// Where somebody listens. The topic is as good as a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    pub server: Url,
    pub topic: String,
}

/// Whether a text can be a topic: what ntfy takes (`^[-_A-Za-z0-9]{1,64}$`).
pub fn is_topic(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// One try.
///
/// # Errors
/// When it was not taken.
pub async fn send(http: &reqwest::Client, to: &Topic, letter: &Letter) -> Result<(), Failure> {
    // 4 makes itself heard, 3 is as usual.
    let priority = match letter.kind {
        HeardKind::Attention | HeardKind::EndsTomorrow | HeardKind::Exposure => 4,
        _ => 3,
    };
    let actions: Vec<_> = letter
        .links
        .iter()
        .take(3)
        .map(|(label, url)| json!({ "action": "view", "label": label, "url": url }))
        .collect();
    let body = json!({
        "topic": to.topic,
        "title": letter.title,
        "message": letter.detail.as_deref().unwrap_or(&letter.title),
        "click": letter.links.first().map(|(_, url)| url),
        "actions": actions,
        "priority": priority,
        // The same one again takes the place of the first.
        "sequence_id": letter.id,
    });
    http::post(http.post(to.server.clone()).json(&body)).await
}
