#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

pub mod compile;
pub mod duration;
mod error;
pub mod network;
pub mod posture;
mod quote;
pub mod resolve;
pub mod set;
pub mod ssh;
pub mod syntax;
pub mod tests;

pub use compile::{Compiled, compile};
pub use error::{PolicyError, PolicyErrorKind};
pub use network::{Network, NetworkError};
pub use resolve::{Resolved, ResolvedRule, resolve};
pub use syntax::{Policy, RuleRef, Section};
