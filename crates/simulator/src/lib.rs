#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod api;
mod clock;
mod control;
mod engine;
mod fault;
mod gate;
pub mod headscale;
mod hold;
mod keep;
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
pub use headscale::{Dialect, HeadscaleView, MachineView};
pub use hold::{Hold, Moment};
pub use keep::{Kept, KeptError, Ports};
pub use operation::{Operation, Target};
pub use serve::{Listen, Simulator};
pub use world::{World, WorldError};
