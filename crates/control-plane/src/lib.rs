//! What Acequia asks of a tailnet's control plane, in words of no vendor.
//!
//! One [`ControlPlane`] speaks for one tailnet with the credentials that its owner gave. Implementations live in
//! crates of their own (`tailscale-client`, `headscale-client`); all of them pass the suite in `contract`
//! (feature of the same name).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod credential;
pub mod device;
pub mod error;
pub mod ids;
pub mod invite;
pub mod key;
pub mod plane;
pub mod policy;
pub mod renewal;
pub mod secret;
pub mod settings;
pub mod user;

#[cfg(feature = "contract")]
pub mod contract;

pub use credential::{Ability, Actor, CredentialKind, CredentialReport, ListedApiKey};
pub use device::{Device, DeviceList};
pub use error::{ControlPlaneError, Detail};
pub use ids::{DeviceId, InviteId, KeyId, UserId};
pub use invite::{AcceptedInvite, Invite, NewInvite};
pub use key::{AuthKey, ListedAuthKey, NewAuthKey};
pub use plane::{Capabilities, ControlPlane};
pub use policy::{ETag, PolicyFile, Precondition, PreviewFor, PreviewMatch, Validation};
pub use secret::Secret;
pub use settings::Settings;
pub use user::{NewUser, User, UserKind};
