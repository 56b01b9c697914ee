//! The nouns of Acequia, parsed at construction.
//!
//! Whatever holds a [`PortSet`], a [`Login`] or a [`ShareState`] holds a valid one: the checks are here and
//! nowhere else. No IO, no clock, no randomness; builds for wasm.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod ask;
pub mod attention;
pub mod audit;
pub mod changed;
pub mod characters;
#[cfg(feature = "sqlx")]
mod columns;
pub mod edit;
pub mod guest;
pub mod heard;
pub mod host;
pub mod ids;
pub mod job;
pub mod join;
pub mod joining;
pub mod login;
pub mod looks;
pub mod node;
pub mod notice;
pub mod plane;
pub mod ports;
pub mod retention;
pub mod revision;
pub mod secrets;
pub mod service;
pub mod share;
pub mod share_event;
pub mod standing;
pub mod step;
pub mod text;
pub mod time;
pub mod unmanaged;
pub mod words;
pub mod zone;

pub use ask::{AskAnswer, Wished};
pub use attention::{Attention, CallError, Need, Trouble};
pub use audit::{EntryKind, ObjectKind, TailnetRole};
pub use changed::Changed;
pub use edit::{EditKind, EditState};
pub use guest::GuestWay;
pub use heard::{Channel, HeardAs, HeardKind};
pub use ids::{AskId, CircleId, Id, NodeId, OfferId, PersonId, ServiceId, ShareId, TailnetId, UnmanagedId};
pub use job::JobKind;
pub use join::JoinPort;
pub use joining::{JoiningState, NewNode};
pub use login::Login;
pub use node::NodeFilter;
pub use notice::NoticeKind;
pub use plane::PlaneKind;
pub use ports::{PortRange, PortSet, Protocol, ServicePorts};
pub use revision::Revision;
pub use service::{Audience, DeclaredTo, ServiceKind};
pub use share::{Decision, EndReason, Phase, ShareState};
pub use share_event::{OpenBy, ShareEvent};
pub use standing::{ShareSide, Standing};
pub use step::{Step, StepPhase};
pub use text::{Name, Note};
pub use time::Timestamp;
pub use unmanaged::UnmanagedKind;
pub use words::WordError;
pub use zone::Zone;
