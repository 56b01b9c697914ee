//! The life of a share: from what was agreed, what was begun and what is seen at the control plane to the one thing
//! that is done next. Pure: whoever calls reads what [`decide()`] asks for, does what it says, and asks again.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod action;
mod apply;
mod decide;
mod drift;
mod end;
pub mod exposure;
pub mod guest;
mod invite;
pub mod journal;
pub mod observation;
mod pause;
pub mod rule;
pub mod share;
pub mod trail;
pub mod trouble;
pub mod words;

pub use action::{Action, Deed, How, InviteEnd, ReviewWhy, What};
pub use decide::decide;
pub use drift::look_at_filed;
pub use journal::{AgreedLine, Approval, Former, InviteDeed, Journal};
pub use observation::{
    Accepting, Observation, Other, PolicySeen, Proposal, Reading, SeenInvite, SeenMachine, SeenPlan, Under,
    Unmarked,
};
pub use share::{Moment, Share, Steps};
