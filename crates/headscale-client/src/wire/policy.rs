//! `GET` and `PUT policy`.

use calls::lenient;
use model::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub policy: String,
    /// Null or year 1 in file mode.
    #[serde(default, deserialize_with = "lenient::time")]
    pub updated_at: Option<Timestamp>,
}
