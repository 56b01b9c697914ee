//! A Headscale as the control plane of a network: connected, read, lent on, and taken back, over the real client.

mod beforehand;
mod connecting;
mod faults;
mod file_mode;
mod filed_names;
mod guest_faults;
mod guest_later;
mod guests;
mod handed;
mod households;
mod kills;
mod learns;
mod life;
mod loading;
mod names;
mod owners;
mod renewal;
mod told;
mod widened;
mod words;

use simulator::Dialect;

/// The versions that are written.
const VERSIONS: [Dialect; 3] = Dialect::ALL;
