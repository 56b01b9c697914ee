//! Promise 3: no access without a record, and no record that says more than there is.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::{Moment, Observation, Share, State, outside};

pub const YES: &str = "a rule was written only after its owner said yes, and after that was written down";
pub const WRITTEN: &str = "the audit trail says when a share opened and when it ended";
pub const TOLD: &str = "a share that stopped says what happened and what to do";
pub const GOES_ON: &str = "a share that has to go on by itself has its work queued, once";
pub const IN_TIME: &str = "no share is open after its end";
pub const STATES: &str = "a share is in a state that shares have, and was in force once if it is called open";
pub const UNMANAGED: &str = "nothing of an open share is told to be of no share";

pub fn check(seen: &Observation, moment: Moment, found: &mut Found) {
    let mut trail: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in &seen.audit {
        trail.entry(entry.object.as_deref().unwrap_or_default()).or_default().push(&entry.what);
    }
    for share in &seen.shares {
        let said = trail.get(share.id.as_str()).cloned().unwrap_or_default();
        written(share, &said, found);
        states(share, seen.now, moment, found);
        goes_on(share, seen, found);
    }
    yes(seen, found);
    all_unmanaged(seen, found);
}

fn yes(seen: &Observation, found: &mut Found) {
    for tailnet in &seen.tailnets {
        let Ok(read) = outside::read(&tailnet.policy) else { continue };
        for share in seen.shares_of(tailnet) {
            let stands = read.rules.iter().any(|(id, _)| *id == share.id);
            found.must(!stands || (share.approved && share.rule_begun), YES, || {
                format!("share {}: approved {}, begun {}", share.id, share.approved, share.rule_begun)
            });
        }
    }
}

fn written(share: &Share, said: &[&str], found: &mut Found) {
    let has = |words: &[&str]| said.iter().any(|what| words.iter().any(|words| what.contains(words)));
    let missing = match share.state {
        State::Active => !has(&["is open"]) || !has(&["wrote the rule"]),
        State::Paused => !has(&["is paused"]),
        State::Ended { .. } => !has(&["has ended", "ended without proof"]),
        _ => false,
    };
    found.must(!missing, WRITTEN, || format!("share {} is {:?}: {said:?}", share.id, share.state));
    // Whatever it is now, it began with somebody's yes.
    found.must(!said.is_empty(), WRITTEN, || format!("nothing is said of share {}", share.id));
}

fn states(share: &Share, now: i64, moment: Moment, found: &mut Found) {
    let known = !matches!(share.state, State::Unknown(_));
    let was_open =
        matches!(share.state, State::Active | State::Pausing | State::Paused | State::Drifted { .. });
    found.must(known && (!was_open || share.seen_in_force), STATES, || {
        format!("share {} is {:?}", share.id, share.state)
    });
    if let State::NeedsAttention { told, .. } | State::Drifted { told } = share.state {
        found.must(told, TOLD, || format!("share {}", share.id));
    }
    let over = share.ends.is_some_and(|ends| ends <= now);
    found.must(moment != Moment::Rest || !over || share.state.ends(), IN_TIME, || {
        format!("share {} is {:?}", share.id, share.state)
    });
}

fn goes_on(share: &Share, seen: &Observation, found: &mut Found) {
    let jobs = seen.jobs.iter().filter(|job| job.kind == "share" && job.subject == share.id).count();
    let needs = match &share.state {
        State::Applying | State::WaitingForFriend | State::Pausing | State::Ending => true,
        State::NeedsAttention { need, .. } => matches!(need.as_str(), "time" | "credential" | "look"),
        // What was in force is looked at with its tailnet.
        _ => false,
    };
    found.must(jobs <= 1 && (jobs == 1 || !needs), GOES_ON, || {
        format!("share {} is {:?} and has {jobs} jobs", share.id, share.state)
    });
}

fn all_unmanaged(seen: &Observation, found: &mut Found) {
    let open: Vec<&Share> = seen.shares.iter().filter(|share| share.state.may_be_in_force()).collect();
    let rules: BTreeSet<&str> = open.iter().map(|share| share.id.as_str()).collect();
    for unmanaged in &seen.all_unmanaged {
        let ours = match unmanaged.kind.as_str() {
            "rule" => rules.contains(unmanaged.name.as_str()),
            "invite" => open.iter().any(|share| {
                share.tailnet == unmanaged.tailnet
                    && share.invite.as_ref().is_some_and(|it| it.id == unmanaged.name)
            }),
            _ => false,
        };
        found.must(!ours, UNMANAGED, || {
            format!("{} {} in {}", unmanaged.kind, unmanaged.name, unmanaged.tailnet)
        });
    }
}
