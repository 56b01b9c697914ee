//! Whether a service answers, as the viewer of its card is told. Who sees the card is decided before.

use app::ports::services::Probe;
use model::Protocol;

use super::Asker;
use crate::probe::Switch;
use crate::store::probes::ProbeResult;
use crate::store::services::Placed;

impl Asker {
    pub(super) fn probe(&self, placed: &Placed) -> Probe {
        if placed.service.ports.of(Protocol::Tcp).ranges().is_empty() {
            return Probe::Impossible;
        }
        // What another process finds is as good as what is found from here.
        let found = placed.found.as_ref().filter(|found| found.at.happened(self.state.now()).is_some());
        match found {
            None => match &*self.state.signals.probing.borrow() {
                Switch::Off(why) => Probe::Off(why.clone()),
                Switch::On => Probe::NotYet,
            },
            Some(found) if found.answered => {
                let motd = found.told.motd.clone();
                Probe::Answered { at: found.at, told: in_words(&found.told), motd }
            }
            Some(found) => Probe::Silent { at: found.at, since: found.since },
        }
    }
}

fn in_words(told: &ProbeResult) -> Vec<String> {
    let players = told.players.map(|(now, most)| format!("{now} of {most} playing"));
    // Below 500 somebody is there, if only to ask who one is.
    let status =
        told.status.filter(|status| *status >= 500).map(|status| format!("with an error ({status})"));
    told.version.clone().into_iter().chain(players).chain(status).collect()
}
