//! The section `ssh`: who may log in where, as whom.

mod compile;
mod rule;

pub(crate) use compile::rules;
pub(crate) use rule::understood;
pub use rule::{ResolvedSsh, SshTarget, SshUsers, resolve_ssh};
