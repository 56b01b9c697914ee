//! What runs here.

/// The version, and of a release its commit, as in `0.1.0 (1a2b3c4d5e6f)`; without one where it was built from an archive.
pub const VERSION: &str = env!("VERSION_WITH_COMMIT");
