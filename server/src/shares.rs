//! The life of a share in this process: what the crate `sharing` decides is read and done here.

mod farewell;
mod guest;
mod invite;
mod login;
mod observe;
mod perform;
mod planning;
mod record;
mod standing;
mod told;
mod work;
mod write;

pub use guest::without_newcomer;
pub use login::login_of_friend;
pub use observe::{chosen, facts_among, plan_facts, policy_facts};
pub use planning::{Planned, Unplanned, opens_more, planned};
pub use record::{begin_end, drifted, entry, stop, store, to_review};
pub use standing::may_go_on;
pub use told::told_filter;
pub use work::{Flow, Halt, Work, moment, plain, steps};
