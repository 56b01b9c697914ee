//! The engine on a small world of our own, so that a plain clone checks it without the captured vectors.

#![expect(clippy::unwrap_used, reason = "a world that does not parse is a failed test")]

mod filters;
mod hostile;
mod refusals;
mod sections;
mod world;
