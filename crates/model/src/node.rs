//! Machines of a tailnet.

/// Which of them a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeFilter {
    /// Connected to the control plane now.
    Online,
    /// Known, and away or gone from the control plane's list.
    Away,
    /// Approved routes lead through it: a subnet router or an exit node.
    Routers,
    /// It has listed services.
    Listed,
}

impl NodeFilter {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Online, Self::Away, Self::Routers, Self::Listed];

    /// As in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Routers => "routers",
            Self::Listed => "listed",
        }
    }

    /// One of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|only| only.as_str() == text)
    }
}
