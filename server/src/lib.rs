//! The answers: store, use cases, jobs and the web around them.

pub mod store;
