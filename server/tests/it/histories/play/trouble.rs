//! What others do, and what goes wrong.

use super::*;

impl Play {
    pub(super) fn kill(&mut self, process: usize, call: usize, nth: u32, (after, vanishes): (bool, bool)) {
        let moment = if after { Moment::AfterEffect } else { Moment::BeforeEffect };
        let hold = self.demo.simulator.hold_nth(CALLS[call % CALLS.len()], moment, nth);
        let killed = self.processes[process].work_until(&hold);
        if killed {
            count(&TALLY.killed);
            drop(self.processes.remove(process));
        }
        if vanishes {
            hold.abandon();
        } else {
            hold.release();
        }
        if killed {
            self.processes.push(Process::start(&mut self.shared));
        }
    }

    pub(super) fn trouble(&self, call: usize, fault: usize, times: u32, after: bool) {
        let status = |status| Fault::Status { status, message: None };
        let faults = [
            status(500),
            status(412),
            status(403),
            Fault::Garbage,
            Fault::HangUp,
            Fault::RateLimit { retry_after: Some(600) },
        ];
        let operation = CALLS[call % CALLS.len()];
        let fault = faults[fault % faults.len()].clone();
        // Whoever has no right has done nothing: what is refused so is asked again with another credential.
        let refused = matches!(fault, Fault::Status { status: 403, .. });
        let moment = if after && !refused { Moment::AfterEffect } else { Moment::BeforeEffect };
        self.demo.simulator.fail(FaultRule { target: operation.into(), fault, times, moment });
    }

    /// On every clock alike.
    pub(super) fn pass(&mut self, seconds: i64) {
        self.time = self.time.plus_seconds(seconds);
        self.clock.advance_seconds(seconds);
        self.demo.simulator.pin_clock(self.time.to_string().parse().unwrap());
    }

    pub(super) fn policy(&self, place: usize) -> String {
        if place == MILL {
            return self.demo.simulator.headscale(NAMES[MILL]).unwrap().policy.unwrap_or_default();
        }
        self.demo.simulator.policy(NAMES[place]).unwrap()
    }

    /// Behind our back.
    pub(super) fn put_policy(&mut self, place: usize, text: &str) {
        if place == MILL {
            self.demo.simulator.headscale_policy(NAMES[MILL], Some(text)).unwrap();
        } else {
            self.demo.simulator.edit_policy(NAMES[place], text).unwrap();
        }
        self.meddle(place);
    }

    /// A rule for the friend of a share that nobody agreed to.
    pub(super) fn wider(given: &Given) -> String {
        if given.place == MILL {
            let account = given.friend.name();
            return format!(
                r#"{{"action": "accept", "proto": "tcp", "src": ["{account}@"], "dst": ["*:9999"]}}"#
            );
        }
        let login = given.friend.login();
        match NAMES[given.place] {
            "ben" => {
                format!(r#"{{"action": "accept", "proto": "tcp", "src": ["{login}"], "dst": ["*:9999"]}}"#)
            }
            _ => format!(r#"{{"src": ["{login}"], "dst": ["*"], "ip": ["tcp:9999"]}}"#),
        }
    }

    /// Somebody lets the friend of a share reach another port of everything.
    pub(super) fn widen(&mut self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (place, rule, text) = (given.place, Self::wider(given), self.policy(given.place));
        if text.contains(&rule) {
            return;
        }
        let Some(list) = ["\"acls\": [", "\"grants\": ["].into_iter().find(|list| text.contains(list)) else {
            return;
        };
        let agreed = self.agreed_with(given);
        let text = text.replacen(list, &format!("{list}\n\t\t{rule},"), 1);
        self.put_policy(place, &text);
        // On a server friends are members, whose reach is not a share's; and the whole node is all of it.
        let whole = agreed.values().flatten().any(|(_, decision)| *decision == Decision::WholeNode);
        if place != MILL && !whole {
            self.widened.push((share % self.shares.len(), agreed));
        }
    }

    /// What stands with a friend in a network.
    pub(super) fn agreed_with(&self, given: &Given) -> Agreed {
        let process = &self.processes[0];
        let theirs =
            self.shares.iter().filter(|other| (other.place, other.friend) == (given.place, given.friend));
        let yes = theirs.map(|other| {
            let share = process.runtime.block_on(process.state.db.find_share(other.id)).unwrap().unwrap();
            (other.id, share.deeds.approved.map(|yes| (yes.at, yes.decision)))
        });
        yes.collect()
    }

    pub(super) fn take_rule_out(&mut self, share: usize) {
        let Some(given) = self.given(share) else { return };
        let (place, id) = (given.place, given.id.to_string().parse().unwrap());
        if let Ok(without) = policy::unshare(&self.policy(place), &id) {
            self.put_policy(place, &without.after);
        }
    }

    /// Somebody else changed something: from now on it counts from here, once the app has seen it.
    pub(super) fn meddle(&mut self, owner: usize) {
        let planes = planes(&self.demo);
        self.world.block_on(self.witness.begin_anew(&planes, NAMES[owner])).unwrap();
        self.meddled.insert(owner, self.looked_at(owner));
        count(&TALLY.meddled);
    }
}
