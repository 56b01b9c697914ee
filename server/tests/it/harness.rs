//! What tests of the server are written with.

pub mod app;
pub mod browser;
pub mod cluster;
pub mod connections;
pub mod database;
pub mod hang_up;
pub mod instance;
pub mod logs;
pub mod neighbours;
pub mod provider;
pub mod rest;
pub mod served;
pub mod statements;
pub mod tmpfs;
pub mod witness;
pub mod world;

pub use app::TestApp;
pub use browser::{Answer, Browser};
pub use world::World;
