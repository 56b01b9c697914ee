use std::collections::{BTreeMap, BTreeSet};

use crate::around::Around;
use crate::observation::Observation;
use crate::outside;

/// How it was before: what was there already, and what may never change.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// By the control plane's name of the tailnet.
    pub(crate) tailnets: BTreeMap<String, Start>,
    /// Who gave and got what at the last look: whoever did something since did it then, or as it is now.
    pub(crate) around: Around,
    /// Offers of the last look, with the circle as one of which they were made.
    pub(crate) offers: BTreeMap<String, Option<String>>,
    /// Shares that were seen, and whether anything was approved beforehand for them when they were accepted.
    pub(crate) expected: BTreeMap<String, bool>,
    /// Shares that were agreed beforehand, and judged.
    pub(crate) agreed: BTreeSet<String>,
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

    /// Takes up how it is after it was judged: what changes next is judged by this.
    pub fn remember(&mut self, seen: &Observation) {
        for share in &seen.shares {
            if !self.expected.contains_key(&share.id) {
                let looks = [&self.around, &seen.around];
                let is = looks.iter().any(|look| !look.approved(&share.service, &share.friend).is_empty());
                self.expected.insert(share.id.clone(), is);
            }
            if share.beforehand.is_some() {
                self.agreed.insert(share.id.clone());
            }
        }
        self.offers = seen.offers.iter().map(|offer| (offer.id.clone(), offer.circle.clone())).collect();
        self.around = seen.around.clone();
    }
}
