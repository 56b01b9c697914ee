//! Device invites. Numbers for ids, and `profilePicUrl` here against `profilePicURL` in the answer to an accept.

use std::net::IpAddr;

use calls::lenient;
use control_plane::{AcceptedInvite, DeviceId, Invite as Plain, InviteId, NewInvite, Secret};
use model::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    #[serde(default, deserialize_with = "lenient::time")]
    created: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::id")]
    device_id: String,
    #[serde(default)]
    multi_use: bool,
    #[serde(default)]
    allow_exit_node: bool,
    #[serde(default, deserialize_with = "lenient::nullable")]
    email: String,
    #[serde(default, deserialize_with = "lenient::nullable")]
    invite_url: String,
    #[serde(default)]
    accepted: bool,
    #[serde(default)]
    accepted_by: Option<Acceptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acceptor {
    #[serde(deserialize_with = "lenient::name")]
    login_name: String,
}

impl From<Invite> for Plain {
    fn from(wire: Invite) -> Self {
        Self {
            id: InviteId::new(wire.id),
            device: DeviceId::new(wire.device_id),
            url: Some(wire.invite_url).filter(|url| !url.is_empty()).map(Secret::new),
            created: wire.created,
            multi_use: wire.multi_use,
            allow_exit_node: wire.allow_exit_node,
            email: Some(wire.email).filter(|email| !email.is_empty()),
            accepted: wire.accepted,
            accepted_by: wire.accepted_by.map(|by| by.login_name),
        }
    }
}

/// One element of the array that `POST /device/{id}/device-invites` takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInvite<'a> {
    multi_use: bool,
    allow_exit_node: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

impl<'a> From<&'a NewInvite> for CreateInvite<'a> {
    fn from(new: &'a NewInvite) -> Self {
        Self { multi_use: new.multi_use, allow_exit_node: new.allow_exit_node, email: new.email.as_deref() }
    }
}

#[derive(Serialize)]
pub struct Accept<'a> {
    pub invite: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    device: AcceptedDevice,
    sharer: Acceptor,
    accepted_by: Acceptor,
}

#[derive(Deserialize)]
struct AcceptedDevice {
    #[serde(deserialize_with = "lenient::id")]
    id: String,
    fqdn: String,
    #[serde(default)]
    ipv4: Option<String>,
    #[serde(default)]
    ipv6: Option<String>,
}

impl From<Accepted> for AcceptedInvite {
    fn from(wire: Accepted) -> Self {
        let texts = [wire.device.ipv4, wire.device.ipv6];
        let addresses = texts.iter().flatten().filter_map(|text| text.parse::<IpAddr>().ok()).collect();
        Self {
            device: DeviceId::new(wire.device.id),
            name: wire.device.fqdn.trim_end_matches('.').to_owned(),
            addresses,
            sharer: wire.sharer.login_name,
            accepted_by: wire.accepted_by.login_name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_has_numbers_for_ids_and_leaves_out_what_is_false() {
        let wire: Invite = serde_json::from_str(
            r#"{"id":"12346","created":"2024-04-03T21:38:49.333829261Z","tailnetId":59954,"deviceId":11055,
                "sharerId":22012,"email":"","lastEmailSentAt":"","inviteUrl":"https://login.tailscale.com/admin/invite/x",
                "accepted":true,"acceptedBy":{"id":33223,"loginName":"ben@example.org","profilePicUrl":""}}"#,
        )
        .unwrap();
        let invite = Plain::from(wire);
        assert_eq!(invite.device.as_str(), "11055");
        assert_eq!(invite.accepted_by.as_deref(), Some("ben@example.org"));
        assert!(invite.email.is_none() && !invite.multi_use);
        assert!(!format!("{invite:?}").contains("login.tailscale.com"));
    }
}
