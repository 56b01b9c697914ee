//! `{"message", "data": [{"user", "errors", "warnings"}]}`, and the token endpoint's RFC 6749 form.

use control_plane::Detail;
use serde::Deserialize;

use super::lenient;
use crate::words::clean;

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
