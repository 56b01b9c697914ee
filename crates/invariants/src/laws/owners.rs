//! Handing over: a network has one owner, and what belongs to it goes along.

use super::Found;
use crate::{Baseline, Job, Observation};

pub const HANDED: &str =
    "a network goes to a steward of it, who is none from then on, and the login of its former owner goes";
pub const FOLLOWS: &str =
    "what is open in a network is given by its owner or by a member, and its work waits for its owner";

pub fn check(start: &Baseline, seen: &Observation, found: &mut Found) {
    let owned = &seen.around.owned;
    for (id, now) in owned {
        let Some(before) = start.around.owned.get(id).filter(|before| before.owner != now.owner) else {
            continue;
        };
        let to = &now.owner;
        let login = now.credentials.contains("user_token");
        found.must(before.stewards.contains(to) && !now.stewards.contains(to) && !login, HANDED, || {
            format!("tailnet {id}: from {} to {to}, a user token: {login}", before.owner)
        });
    }
    for share in seen.shares.iter().filter(|share| !share.state.is_over()) {
        let Some(tailnet) = owned.get(&share.tailnet) else { continue };
        let theirs = tailnet.owner == share.owner || tailnet.members.contains(&share.owner);
        found.must(theirs, FOLLOWS, || format!("share {}: {} gives it", share.id, share.owner));
    }
    for job in &seen.jobs {
        let Some(tailnet) = tailnet_of(seen, job).and_then(|id| owned.get(id)) else { continue };
        let waits_for = job.owner.as_deref();
        found.must(waits_for.is_none_or(|owner| owner == tailnet.owner), FOLLOWS, || {
            format!("job {} {}: it waits for {waits_for:?}", job.kind, job.subject)
        });
    }
}

/// Where a job is done.
fn tailnet_of<'a>(seen: &'a Observation, job: &'a Job) -> Option<&'a str> {
    match job.kind.as_str() {
        "sync" => Some(job.subject.as_str()),
        "share" => {
            seen.shares.iter().find(|share| share.id == job.subject).map(|share| share.tailnet.as_str())
        }
        _ => None,
    }
}
