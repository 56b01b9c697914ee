//! Who reaches what in a connected tailnet: the policy engine's answers on what was last read, worked out once per
//! policy and network and shared by every request.

mod answer;
mod cache;
mod cells;
mod evaluation;
mod finding;
mod findings;
mod guarded;
mod highlight;
pub mod neighbourhood;
mod settled;
mod telling;

pub use answer::Answer;
pub use cache::{Cache, CachedReach, of};
pub use cells::{Cell, cell};
pub use evaluation::{Evaluation, ReachModel};
pub use finding::{Finding, Findings, FixText};
pub use findings::fingerprint;
pub use guarded::let_in;
pub use highlight::{Piece, Shade, highlight};
pub use settled::Settled;
pub use telling::{first_lines, lines, place, ports_in_words, rule_line, without_echo};
