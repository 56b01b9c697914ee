//! Keys: auth keys, access tokens and OAuth clients share one shape.

use control_plane::{AuthKey, KeyId, NewAuthKey, Secret};
use model::Timestamp;
use serde::{Deserialize, Serialize};

use super::lenient;

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
