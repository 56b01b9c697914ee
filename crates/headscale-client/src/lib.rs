//! The API v1 of Headscale, spoken as a [`control_plane::ControlPlane`] with an API key.
//!
//! What it talks to is found out by asking ([`Version`]). Refusals are read in both shapes, also those that come as 500;
//! a blank page means that a call is not there. The policy is written over v1 on every version, since v2 turns comments
//! into spaces; there is no condition, so it is read before and after. Facts: `headscale-answers`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod client;
pub mod names;
mod plane;
mod policy;
mod refusal;
mod version;
mod wire;

pub use calls::{AddressError, Limits, PlainHttp, Trust};
pub use client::{BuildError, HeadscaleClient, Server};
pub use version::Version;
