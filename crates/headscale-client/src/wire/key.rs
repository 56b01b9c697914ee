//! Pre-auth keys and API keys.

use calls::lenient;
use control_plane::{AuthKey, KeyId, ListedApiKey, ListedAuthKey, Secret};
use model::Timestamp;
use serde::Deserialize;

use super::user::User;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Keys {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub pre_auth_keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    pub pre_auth_key: Key,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default)]
    user: Option<User>,
    /// Whole when it is made, with `***` in lists.
    #[serde(default, deserialize_with = "lenient::nullable")]
    key: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    reusable: bool,
    #[serde(default, deserialize_with = "lenient::nullable")]
    used: bool,
    #[serde(default, deserialize_with = "lenient::time")]
    expiration: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::names")]
    acl_tags: Vec<String>,
}

impl Key {
    /// Not over, not used up. One without an end never was good. `now` is in whole seconds.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.expiration.is_some_and(|end| end.seconds() > now.seconds()) && (self.reusable || !self.used)
    }
}

impl From<Key> for AuthKey {
    fn from(wire: Key) -> Self {
        Self { id: KeyId::new(wire.id), key: Secret::new(wire.key), expires: wire.expiration }
    }
}

impl From<Key> for ListedAuthKey {
    fn from(wire: Key) -> Self {
        Self {
            id: KeyId::new(wire.id),
            description: String::new(),
            user: wire.user.map(|user| user.id()),
            tags: wire.acl_tags,
            expires: wire.expiration,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeys {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub api_keys: Vec<ApiKey>,
}

#[derive(Deserialize)]
pub struct ApiKey {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    /// `hskey-api-PREFIX-***`; older versions show the prefix alone.
    #[serde(default, deserialize_with = "lenient::nullable")]
    prefix: String,
    #[serde(default, deserialize_with = "lenient::time")]
    expiration: Option<Timestamp>,
}

impl From<ApiKey> for ListedApiKey {
    fn from(wire: ApiKey) -> Self {
        let begins = wire.prefix.trim_end_matches('*').to_owned();
        Self { id: KeyId::new(wire.id), begins, expires: wire.expiration }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewApiKey {
    pub api_key: String,
}
