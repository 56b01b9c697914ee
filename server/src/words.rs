//! The sentences that people read, one module for each noun: plain functions of what they are made of. Whoever decides
//! picks one; what it says, and how, is changed here. `crates/xtask/tests/sentences.rs` looks that none stands elsewhere.

pub mod account;
pub mod ask;
pub mod audit;
pub mod catalogue;
pub mod checks;
pub mod circle;
pub mod credential;
pub mod edit;
pub mod exposure;
pub mod first_steps;
pub mod handover;
pub mod headscale;
pub mod host;
pub mod household;
pub mod join;
pub mod join_server;
pub mod joining;
pub mod lender;
pub mod member;
pub mod notice;
pub mod offer;
pub mod person;
pub mod reach;
pub mod service;
pub mod settings;
pub mod share;
pub mod tailnet;
pub mod telling;
pub mod unmanaged;
pub mod untold;
pub mod verdict;
