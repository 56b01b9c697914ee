//! What a control plane is, as far as anything is done or said differently.

use crate::words::words;

words! {
    /// Whose control plane a tailnet has. Which Headscale it is was found out by asking.
    PlaneKind, "kind of control plane":
    /// The hosted one, or a simulator that speaks its API.
    Tailscale = "tailscale",
    /// A Headscale before 0.28: read, and never written.
    HeadscaleOlder = "headscale-older",
    /// A policy cannot be checked there without writing it.
    Headscale028 = "headscale-0.28",
    /// The one that most have.
    Headscale029 = "headscale-0.29",
    /// It has another API beside.
    Headscale030 = "headscale-0.30",
}

impl PlaneKind {
    /// Whether it is a Headscale: one server, whose accounts are all members, without invites.
    pub const fn is_headscale(self) -> bool {
        !matches!(self, Self::Tailscale)
    }

    /// As people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tailscale => "Tailscale",
            Self::HeadscaleOlder => "Headscale, older than 0.28",
            Self::Headscale028 => "Headscale 0.28",
            Self::Headscale029 => "Headscale 0.29",
            Self::Headscale030 => "Headscale 0.30",
        }
    }
}
