//! Golden files, the real tools on them, laws, and real packets in network namespaces.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says on stdout what it skips; clippy knows test functions only, not what they call"
)]

mod cases;
mod golden;
mod laws;
mod namespaces;
mod reading;
mod sandbox;
mod shapes;
mod tools;
