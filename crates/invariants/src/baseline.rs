use std::collections::{BTreeMap, BTreeSet};

use crate::observation::Observation;
use crate::outside;

/// How it was before: what was there already, and what may never change.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By the control plane's name of the tailnet.
    pub(crate) tailnets: BTreeMap<String, Start>,
}

/// A tailnet before the app did anything to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// The policy without the rules of shares.
    pub outside: String,
    /// Invites that others made.
    pub invites: BTreeSet<String>,
    /// Edits that are in the text already.
    pub edits: BTreeSet<String>,
}

impl Baseline {
    /// Takes up what is new: tailnets that were not seen before.
    pub fn learn(&mut self, seen: &Observation) {
        for tailnet in &seen.tailnets {
            if !self.tailnets.contains_key(&tailnet.name) {
                self.begin_anew(seen, &tailnet.name);
            }
        }
    }

    /// From now on a tailnet counts from how it is at this moment: somebody else changed something there.
    pub fn begin_anew(&mut self, seen: &Observation, name: &str) {
        let Some(tailnet) = seen.tailnets.iter().find(|tailnet| tailnet.name == name) else { return };
        let of_shares: BTreeSet<&str> =
            seen.shares.iter().filter_map(|share| Some(share.invite.as_ref()?.id.as_str())).collect();
        let others = tailnet.invites.iter().filter(|invite| !of_shares.contains(invite.id.as_str()));
        let edits = seen.edits.iter().filter(|edit| tailnet.id.as_ref() == Some(&edit.tailnet));
        let start = Start {
            // A text that cannot be taken apart is compared as it is.
            outside: outside::read(&tailnet.policy)
                .map_or_else(|_| tailnet.policy.clone(), |read| read.outside),
            invites: others.map(|invite| invite.id.clone()).collect(),
            edits: edits.map(|edit| edit.id.clone()).collect(),
        };
        self.tailnets.insert(name.to_owned(), start);
    }
}
