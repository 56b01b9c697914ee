//! What several pages draw.

pub mod choices;
pub mod code;
pub mod console;
pub mod diff;
pub mod empty;
pub mod exposure;
pub mod field;
pub mod follow;
pub mod gate;
pub mod head;
pub mod history;
pub mod icon;
pub mod join;
pub mod listing;
pub mod long;
pub mod more;
pub mod ports;
pub mod qr;
pub mod reach;
pub mod reach_graph;
pub mod snippet;
pub mod until;
pub mod when;
