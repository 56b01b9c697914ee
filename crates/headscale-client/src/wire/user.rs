//! Accounts.

use calls::lenient;
use control_plane::{User as Plain, UserId, UserKind};
use model::Timestamp;
use serde::Deserialize;

use crate::names;

#[derive(Deserialize)]
pub struct Users {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub users: Vec<User>,
}

#[derive(Deserialize)]
pub struct One {
    pub user: User,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default, deserialize_with = "lenient::name")]
    name: String,
    #[serde(default, deserialize_with = "lenient::name")]
    display_name: String,
    #[serde(default, deserialize_with = "lenient::name")]
    email: String,
    /// Issuer and subject; empty for a local account.
    #[serde(default, deserialize_with = "lenient::name")]
    provider_id: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created_at: Option<Timestamp>,
}

/// Lists show machines with tags as its.
const TAGGED_DEVICES: &str = "2147455555";

impl User {
    pub fn is_somebody(&self) -> bool {
        self.id != TAGGED_DEVICES
    }

    pub fn id(&self) -> UserId {
        UserId::new(self.id.clone())
    }

    /// What policies call it.
    pub fn login(&self) -> String {
        names::in_policies(&self.name, Some(self.provider_id.as_str()).filter(|id| !id.is_empty()))
    }
}

impl From<User> for Plain {
    fn from(wire: User) -> Self {
        let login = wire.login();
        let display_name = if wire.display_name.is_empty() { &wire.name } else { &wire.display_name };
        Self {
            id: UserId::new(wire.id),
            login,
            display_name: display_name.clone(),
            email: Some(wire.email).filter(|email| !email.is_empty()),
            provider_id: Some(wire.provider_id).filter(|id| !id.is_empty()),
            name: wire.name,
            kind: UserKind::Member,
            // There are no roles, and nobody is suspended.
            role: "member".into(),
            status: "active".into(),
            created: wire.created_at,
            last_seen: None,
        }
    }
}

/// What an account is called by calls that want its name.
pub fn own_name(user: &Plain) -> String {
    if user.name.is_empty() { user.login.trim_end_matches('@').to_owned() } else { user.name.clone() }
}
