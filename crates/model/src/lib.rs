//! The nouns of Acequia, parsed at construction.
//!
//! Whatever holds a [`PortSet`], a [`Login`] or a [`ShareState`] holds a valid one: the checks are here and
//! nowhere else. No IO, no clock, no randomness; builds for wasm.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod attention;
pub mod audit;
pub mod characters;
#[cfg(feature = "sqlx")]
mod columns;
pub mod edit;
pub mod ids;
pub mod job;
pub mod joining;
pub mod login;
pub mod node;
pub mod ports;
pub mod revision;
pub mod service;
pub mod share;
pub mod standing;
pub mod stray;
pub mod text;
pub mod time;
pub mod words;

pub use attention::{Attention, CallError, Need, Trouble};
pub use audit::ObjectKind;
pub use edit::{EditKind, EditState};
pub use ids::{Id, NodeId, OfferId, PersonId, ServiceId, ShareId, StrayId, TailnetId};
pub use job::JobKind;
pub use joining::{JoiningState, NewNode};
pub use login::Login;
pub use node::NodeFilter;
pub use ports::{PortRange, PortSet, Protocol, ServicePorts};
pub use revision::Revision;
pub use service::{Audience, ServiceKind};
pub use share::{Decision, EndReason, Phase, ShareState, Step, StepPhase};
pub use standing::{ShareSide, Standing};
pub use stray::StrayKind;
pub use text::{Name, Note};
pub use time::Timestamp;
pub use words::WordError;
