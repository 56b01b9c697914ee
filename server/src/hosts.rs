//! The host of a machine: the text that is made for it, how it gets there, and what it tells.

mod pull;
mod revision;
mod status;

pub use pull::pulled;
pub use revision::{
    Own, RevisionError, chosen, current_input, input, renew, renew_all, shares_in_text, shares_of_input,
    try_renew,
};
pub use status::{friends_of, put_friends, told_status};
