//! Build, demo and test: the only build tool.
fn main() {}
