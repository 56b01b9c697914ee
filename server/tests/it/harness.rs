//! What tests of the server are written with.

pub mod app;
pub mod browser;
pub mod database;
pub mod logs;
pub mod instance;
pub mod neighbours;
pub mod provider;
#[expect(dead_code, reason = "used by the next test")]
pub mod statements;
pub mod world;

pub use app::TestApp;
pub use browser::{Answer, Browser};
pub use world::World;
