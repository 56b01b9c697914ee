//! Who reaches what in a connected tailnet: the policy engine's answers on what was last read, worked out once per
//! policy and network and shared by every request.

mod answer;
pub mod around;
mod cache;
mod cells;
mod findings;
mod found;
mod highlight;
mod known;
mod telling;

pub use answer::Answer;
pub use cache::{Cache, Seen, of};
pub use cells::{Cell, cell};
pub use findings::fingerprint;
pub use found::{Findings, Found};
pub use highlight::{Piece, Shade, highlight};
pub use known::{Judged, Known};
pub use telling::{first_lines, lines, place, ports_in_words, rule_line, told};
