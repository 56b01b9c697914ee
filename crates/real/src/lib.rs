//! The app on a real Headscale, with real clients and packets: `cargo xtask real`.
//!
//! A server and three machines in network namespaces ([`Stage`]), and the app driven by HTTP ([`Person`]) through the life
//! of one share ([`play`]), with a claim for everything that has to be true. The driving half is tested against the
//! simulator, the namespaces with plain processes.

mod app;
mod claims;
pub mod game;
mod network;
mod person;
mod play;
mod provider;
mod server;
mod stage;
mod wires;

pub use app::App;
pub use claims::Claims;
pub use network::{Network, Programs};
pub use person::Person;
pub use play::{Packets, Unseen, play};
pub use provider::Provider;
pub use server::{Mode, Server};
pub use stage::{Lines, Running, Stage};
pub use wires::wires;
