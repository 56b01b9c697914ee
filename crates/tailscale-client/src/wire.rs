//! The vendor's spelling of everything, and how leniently it is read.
//!
//! Source: Tailscale's API description (July 2026) and observed deviations from it. `camelCase` throughout; times
//! may be empty strings; arrays may be `null`; ids are strings in some places and numbers in others.

#![expect(clippy::struct_field_names, reason = "the vendor's spelling")]

pub mod device;
pub mod error;
pub mod invite;
pub mod key;
pub mod policy;
pub mod settings;
pub mod token;
pub mod user;
