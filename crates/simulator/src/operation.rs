//! The calls of the API by name, for faults, holds and the log.

use axum::http::Method;
use serde::{Deserialize, Serialize};

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $method:ident $path:literal;)*) => {
        /// A call of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Operation {
            $($(#[$doc])* #[doc = concat!("`", stringify!($method), " ", $path, "`")] $name,)*
        }

        impl Operation {
            /// Which call this method and route are.
            pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
                Self::named(method.as_str(), path)
            }

            /// As [`Operation::of`], by the name of the method.
            pub(crate) fn named(method: &str, path: &str) -> Option<Self> {
                match (method, path) {
                    $((stringify!($method), $path) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    MintToken = POST "/api/v2/oauth/token";
    ListDevices = GET "/api/v2/tailnet/{tailnet}/devices";
    GetDevice = GET "/api/v2/device/{id}";
    DeleteDevice = DELETE "/api/v2/device/{id}";
    GetRoutes = GET "/api/v2/device/{id}/routes";
    SetRoutes = POST "/api/v2/device/{id}/routes";
    ListInvites = GET "/api/v2/device/{id}/device-invites";
    CreateInvites = POST "/api/v2/device/{id}/device-invites";
    GetInvite = GET "/api/v2/device-invites/{id}";
    DeleteInvite = DELETE "/api/v2/device-invites/{id}";
    ResendInvite = POST "/api/v2/device-invites/{id}/resend";
    AcceptInvite = POST "/api/v2/device-invites/-/accept";
    ListUsers = GET "/api/v2/tailnet/{tailnet}/users";
    GetUser = GET "/api/v2/users/{id}";
    GetPolicy = GET "/api/v2/tailnet/{tailnet}/acl";
    SetPolicy = POST "/api/v2/tailnet/{tailnet}/acl";
    PreviewPolicy = POST "/api/v2/tailnet/{tailnet}/acl/preview";
    ValidatePolicy = POST "/api/v2/tailnet/{tailnet}/acl/validate";
    GetSettings = GET "/api/v2/tailnet/{tailnet}/settings";
    UpdateSettings = PATCH "/api/v2/tailnet/{tailnet}/settings";
    ListKeys = GET "/api/v2/tailnet/{tailnet}/keys";
    CreateKey = POST "/api/v2/tailnet/{tailnet}/keys";
    GetKey = GET "/api/v2/tailnet/{tailnet}/keys/{id}";
    DeleteKey = DELETE "/api/v2/tailnet/{tailnet}/keys/{id}";
    SetDeviceName = POST "/api/v2/device/{id}/name";
    SetDeviceTags = POST "/api/v2/device/{id}/tags";
    SetDeviceKey = POST "/api/v2/device/{id}/key";
    AuthorizeDevice = POST "/api/v2/device/{id}/authorized";
    V1Health = GET "/api/v1/health";
    V1ListUsers = GET "/api/v1/user";
    V1CreateUser = POST "/api/v1/user";
    V1RenameUser = POST "/api/v1/user/{id}/rename/{name}";
    V1DeleteUser = DELETE "/api/v1/user/{id}";
    V1ListNodes = GET "/api/v1/node";
    V1RegisterNode = POST "/api/v1/node/register";
    V1BackfillNodeIps = POST "/api/v1/node/backfillips";
    V1GetNode = GET "/api/v1/node/{id}";
    V1DeleteNode = DELETE "/api/v1/node/{id}";
    V1ExpireNode = POST "/api/v1/node/{id}/expire";
    V1RenameNode = POST "/api/v1/node/{id}/rename/{name}";
    V1SetTags = POST "/api/v1/node/{id}/tags";
    V1SetApprovedRoutes = POST "/api/v1/node/{id}/approve_routes";
    V1DebugCreateNode = POST "/api/v1/debug/node";
    V1AuthRegister = POST "/api/v1/auth/register";
    V1AuthApprove = POST "/api/v1/auth/approve";
    V1AuthReject = POST "/api/v1/auth/reject";
    V1ListPreAuthKeys = GET "/api/v1/preauthkey";
    V1CreatePreAuthKey = POST "/api/v1/preauthkey";
    V1DeletePreAuthKey = DELETE "/api/v1/preauthkey";
    V1ExpirePreAuthKey = POST "/api/v1/preauthkey/expire";
    V1ListApiKeys = GET "/api/v1/apikey";
    V1CreateApiKey = POST "/api/v1/apikey";
    V1ExpireApiKey = POST "/api/v1/apikey/expire";
    V1DeleteApiKey = DELETE "/api/v1/apikey/{prefix}";
    V1GetPolicy = GET "/api/v1/policy";
    V1SetPolicy = PUT "/api/v1/policy";
    V1CheckPolicy = POST "/api/v1/policy/check";
}

/// Which calls a fault or a hold is for. The default is: the next one, whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// This call only.
    pub operation: Option<Operation>,
    /// Calls with a credential of this tailnet only (its name in the world). Minting a token has none yet.
    pub tailnet: Option<String>,
}

impl Target {
    /// Whether a call is meant.
    pub(crate) fn matches(&self, operation: Operation, tailnet: Option<&str>) -> bool {
        self.operation.is_none_or(|wanted| wanted == operation)
            && self.tailnet.as_deref().is_none_or(|wanted| Some(wanted) == tailnet)
    }
}

impl From<Operation> for Target {
    fn from(operation: Operation) -> Self {
        Self { operation: Some(operation), tailnet: None }
    }
}
