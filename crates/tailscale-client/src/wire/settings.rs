//! `GET /tailnet/{t}/settings`. A token without the scopes gets `{}`, not 403.

use control_plane::Settings as Plain;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    acls_externally_managed_on: Option<bool>,
    acls_external_link: Option<String>,
    devices_approval_on: Option<bool>,
    users_approval_on: Option<bool>,
    users_role_allowed_to_join_external_tailnets: Option<String>,
}

impl From<Settings> for Plain {
    fn from(wire: Settings) -> Self {
        Self {
            policy_managed_elsewhere: wire.acls_externally_managed_on,
            policy_link: wire.acls_external_link.filter(|link| !link.is_empty()),
            devices_need_approval: wire.devices_approval_on,
            users_need_approval: wire.users_approval_on,
            who_may_join_others: wire.users_role_allowed_to_join_external_tailnets,
        }
    }
}
