//! Machines of a tailnet.

use crate::words::words;

words! {
    /// Which machines a list shows.
    NodeFilter, "kind of machine to look for":
    /// Connected to the control plane now.
    Online = "online",
    /// Known, and away or gone from the control plane's list.
    Away = "away",
    /// Approved routes lead through it: a subnet router or an exit node.
    Routers = "routers",
    /// It has listed services.
    Listed = "listed",
}

impl NodeFilter {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Away => "Away or gone",
            Self::Routers => "Routers and exit nodes",
            Self::Listed => "With services",
        }
    }
}
