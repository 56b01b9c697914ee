//! The two halves without a Headscale: the app driven by HTTP on the simulated one, and the namespaces with plain processes;
//! and the whole, where there is one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, one that is skipped says why"
)]

mod on_the_wire;
mod simulated;
mod wires;
