//! The life of a share in this process: what the crate `sharing` decides is read and done here.

mod observe;
mod perform;
mod record;
mod work;

pub use observe::policy_facts;
pub use work::{Flow, Halt, Work, plain, steps};
