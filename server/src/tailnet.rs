//! One tailnet: what is read of it, who works on it, and the only write of its policy.

pub mod elsewhere;
pub mod exposures;
mod inventory;
pub mod known;
mod lease;
pub mod policy_file;
pub mod renewal;
pub mod snapshot;

pub use inventory::{Inventory, SharedTo, name_of};
pub use lease::Lease;
