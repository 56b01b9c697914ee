//! What tests of the server are written with.

pub mod app;
pub mod browser;
pub mod cluster;
pub mod community;
pub mod connections;
pub mod database;
pub mod hang_up;
pub mod instance;
pub mod left_over;
pub mod logs;
pub mod mailbox;
pub mod neighbours;
pub mod people;
pub mod provider;
pub mod receiver;
pub mod rest;
pub mod rows;
pub mod served;
pub mod statements;
pub mod tmpfs;
pub mod witness;
pub mod world;

pub use app::TestApp;
pub use browser::{Answer, Browser};
pub use people::Who;
pub use world::World;
