#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

pub mod accounts;
mod budget;
pub mod compile;
pub mod diff;
pub mod doubt;
pub mod duration;
mod error;
pub mod explain;
pub mod exposure;
mod headscale;
pub mod lint;
pub mod membership;
pub mod narrow;
pub mod network;
pub mod posture;
mod quote;
pub mod reach;
pub mod resolve;
pub mod set;
pub mod share;
pub mod splice;
pub mod ssh;
pub mod syntax;
pub mod tests;
pub mod unshare;
pub mod withhold;

pub use accounts::{NameClash, UnknownName, check_names};
pub use compile::{Checked, Compiled, check, compile, run_tests, validate};
pub use diff::{Diff, diff};
pub use doubt::{Doubt, doubts};
pub use error::{PolicyError, PolicyErrorKind};
pub use exposure::{Exposure, exposure};
pub use lint::{Lint, lint};
pub use narrow::{Narrowing, narrow};
pub use network::{Network, NetworkError};
pub use reach::{Engine, Query, Target, Who};
pub use resolve::{Resolved, ResolvedRule, resolve};
pub use share::{Mode, SharePlan, ShareRequest, share};
pub use syntax::{Dialect, Language, Policy, Reading, RuleRef, Section};
pub use unshare::{ShareRules, marked_rules, unshare, unshare_matching};
pub use withhold::{WithholdError, Withholding, withhold};
