//! The versions, and what they have in common.

use serde::{Deserialize, Serialize};

/// A version of Headscale, as far as its answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// v1 by a gRPC gateway, a blank page for whatever is not there, no `policy/check`.
    #[serde(rename = "0.28")]
    V0_28,
    /// As 0.28, with `policy/check` and 404 for what is not there.
    #[serde(rename = "0.29")]
    V0_29,
    /// Unreleased: another v1 server with strict bodies, and v2 beside it.
    #[serde(rename = "0.30")]
    V0_30,
}

impl Dialect {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::V0_28, Self::V0_29, Self::V0_30];

    /// Whether v1 is served by the gRPC gateway.
    pub fn has_gateway(self) -> bool {
        self < Self::V0_30
    }

    /// The language of its policies. 0.30 takes and refuses what 0.29 does, in the same words.
    pub const fn language(self) -> policy::Dialect {
        match self {
            Self::V0_28 => policy::Dialect::Headscale028,
            Self::V0_29 | Self::V0_30 => policy::Dialect::Headscale029,
        }
    }

    /// What `GET /version` says: version, commit and time of the build. The snapshot of 0.30 calls itself 0.29.
    pub(crate) fn build(self) -> [&'static str; 3] {
        match self {
            Self::V0_28 => ["v0.28.0", "97fa117c48a58bee3941e5e8b4393873501afe14", "2026-02-04T20:26:22Z"],
            Self::V0_29 => ["v0.29.2", "8eea89488c642f3d5f617fab5493d5f51f6f4ad0", "2026-07-01T14:47:39Z"],
            Self::V0_30 => [
                "v0.29.1-0.20260721112835-f20f1f127842",
                "f20f1f127842c74dd5f6e10254307b65b1aee936",
                "2026-07-21T11:28:35Z",
            ],
        }
    }
}
