//! A server that speaks the Tailscale API v2 for several tailnets at once, so that the app, its tests and the demo
//! run the real client over real HTTP without an account.
//!
//! A [`World`] is a file: tailnets with people, devices, policies and credentials. [`Simulator::start`] serves it on
//! two listeners: one for the API, one for [`Control`], which `serve` never has: faults on demand, calls held before
//! or after their effect, edits behind the app's back, the clock, and what was asked.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod api;
mod clock;
mod control;
mod engine;
mod fault;
mod gate;
mod hold;
mod operation;
mod policy_text;
mod rights;
mod serve;
mod state;
pub mod world;

pub use control::Control;
pub use control::views::{DeviceView, InviteView, PolicyView, ShareView, TailnetView};
pub use fault::{Fault, FaultRule};
pub use gate::LogEntry;
pub use hold::{Hold, Moment};
pub use operation::{Operation, Target};
pub use serve::{Listen, Simulator};
pub use world::{World, WorldError};
