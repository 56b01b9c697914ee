//! `GET /tailnet/{t}/users?type=all` and `GET /users/{id}`.

use calls::lenient;
use control_plane::{User as Plain, UserId, UserKind};
use model::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Users {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub users: Vec<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default, deserialize_with = "lenient::name")]
    display_name: String,
    #[serde(deserialize_with = "lenient::name")]
    login_name: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created: Option<Timestamp>,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default, deserialize_with = "lenient::name")]
    role: String,
    #[serde(default, deserialize_with = "lenient::name")]
    status: String,
    #[serde(default, deserialize_with = "lenient::time")]
    last_seen: Option<Timestamp>,
}

impl From<User> for Plain {
    fn from(wire: User) -> Self {
        Self {
            id: UserId::new(wire.id),
            login: wire.login_name,
            display_name: wire.display_name,
            name: String::new(),
            email: None,
            provider_id: None,
            kind: if wire.kind == "shared" { UserKind::Shared } else { UserKind::Member },
            role: wire.role,
            status: wire.status,
            created: wire.created,
            last_seen: wire.last_seen,
        }
    }
}
