//! One named world of any size, in which figures are compared: networks for the simulator, and what an app has on
//! record of them. The same number of machines gives the same bytes.
//!
//! Ana owns the network `commons` and looks at the pages. Her friends have tailnets of their own and one of her machines
//! each; Ben, who owns `olmo`, lends her some of his. What is open stands in the policies and invites of the networks as
//! the app would have put it there, so that a sync finds nothing that was made elsewhere.

mod commons;
mod friends;
mod grants;
mod names;
mod olmo;
mod records;
mod size;

use serde::{Deserialize, Serialize};

pub use records::{Answer, Audience, Offer, Person, Records, Service};
pub use size::Size;

/// Both halves, as they stand in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// What the simulator serves.
    pub networks: simulator::World,
    /// What the app holds.
    pub records: Records,
}

impl World {
    /// With so many machines in `commons`, and of everything else in proportion.
    pub fn of(machines: usize) -> Self {
        let size = Size::of(machines);
        let (commons, mut records) = commons::make(&size);
        let olmo = olmo::make(&size, &mut records);
        let mut tailnets = vec![commons, olmo];
        tailnets.extend(friends::make(&size));
        let networks = simulator::World {
            description: format!("{} machines of {} people", size.machines, size.people),
            tailnets,
            headscales: Vec::new(),
            ..simulator::World::demo()
        };
        Self { networks, records }
    }
}

#[cfg(test)]
mod tests;
