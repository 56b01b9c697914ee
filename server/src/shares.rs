//! The life of a share in this process: what the crate `sharing` decides is read and done here.

mod invite;
mod observe;
mod perform;
mod record;
mod work;
mod write;

pub use observe::{chosen, plan_facts, policy_facts};
pub use work::{Flow, Halt, Work, plain, steps};
