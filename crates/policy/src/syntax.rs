//! The policy file as written: typed sections in which every rule knows its place in the text.
//!
//! Nothing is resolved here and selectors are still text: what they mean depends on the network, see
//! [`resolve`](mod@crate::resolve). Section and field names match without regard to case, because old files have
//! them capitalised; unknown ones are kept and reported.

mod dialect;
mod document;
mod fields;
mod place;
pub mod port;
pub mod protocol;
mod reading;
mod rule;
mod section;

pub use dialect::{Dialect, DialectError, Language};
pub use document::{AutoApprovers, Named, Policy, UnknownField};
pub use place::{RuleRef, Text};
pub use reading::Reading;
pub use rule::{Acl, Grant, NodeAttr, PolicyTest, SshRule, SshTest};
pub use section::Section;
