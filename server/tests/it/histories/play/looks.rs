//! Whether the promises hold.

use super::*;
use crate::harness::rows;

impl Play {
    pub(super) fn tally(&self) {
        let process = &self.processes[0];
        for given in &self.shares {
            let share = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
            count(&TALLY.accepted);
            if share.seen_in_force.is_some() {
                count(&TALLY.opened);
                if given.place == MILL {
                    count(&TALLY.on_server);
                }
            }
            if share.state.is_over() {
                count(&TALLY.over);
            }
            if share.deeds.approved.is_some_and(|yes| yes.beforehand.is_some()) {
                count(&TALLY.beforehand);
            }
        }
    }

    /// Nothing stands in the way any more, and all have had the time they need.
    pub(super) fn settle(&mut self) {
        self.demo.simulator.clear_faults();
        self.clock.set(self.time);
        for round in 0..4 {
            let before = self.at_work();
            // Longer than leases, waits and the interval of syncs.
            self.pass(3_700);
            for process in &self.processes {
                process.work();
            }
            // Everything was looked at twice, and the last time nothing came of it: it would be the same again.
            if round > 0 && self.at_work() == before {
                break;
            }
        }
        let wrong = self.wrong(Look::Rest);
        assert!(wrong.is_empty(), "at rest: {wrong:#?}");
        self.wider_is_told();
        let process = &self.processes[0];
        for given in self.shares.iter().filter(|given| given.ended) {
            let share = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
            let stopped = matches!(share.state, ShareState::NeedsAttention { .. });
            assert!(share.state.is_over() || stopped, "{} was ended, and is {:?}", given.id, share.state);
        }
    }

    /// What can still change by itself: how shares and edits stand, and what is there of them.
    fn at_work(&self) -> (Vec<String>, Vec<simulator::TailnetView>) {
        let process = &self.processes[0];
        let sql = "SELECT state_data || deeds FROM shares UNION ALL SELECT state FROM edits ORDER BY 1";
        let stored = process.runtime.block_on(process.state.db.query(sql, ()).fetch_column());
        (stored.unwrap(), planes(&self.demo))
    }

    /// An open share of which the friend reaches more than was agreed says so to its owner.
    fn wider_is_told(&self) {
        for (share, agreed) in &self.widened {
            let given = &self.shares[*share];
            let stands = self.policy(given.place).contains(&Self::wider(given));
            let process = &self.processes[0];
            let now = process.runtime.block_on(process.state.db.find_share(given.id)).unwrap().unwrap();
            let open = matches!(now.state, ShareState::Active { .. });
            // Where they agreed anew since, it may have been part of what they read.
            if !stands || !open || self.agreed_with(given) != *agreed {
                continue;
            }
            let id = given.id;
            if let Some(page) = self.ask(self.giver(given), async |ask| ask.shares.get(id).await) {
                assert!(page.beyond.is_some(), "{id}: its friend reaches more, and nobody says so");
                count(&TALLY.told);
            }
        }
    }

    /// The shares as they are stored, for whoever has to find out why.
    pub(super) fn rows(&self) -> Vec<String> {
        let process = &self.processes[0];
        process.runtime.block_on(rows::all(&process.state.db)).remove("shares").unwrap_or_default()
    }

    pub(super) fn wrong(&mut self, moment: Look) -> Vec<Violation> {
        let meddled = std::mem::take(&mut self.meddled);
        self.meddled =
            meddled.into_iter().filter(|(owner, before)| self.looked_at(*owner) == *before).collect();
        let process = &self.processes[0];
        let planes = planes(&self.demo);
        let now = self.clock_now().micros();
        let mut wrong = self.world.block_on(self.witness.check(&planes, now, moment)).unwrap();
        wrong.retain(|violation| !self.is_of_others(violation));
        let notices = process.runtime.block_on(process.state.db.check_notices(process.state.now())).unwrap();
        let law = "what waits for whom is stored as it would be worked out from nothing";
        wrong.extend(notices.into_iter().map(|seen| Violation { law, seen }));
        wrong
    }

    /// When the app last looked at somebody's network, by its own clock.
    pub(super) fn looked_at(&self, owner: usize) -> Option<Timestamp> {
        let process = &self.processes[0];
        let found = process.runtime.block_on(process.state.db.find_tailnet(self.tailnets[owner]));
        found.unwrap().unwrap().observed_at
    }

    pub(super) fn clock_now(&self) -> Timestamp {
        self.processes[0].state.now()
    }

    /// Whether somebody else may be the reason, and the app has not looked since.
    pub(super) fn is_of_others(&self, violation: &Violation) -> bool {
        self.meddled.keys().any(|owner| {
            let named = violation.seen.starts_with(&format!("{}: ", NAMES[*owner]));
            let theirs = self.shares.iter().filter(|given| given.place == *owner);
            let mut shares = theirs.map(|given| given.id.to_string());
            (named || shares.any(|id| violation.seen.contains(&id)))
                && OF_OTHERS.iter().any(|word| violation.law.contains(word))
        })
    }
}
