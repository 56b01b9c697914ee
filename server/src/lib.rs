//! The answers: store, use cases, jobs and the web around them.

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod failure;
pub mod health;
pub mod jobs;
pub mod listen;
pub mod log;
pub mod plan;
pub mod planes;
pub mod probe;
pub mod providers;
pub mod random;
pub mod reach;
pub mod revision;
pub mod router;
pub mod rule;
pub mod secrets;
pub mod services;
pub mod store;
pub mod text_diff;
pub mod text_merge;
pub mod use_cases;
pub mod web;
pub mod words;
