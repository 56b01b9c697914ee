//! What a Headscale keeps of a friend when a share with them has ended: keys, machines, the user.
//!
//! A friend there is a user of the owner's server. The rule goes before any of it: the next user of that name would inherit
//! it. A user who was there before stays, and so does one whom something else needs. Each step looks first whether it was
//! done, and one that fails holds up only what rests on it.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::ControlPlaneError;

pub use model::guest::WhyStays;

use crate::Reading;

/// What was written down of the friend's account before it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Whether the user was made for a share of ours.
    pub ours: bool,
    /// The ids of keys that were made for this share.
    pub keys: BTreeSet<String>,
    /// Whether the server's version is one that ends a user alone: 0.28 was told to end everybody's keys with them.
    pub may_delete_user: bool,
}

/// What was seen of it, in one run over it.
#[derive(Clone, Debug, Default)]
pub struct GuestSeen {
    /// The policy.
    pub policy: Reading<GuestNamed>,
    /// Whether other shares, offers or waits are for this user.
    pub held: Reading<bool>,
    /// The account; none if the server has it no more.
    pub account: Reading<Option<SeenAccount>>,
    /// Deeds of this run that were refused, or whose answers were lost.
    pub failed: BTreeMap<GuestDeed, ControlPlaneError>,
}

/// Whom the policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestNamed {
    /// The rule of the share stands there.
    ByTheShare,
    /// Something else names them: a rule, a group, an owner of tags.
    Otherwise,
    /// Nothing does.
    Nowhere,
}

/// The account as the server tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenAccount {
    /// The ids of its keys that somebody could still use.
    pub keys: BTreeSet<String>,
    /// The ids of its machines.
    pub machines: BTreeSet<String>,
    /// It has the number of the user that was made and another name: it may be them, or whoever got that number since.
    pub renamed: bool,
}

/// One thing that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestWhat {
    /// The policy.
    Policy,
    /// What else is for this user.
    Held,
    /// Keys, machines and the user.
    Account,
}

/// One change at the server, written down before it is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuestDeed {
    /// End a key.
    EndKey(String),
    /// Delete a machine: only that ends what is open for sure.
    DeleteMachine(String),
    /// Delete the user.
    DeleteUser,
}

/// What is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestNext {
    /// Look, and decide again.
    Read(GuestWhat),
    /// The rule stands; nothing is done before it is gone.
    RuleFirst,
    /// Do this.
    Do(GuestDeed),
    /// Nothing of the share is left, and the user stays.
    Stays(WhyStays),
    /// The server has nothing of them any more.
    Gone,
    /// What could be done is done; this could not be read, or done.
    Stopped(Stopped),
}

/// What stops the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A read that failed.
    Reading(GuestWhat, ControlPlaneError),
    /// Deeds that failed, each a notice.
    Deeds(BTreeMap<GuestDeed, ControlPlaneError>),
}

/// The one thing to do next for what is left of a friend.
pub fn end_of_guest(guest: &Guest, seen: &GuestSeen) -> GuestNext {
    next(guest, seen).unwrap_or_else(|first| first)
}

fn next(guest: &Guest, seen: &GuestSeen) -> Result<GuestNext, GuestNext> {
    let named = *read(&seen.policy, GuestWhat::Policy)?;
    if named == GuestNamed::ByTheShare {
        return Err(GuestNext::RuleFirst);
    }
    let Some(account) = read(&seen.account, GuestWhat::Account)? else { return Ok(GuestNext::Gone) };
    let keys = guest.keys.intersection(&account.keys).cloned().map(GuestDeed::EndKey);
    first_of(keys, seen)?;
    let stays = if !guest.ours {
        Some(WhyStays::WasThere)
    } else if account.renamed {
        Some(WhyStays::Renamed)
    } else if *read(&seen.held, GuestWhat::Held)? {
        Some(WhyStays::Held)
    } else {
        (named == GuestNamed::Otherwise).then_some(WhyStays::Named)
    };
    if let Some(why) = stays {
        return Err(without_failures(seen, GuestNext::Stays(why)));
    }
    first_of(account.machines.iter().cloned().map(GuestDeed::DeleteMachine), seen)?;
    if !guest.may_delete_user {
        return Err(without_failures(seen, GuestNext::Stays(WhyStays::Version)));
    }
    if let Some(error) = seen.failed.get(&GuestDeed::DeleteUser) {
        let failed = BTreeMap::from([(GuestDeed::DeleteUser, error.clone())]);
        return Err(GuestNext::Stopped(Stopped::Deeds(failed)));
    }
    // With them go the traces of what could not be done, so that it is said first.
    Err(without_failures(seen, GuestNext::Do(GuestDeed::DeleteUser)))
}

fn read<T>(reading: &Reading<T>, what: GuestWhat) -> Result<&T, GuestNext> {
    match reading {
        Reading::Unread => Err(GuestNext::Read(what)),
        Reading::Failed(error) => Err(GuestNext::Stopped(Stopped::Reading(what, error.clone()))),
        Reading::Read(seen) => Ok(seen),
    }
}

/// The first of these that was not tried in this run.
fn first_of(mut deeds: impl Iterator<Item = GuestDeed>, seen: &GuestSeen) -> Result<(), GuestNext> {
    deeds.find(|deed| !seen.failed.contains_key(deed)).map_or(Ok(()), |deed| Err(GuestNext::Do(deed)))
}

fn without_failures(seen: &GuestSeen, next: GuestNext) -> GuestNext {
    // What is not there any more needs no deed.
    let failed = seen.failed.iter().filter(|(_, error)| **error != ControlPlaneError::NotFound);
    let failed: BTreeMap<_, _> = failed.map(|(deed, error)| (deed.clone(), error.clone())).collect();
    if failed.is_empty() { next } else { GuestNext::Stopped(Stopped::Deeds(failed)) }
}
