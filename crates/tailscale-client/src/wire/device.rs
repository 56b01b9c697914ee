//! `GET /tailnet/{t}/devices?fields=all` and `GET /device/{id}?fields=all`.

use std::net::IpAddr;

use calls::lenient;
use control_plane::{Device as Plain, DeviceId};
use model::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Devices {
    #[serde(default, deserialize_with = "lenient::nullable")]
    pub devices: Vec<Device>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's shape")]
pub struct Device {
    #[serde(default, deserialize_with = "lenient::addresses")]
    addresses: Vec<IpAddr>,
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default)]
    node_id: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    node_key: String,
    #[serde(default, deserialize_with = "lenient::name")]
    user: String,
    #[serde(default, deserialize_with = "lenient::name")]
    name: String,
    #[serde(default, deserialize_with = "lenient::name")]
    hostname: String,
    #[serde(default, deserialize_with = "lenient::name")]
    os: String,
    #[serde(default, deserialize_with = "lenient::name")]
    client_version: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created: Option<Timestamp>,
    #[serde(default)]
    connected_to_control: bool,
    #[serde(default, deserialize_with = "lenient::time")]
    last_seen: Option<Timestamp>,
    #[serde(default)]
    key_expiry_disabled: bool,
    #[serde(default, deserialize_with = "lenient::time")]
    expires: Option<Timestamp>,
    #[serde(default)]
    authorized: bool,
    #[serde(default)]
    is_ephemeral: bool,
    #[serde(default)]
    is_external: bool,
    #[serde(default)]
    blocks_incoming_connections: bool,
    #[serde(default, deserialize_with = "lenient::names")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    enabled_routes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::nullable")]
    advertised_routes: Vec<String>,
}

impl From<Device> for Plain {
    fn from(wire: Device) -> Self {
        let legacy_id = DeviceId::new(wire.id);
        Self {
            id: if wire.node_id.is_empty() { legacy_id.clone() } else { DeviceId::new(wire.node_id) },
            legacy_id,
            name: wire.name.trim_end_matches('.').to_owned(),
            hostname: wire.hostname,
            addresses: wire.addresses,
            os: wire.os,
            client_version: wire.client_version,
            user_login: wire.user,
            user_id: None,
            node_key: Some(wire.node_key).filter(|key| !key.is_empty()),
            tags: wire.tags,
            created: wire.created,
            last_seen: wire.last_seen,
            connected: wire.connected_to_control,
            external: wire.is_external,
            authorized: wire.authorized,
            ephemeral: wire.is_ephemeral,
            key_expires: wire.expires.filter(|_| !wire.key_expiry_disabled),
            blocks_incoming: wire.blocks_incoming_connections,
            advertised_routes: wire.advertised_routes,
            enabled_routes: wire.enabled_routes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_shared_in_has_empty_strings_for_times_and_null_for_lists() {
        let wire: Device = serde_json::from_str(
            r#"{"addresses":["fd7a:115c:a1e0::1","100.64.0.1"],"id":"92960230385","nodeId":"n292kg92CNTRL",
                "name":"maple.tail1a2b.ts.net","created":"","lastSeen":"","expires":"0001-01-01T00:00:00Z",
                "isExternal":true,"tags":null,"machineKey":""}"#,
        )
        .unwrap();
        let device = Plain::from(wire);
        assert_eq!(device.addresses[0].to_string(), "100.64.0.1");
        assert_eq!(device.id.as_str(), "n292kg92CNTRL");
        assert_eq!(device.legacy_id.as_str(), "92960230385");
        assert_eq!((device.created, device.last_seen, device.key_expires), (None, None, None));
        assert!(device.external && device.tags.is_empty());
    }

    #[test]
    fn what_a_machine_calls_itself_is_one_short_line() {
        let long = "x".repeat(1 << 20);
        let wire = serde_json::json!({
            "id": "1", "name": format!("\u{202e}maple\u{0}.{long}"), "hostname": long, "os": "a\nb", "user": long,
            "tags": [long, "tag:web"],
        });
        let device = Plain::from(serde_json::from_value::<Device>(wire).unwrap());
        assert!(device.name.starts_with("maple."), "{}", device.name);
        for text in [&device.name, &device.hostname, &device.user_login, &device.tags[0]] {
            assert!(text.chars().count() <= 255 && !text.contains(char::is_control));
        }
        assert_eq!((device.os.as_str(), device.tags[1].as_str()), ("a b", "tag:web"));
    }
}
