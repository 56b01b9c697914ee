//! The only parts of pages that run in the browser. Each one is useful as plain HTML before it wakes.

mod copy;
mod filter;
mod live;
mod theme;

pub use copy::Copy;
pub use filter::Filter;
pub use live::Live;
pub use theme::Theme;
