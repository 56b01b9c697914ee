//! Ids that a control plane gave out: opaque text, kept as received.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id as the control plane wrote it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// As the control plane wrote it; not yet fit for a URL path.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A machine.
    DeviceId;
    /// An invite to use a machine.
    InviteId;
    /// An account in the control plane.
    UserId;
    /// A credential or an auth key; the id is no secret.
    KeyId;
}
