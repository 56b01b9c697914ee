#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

pub mod duration;
mod error;
pub mod network;
mod quote;
pub mod resolve;
pub mod set;
pub mod syntax;

pub use error::{PolicyError, PolicyErrorKind};
pub use network::{Network, NetworkError};
pub use resolve::{Resolved, ResolvedRule, resolve};
pub use syntax::{Policy, RuleRef, Section};
