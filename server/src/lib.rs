//! The answers: store, use cases, jobs and the web around them.

pub mod cli;
pub mod clock;
pub mod config;
pub mod failure;
pub mod providers;
pub mod random;
pub mod router;
pub mod secrets;
pub mod services;
pub mod store;
pub mod use_cases;
pub mod web;
