//! What was done: a sentence, and, where it happened to a share, what the sentence is made of.

use model::ShareEvent;
use serde_json::{Value, json};
use sharing::trail;

/// A sentence without its subject, as those read it who give the share. An event's is made of it here and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    pub(super) sentence: String,
    pub(super) event: Option<ShareEvent>,
}

impl From<ShareEvent> for What {
    fn from(event: ShareEvent) -> Self {
        Self { sentence: trail::for_owner(&event), event: Some(event) }
    }
}

impl From<String> for What {
    fn from(sentence: String) -> Self {
        Self { sentence, event: None }
    }
}

impl From<&str> for What {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

/// What is told with a code; absent where the code says everything.
pub fn parameters(event: &ShareEvent) -> Option<Value> {
    let mut whole = serde_json::to_value(event).ok()?;
    whole.get_mut("parameters").map(Value::take)
}

/// One that cannot be read is none: its sentence can be.
pub(super) fn read(code: Option<String>, parameters: Option<&str>) -> Option<ShareEvent> {
    let code = code?;
    let parameters = parameters.map_or(Ok(Value::Null), serde_json::from_str).ok()?;
    serde_json::from_value(json!({ "code": code, "parameters": parameters })).ok()
}
