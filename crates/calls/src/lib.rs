//! Calls to control planes over HTTP: what their clients have in common.
//!
//! To which addresses credentials may go ([`address`]), how long is waited and how much is read ([`Limits`]), one call and
//! when it is made again ([`Caller`]), the connections that are kept for it ([`Connections`]), its answer ([`Answer`]), readers for what is sent in place of what was promised
//! ([`lenient`]), words without secrets ([`words`]), and how calls went ([`Tally`]).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod address;
mod answer;
mod call;
mod caller;
mod connections;
pub mod lenient;
mod tally;
pub mod words;

pub use address::{AddressError, PlainHttp};
pub use answer::{Answer, retry_after};
pub use call::Call;
pub use caller::{Caller, CallerError, Limits, Trust};
pub use connections::Connections;
pub use tally::{Outcome, Tally};
