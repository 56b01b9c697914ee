//! `POST /oauth/token`.

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Token {
    pub access_token: String,
    /// Seconds; the API always says 3600.
    #[serde(default)]
    pub expires_in: Option<u64>,
    /// Space separated; may be absent.
    #[serde(default)]
    pub scope: String,
}
