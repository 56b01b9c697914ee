//! The life of a share in this process: what the crate `sharing` decides is read and done here.

mod invite;
mod observe;
mod perform;
mod record;
mod standing;
mod work;
mod write;

pub use observe::{chosen, plan_facts, policy_facts};
pub use record::{begin_end, drifted, entry, stop, store};
pub use standing::may_go_on;
pub use work::{Flow, Halt, Work, moment, plain, steps};
