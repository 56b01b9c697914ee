//! One share as the host sees it: ports, perhaps addresses, perhaps an end.

use std::collections::BTreeSet;

use model::{Protocol, ServicePorts, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Label, Opening, TailnetAddress};

/// A share of the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which one, for comments.
    pub label: Label,
    /// What it opens, never empty.
    pub ports: ServicePorts,
    /// The friend's device addresses, if they are known: then only these, and never an empty set.
    /// Without them the ports are open to everyone on the tailnet interface who is no known friend: so give a
    /// friend's addresses to all of their shares, or to none.
    pub peers: Option<BTreeSet<TailnetAddress>>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

impl Share {
    /// When it is open.
    pub fn opening(&self) -> Opening {
        Opening::new(self.until)
    }

    pub(crate) fn has(&self, protocol: Protocol, port: u16) -> bool {
        self.ports.of(protocol).contains(port)
    }
}
