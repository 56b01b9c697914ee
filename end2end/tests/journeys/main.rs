//! Journeys in a real browser, with and without script.

mod answers;
mod beforehand;
mod bring_in;
mod circles;
mod clicks;
mod drift;
mod every_page;
mod firewall;
mod first_visit;
mod follows;
mod graph;
mod handover;
mod keyboard;
mod life;
mod look;
mod minecraft;
mod servers;
mod sign_in;
mod steps;
mod widened;
mod worlds;
mod zones;
