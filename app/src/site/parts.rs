//! What several pages draw.

pub mod choices;
pub mod diff;
pub mod ditch;
pub mod empty;
pub mod field;
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
pub mod snippet;
pub mod when;
