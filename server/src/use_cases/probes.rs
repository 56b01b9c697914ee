//! Whether a service answers, as the viewer of its card is told. Who sees the card is decided before.

use app::ports::services::Probe;

use super::Asker;
use crate::probe::{Switch, can_be_asked};
use crate::store::probes::ProbeResult;
use crate::store::services::ServiceAtNode;
use crate::words;

impl Asker {
    pub(super) fn probe(&self, placed: &ServiceAtNode) -> Probe {
        if !can_be_asked(placed.service.kind, placed.service.join) {
            return Probe::Impossible;
        }
        if placed.service.left_alone {
            return Probe::LeftAlone;
        }
        // What another process finds is as good as what is found from here.
        let found = placed.found.as_ref().filter(|found| found.at.happened(self.state.now()).is_some());
        match found {
            None => match &*self.state.signals.probing.borrow() {
                Switch::Off(why) => Probe::Off(why.clone()),
                Switch::On => Probe::NotYet,
            },
            Some(found) if found.answered => {
                let motd = found.result.motd.clone();
                Probe::Answered { at: found.at, result: in_words(&found.result), motd }
            }
            Some(found) => Probe::Silent { at: found.at, since: found.since },
        }
    }
}

fn in_words(result: &ProbeResult) -> Vec<String> {
    let players = result.players.map(|(now, most)| words::service::playing(now, most));
    // Below 500 somebody is there, if only to ask who one is.
    let status = result.status.filter(|status| *status >= 500).map(words::service::with_an_error);
    result.version.clone().into_iter().chain(players).chain(status).collect()
}
