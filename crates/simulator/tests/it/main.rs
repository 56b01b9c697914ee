//! The simulator through the real client, and what it says on the wire.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod contract;
mod controls;
mod faults;
mod headscale;
mod kept;
mod other_client;
mod outside_clients;
mod replay;
mod stage;
mod wire;
mod worlds;
