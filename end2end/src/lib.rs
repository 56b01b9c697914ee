//! Journeys in a real browser: the pieces that they are told with.
//!
//! A journey starts its own app ([`App`]) as a child process, and every person in it is a [`Visitor`] with a browser
//! context of their own. The binary comes from `ACEQUIA_TEST_BIN`, as `cargo xtask test` sets it.

pub mod aloud;
pub mod app;
pub mod axe;
pub mod browser;
pub mod keyboard;
pub mod mailbox;
pub mod provider;
pub mod stage;
pub mod thumbs;
pub mod visitor;
pub mod wire;

pub use app::App;
pub use browser::journey;
pub use keyboard::Keyboard;
pub use mailbox::Mailbox;
pub use stage::Stage;
pub use visitor::{Script, Visitor};
