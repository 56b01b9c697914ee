//! The Tailscale API v2, spoken as a [`control_plane::ControlPlane`].
//!
//! [`wire`] has the vendor's words and quirks, [`TailscaleClient`] the behaviour: which credential for which call,
//! tokens that are renewed, retries that never repeat a write, answers of bounded size, errors without secrets.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod abilities;
mod call;
mod client;
mod plane;
mod token;
mod wire;

pub use calls::Limits;
pub use client::{BuildError, ClientCredential, Tailnet, TailscaleClient};
pub use token::Tokens;
