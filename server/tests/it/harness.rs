//! What tests of the server are written with.

pub mod app;
pub mod browser;
pub mod database;
pub mod neighbours;
pub mod provider;
pub mod world;

pub use app::TestApp;
pub use browser::{Answer, Browser};
pub use world::World;
