//! What tests of the server are written with.

pub mod app;
pub mod browser;
pub mod database;
pub mod instance;
pub mod logs;
pub mod neighbours;
pub mod provider;
pub mod rest;
#[expect(dead_code, reason = "used by the next test")]
pub mod statements;
pub mod world;

pub use app::TestApp;
pub use browser::{Answer, Browser};
pub use world::World;
