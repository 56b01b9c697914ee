//! The host of a machine: the text that is made for it, how it gets there, and what it tells.

mod pull;
mod revision;
mod status;

pub use pull::pulled;
pub use revision::*;
pub use status::{friends_of, put_friends, told_status};
