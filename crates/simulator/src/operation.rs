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
                match (method.as_str(), path) {
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
