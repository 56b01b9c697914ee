//! `{"message", "data": [{"user", "errors", "warnings"}]}`, and the token endpoint's RFC 6749 form.

use calls::words::clean;
use calls::{Answer, lenient};
use control_plane::{ControlPlaneError, Detail};
use serde::Deserialize;

/// The answer if its status says so, else the error. `hide` are secrets that the words may repeat.
pub fn success(answer: Answer, hide: &[&str]) -> Result<Answer, ControlPlaneError> {
    if answer.status.is_success() {
        return answer.no_page();
    }
    let refusal: Refusal = answer.json("a refusal").unwrap_or_default();
    let said = if refusal.message.is_empty() { &refusal.error } else { &refusal.message };
    let details = refusal.data.into_iter().map(Into::into).collect();
    Err(answer.error(clean(said, hide), details))
}

#[derive(Default, Deserialize)]
pub struct Refusal {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub message: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub data: Vec<Subject>,
    /// RFC 6749, section 5.2.
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub error: String,
}

#[derive(Deserialize)]
pub struct Subject {
    #[serde(default, deserialize_with = "lenient::nullable")]
    user: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    errors: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    warnings: Vec<String>,
}

impl From<Subject> for Detail {
    fn from(wire: Subject) -> Self {
        let all = |texts: Vec<String>| texts.iter().map(|text| clean(text, &[])).collect();
        Self { subject: clean(&wire.user, &[]), errors: all(wire.errors), warnings: all(wire.warnings) }
    }
}
