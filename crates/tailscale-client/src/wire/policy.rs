//! What validate and preview answer.

use calls::lenient;
use calls::words::clean;
use control_plane::{PreviewMatch, Validation};
use serde::Deserialize;

use super::error::Refusal;

/// `POST /acl/validate` answers 200 for good and bad policies alike; an empty body or `{}` is "passed".
pub fn validation(refusal: Refusal) -> Validation {
    let passed = refusal.message.is_empty() || refusal.message.starts_with("warning(s) found");
    Validation {
        passed,
        message: clean(&refusal.message, &[]),
        details: refusal.data.into_iter().map(Into::into).collect(),
    }
}

#[derive(Deserialize)]
pub struct Preview {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub matches: Vec<Match>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    #[serde(default, deserialize_with = "lenient::nullable")]
    users: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    ports: Vec<String>,
    #[serde(default)]
    line_number: Option<u32>,
}

impl From<Match> for PreviewMatch {
    fn from(wire: Match) -> Self {
        Self { users: wire.users, ports: wire.ports, line: wire.line_number.filter(|line| *line > 0) }
    }
}
