//! Promise 3: never two invites for a machine and a person, and none that nobody accounts for.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use crate::baseline::Start;
use crate::{Baseline, Moment, Observation, Share, State, Tailnet};

pub const ACTIVE: &str = "a share that is called open has an invite that was opened by its friend";
pub const ACCOUNTED: &str = "every new invite is of an open share";
pub const ONE: &str = "a person has one invite for a machine";
pub const GONE: &str = "of a share that has ended no invite of ours is left";

pub fn check(start: &Baseline, seen: &Observation, moment: Moment, found: &mut Found) {
    for tailnet in &seen.tailnets {
        let shares: Vec<&Share> = seen.shares_of(tailnet).collect();
        let begun = start.tailnets.get(&tailnet.name).cloned().unwrap_or_default();
        let opened =
            shares.iter().filter(|share| share.state == State::Active && !tailnet.dialect.is_headscale());
        for share in opened {
            let why = not_opened(tailnet, share);
            found.must(why.is_none(), ACTIVE, || format!("share {}: {}", share.id, why.unwrap_or_default()));
        }
        accounted(tailnet, &shares, &begun, moment, found);
        one(tailnet, &shares, &begun, found);
        gone(tailnet, &shares, found);
    }
}

fn not_opened(tailnet: &Tailnet, share: &Share) -> Option<String> {
    let Some(deed) = &share.invite else { return Some("it has no invite".into()) };
    let Some(invite) = tailnet.invite(&deed.id) else { return Some(format!("invite {} is gone", deed.id)) };
    let by = invite.accepted_by.as_deref().unwrap_or("nobody");
    let device = tailnet.device(&share.node).map_or("", |device| device.name.as_str());
    if !by.eq_ignore_ascii_case(&share.login) {
        return Some(format!("invite {} was opened by {by}", deed.id));
    }
    (invite.device != device).then(|| format!("invite {} is for {}", deed.id, invite.device))
}

/// Whether an invite may be the one that a share has asked for without knowing yet whether it was made.
fn on_its_way(tailnet: &Tailnet, share: &Share, invite: &str, device: &str) -> bool {
    let here = tailnet.device(&share.node).is_some_and(|node| node.name == device);
    let new = share.invites_before.as_ref().is_some_and(|before| !before.contains(invite));
    here && new && share.invite.is_none() && share.state.may_be_in_force()
}

fn accounted(tailnet: &Tailnet, shares: &[&Share], begun: &Start, moment: Moment, found: &mut Found) {
    // A share can be the reason of one invite only.
    let mut reasons = BTreeSet::new();
    for invite in tailnet.invites.iter().filter(|invite| !begun.invites.contains(&invite.id)) {
        let has = |share: &&&Share| share.invite.as_ref().is_some_and(|deed| deed.id == invite.id);
        let theirs = |share: &&&Share| {
            let unproven = matches!(share.state, State::Ended { unproven: true, .. });
            !share.state.is_over() || unproven
        };
        if shares.iter().filter(has).any(|share| theirs(&share)) {
            continue;
        }
        let asked = shares.iter().find(|share| {
            let way = on_its_way(tailnet, share, &invite.id, &invite.device);
            // Nothing is on its way when everything is done, but where somebody has to look.
            let may = moment == Moment::Halted
                || matches!(share.state, State::NeedsAttention { .. } | State::Drifted { .. });
            way && may && !reasons.contains(share.id.as_str())
        });
        match asked {
            Some(share) => drop(reasons.insert(share.id.as_str())),
            None => found
                .broken(ACCOUNTED, format!("{}: invite {} for {}", tailnet.name, invite.id, invite.device)),
        }
    }
}

fn one(tailnet: &Tailnet, shares: &[&Share], begun: &Start, found: &mut Found) {
    let mut opened: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for invite in tailnet.invites.iter().filter(|invite| !begun.invites.contains(&invite.id)) {
        if let Some(login) = &invite.accepted_by {
            opened.entry((login.to_lowercase(), &invite.device)).or_default().push(&invite.id);
        }
    }
    for ((login, device), invites) in opened.iter().filter(|(_, invites)| invites.len() > 1) {
        found.broken(ONE, format!("{}: {login} opened {invites:?} for {device}", tailnet.name));
    }
    let mut waiting: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for share in shares.iter().filter(|share| share.state.may_be_in_force() && !share.state.ends()) {
        let invite = share.invite.as_ref().filter(|deed| tailnet.invite(&deed.id).is_some());
        waiting.entry((&share.friend, &share.node)).or_default().extend(invite.map(|deed| deed.id.as_str()));
    }
    for ((friend, node), invites) in waiting.iter().filter(|(_, invites)| invites.len() > 1) {
        found.broken(ONE, format!("{}: friend {friend}, machine {node}: {invites:?}", tailnet.name));
    }
}

fn gone(tailnet: &Tailnet, shares: &[&Share], found: &mut Found) {
    for share in shares {
        let State::Ended { unproven: false, open_question } = share.state else { continue };
        let Some(deed) = share.invite.as_ref().filter(|deed| deed.ours) else { continue };
        let used = shares
            .iter()
            .any(|other| !other.state.is_over() && other.invite.as_ref().is_some_and(|it| it.id == deed.id));
        found.must(used || tailnet.invite(&deed.id).is_none(), GONE, || {
            format!("share {}: invite {} is still listed", share.id, deed.id)
        });
        let still = tailnet.recipients.iter().any(|recipient| recipient.invite == deed.id);
        let others = shares
            .iter()
            .any(|other| !other.state.is_over() && other.login.eq_ignore_ascii_case(&share.login));
        found.must(!still || open_question || used || others, GONE, || {
            format!("share {}: {} still has the machine, and nobody says so", share.id, share.login)
        });
    }
}
