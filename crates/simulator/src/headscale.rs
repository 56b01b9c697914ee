//! A simulated Headscale: users, machines, keys and one policy, in the dialect of three versions.
//!
//! What it says is what real servers said (`headscale-answers`); a test replays every recorded exchange. Nothing in here
//! knows of sockets: a [`wire::Request`] becomes a [`wire::Reply`].

mod control;
mod dialect;
mod fields;
mod ids;
mod refusal;
mod routes;
mod serve;
mod state;
mod v1;
mod v2;
mod verdict;
mod wire;
pub mod world;

pub use control::{HeadscaleView, MachineView};
pub use dialect::Dialect;
pub use verdict::policy_verdict;

pub(crate) use serve::router;
pub(crate) use state::Server;
