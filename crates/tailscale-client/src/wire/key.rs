//! Keys: auth keys, access tokens and OAuth clients share one shape.

use calls::lenient;
use control_plane::{AuthKey, KeyId, ListedAuthKey, NewAuthKey, Secret};
use model::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    #[serde(deserialize_with = "lenient::id")]
    pub id: String,
    #[serde(default)]
    key: String,
    #[serde(default, deserialize_with = "lenient::time")]
    pub expires: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub scopes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub description: String,
    #[serde(default)]
    pub invalid: bool,
    #[serde(default, deserialize_with = "lenient::id")]
    pub user_id: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    key_type: String,
    #[serde(default, deserialize_with = "lenient::time")]
    revoked: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    capabilities: Listed,
}

#[derive(Deserialize)]
pub struct Keys {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub keys: Vec<Key>,
}

/// What a listed auth key was asked for; of the other kinds it is empty.
#[derive(Default, Deserialize)]
struct Listed {
    #[serde(default, deserialize_with = "lenient::nullable")]
    devices: ListedDevices,
}

#[derive(Default, Deserialize)]
struct ListedDevices {
    #[serde(default, deserialize_with = "lenient::nullable")]
    create: ListedCreate,
}

#[derive(Default, Deserialize)]
struct ListedCreate {
    #[serde(default, deserialize_with = "lenient::nullable")]
    tags: Vec<String>,
}

impl Key {
    /// Not used up, not over. Older answers have no kind.
    pub fn is_good_auth_key(&self) -> bool {
        !self.invalid && self.revoked.is_none() && matches!(self.key_type.as_str(), "" | "auth")
    }
}

impl From<Key> for ListedAuthKey {
    fn from(wire: Key) -> Self {
        let asked = wire.capabilities.devices.create.tags;
        Self {
            id: KeyId::new(wire.id),
            description: wire.description,
            user: None,
            tags: if asked.is_empty() { wire.tags } else { asked },
            expires: wire.expires,
        }
    }
}

impl From<Key> for AuthKey {
    fn from(wire: Key) -> Self {
        Self { id: KeyId::new(wire.id), key: Secret::new(wire.key), expires: wire.expires }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateKey<'a> {
    key_type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_seconds: Option<u32>,
    capabilities: Capabilities<'a>,
}

#[derive(Serialize)]
struct Capabilities<'a> {
    devices: Devices<'a>,
}

#[derive(Serialize)]
struct Devices<'a> {
    create: Create<'a>,
}

#[derive(Serialize)]
struct Create<'a> {
    reusable: bool,
    ephemeral: bool,
    preauthorized: bool,
    tags: &'a [String],
}

impl<'a> From<&'a NewAuthKey> for CreateKey<'a> {
    fn from(new: &'a NewAuthKey) -> Self {
        let create = Create {
            reusable: new.reusable,
            ephemeral: new.ephemeral,
            preauthorized: new.preauthorized,
            tags: &new.tags,
        };
        Self {
            key_type: "auth",
            description: &new.description,
            expiry_seconds: new.lifetime_seconds,
            capabilities: Capabilities { devices: Devices { create } },
        }
    }
}
