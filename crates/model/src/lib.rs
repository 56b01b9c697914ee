//! The nouns of Acequia, parsed at construction.
//!
//! Whatever holds a [`PortSet`], a [`Login`] or a [`ShareState`] holds a valid one: the checks are here and
//! nowhere else. No IO, no clock, no randomness; builds for wasm.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod characters;
#[cfg(feature = "sqlx")]
mod columns;
pub mod ids;
pub mod login;
pub mod node;
pub mod ports;
pub mod revision;
pub mod share;
pub mod standing;
pub mod text;
pub mod time;

pub use ids::{Id, NodeId, OfferId, PersonId, ServiceId, ShareId, StrayId, TailnetId};
pub use login::Login;
pub use node::NodeFilter;
pub use ports::{PortRange, PortSet, Protocol, ServicePorts};
pub use revision::Revision;
pub use share::{Attention, EndReason, Need, Phase, ShareState, Step};
pub use standing::{ShareSide, Standing};
pub use text::{Name, Note};
pub use time::Timestamp;
