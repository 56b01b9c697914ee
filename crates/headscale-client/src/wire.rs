//! Headscale's spelling of everything: camelCase, ids as texts of numbers up to 2^64-1, null or year 1 for no time.

#![expect(clippy::struct_field_names, reason = "the vendor's spelling")]

pub mod about;
pub mod key;
pub mod node;
pub mod policy;
pub mod user;
