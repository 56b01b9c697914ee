//! Settings: read only.

use serde_json::json;

use crate::headscale::refusal::Refusal;
use crate::headscale::routes::{Answer, Call};
use crate::headscale::wire::Reply;

/// That the policy is kept in a file is the only thing that differs from server to server.
pub fn get(call: &mut Call<'_>) -> Answer {
    Ok(Reply::json(&json!({
        "aclsExternallyManagedOn": call.server.policy.is_file(), "aclsExternalLink": "",
        "devicesApprovalOn": false, "devicesAutoUpdatesOn": false, "devicesKeyDurationDays": 0,
        "usersApprovalOn": false, "usersRoleAllowedToJoinExternalTailnets": "none",
        "networkFlowLoggingOn": false, "regionalRoutingOn": false, "postureIdentityCollectionOn": false,
        "httpsEnabled": false,
    })))
}

pub fn update(_: &mut Call<'_>) -> Answer {
    Err(Refusal::v2(501, "updating tailnet settings is not supported by Headscale"))
}
