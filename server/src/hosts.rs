//! The host of a machine: the text that is made for it, how it gets there, and what it tells.

mod error;
mod listing;
mod pull;
mod revision;
mod server;
mod speaking;
mod status;

pub use error::RevisionError;
pub use listing::{Listing, told_services};
pub use pull::pulled;
pub use revision::{
    chosen, current_input, input, lets_in, renew, renew_all, shares_in_text, shares_of_input, try_renew,
};
pub use server::Server;
pub use speaking::speaking;
pub use status::{friends_of, put_friends, told_status};
