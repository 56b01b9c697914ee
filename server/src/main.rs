//! Parse the command, load the configuration, go.

fn main() {}
