//! The end of what a Headscale keeps of a friend, over all that can be seen of it.

use std::collections::{BTreeMap, BTreeSet};

use control_plane::ControlPlaneError;
use sharing::Reading;
use sharing::guest::{
    Guest, GuestDeed, GuestNamed, GuestNext, GuestSeen, GuestWhat, SeenAccount, Stopped, WhyStays,
    end_of_guest,
};

fn ids(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|id| (*id).to_owned()).collect()
}

fn readings<T: Clone>(values: &[T]) -> Vec<Reading<T>> {
    let failed = Reading::Failed(ControlPlaneError::NotFound);
    [Reading::Unread, failed].into_iter().chain(values.iter().cloned().map(Reading::Read)).collect()
}

/// Every case: two keys of the share, of which some are left, one of somebody else, and up to two machines.
fn each_case(mut ask: impl FnMut(&Guest, &GuestSeen)) {
    let named = [GuestNamed::ByTheShare, GuestNamed::Otherwise, GuestNamed::Nowhere];
    let mut accounts = vec![None];
    for keys in [&[][..], &["k1"], &["k1", "k2", "other"], &["other"]] {
        for machines in [&[][..], &["m1"], &["m1", "m2"]] {
            accounts.push(Some(SeenAccount { keys: ids(keys), machines: ids(machines), renamed: false }));
        }
    }
    let deeds =
        [GuestDeed::EndKey("k1".into()), GuestDeed::DeleteMachine("m1".into()), GuestDeed::DeleteUser];
    let errors = [ControlPlaneError::NotFound, ControlPlaneError::Conflict];
    let mut failures = vec![BTreeMap::new()];
    for error in &errors {
        failures.extend(deeds.iter().map(|deed| BTreeMap::from([(deed.clone(), error.clone())])));
        failures.push(deeds.iter().map(|deed| (deed.clone(), error.clone())).collect());
    }
    for (ours, may_delete_user) in [(false, false), (false, true), (true, false), (true, true)] {
        let guest = Guest { ours, keys: ids(&["k1", "k2"]), may_delete_user };
        for policy in readings(&named) {
            for held in readings(&[false, true]) {
                for account in readings(&accounts) {
                    for failed in &failures {
                        let (policy, held, account) = (policy.clone(), held.clone(), account.clone());
                        ask(&guest, &GuestSeen { policy, held, account, failed: failed.clone() });
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_done_before_the_rule_is_gone_and_nobody_goes_who_was_there_or_is_needed() {
    let mut cases = 0;
    each_case(|guest, seen| {
        cases += 1;
        let next = end_of_guest(guest, seen);
        let at = format!("{guest:?} {seen:?}: {next:?}");
        let Reading::Read(named) = seen.policy else {
            assert!(matches!(next, GuestNext::Read(GuestWhat::Policy) | GuestNext::Stopped(_)), "{at}");
            return;
        };
        assert_eq!(named == GuestNamed::ByTheShare, next == GuestNext::RuleFirst, "{at}");
        let GuestNext::Do(deed) = &next else { return };
        assert!(!seen.failed.contains_key(deed), "once in a run, {at}");
        let Reading::Read(Some(account)) = &seen.account else { panic!("{at}") };
        let free = seen.held == Reading::Read(false) && named == GuestNamed::Nowhere;
        match deed {
            GuestDeed::EndKey(key) => assert!(guest.keys.contains(key) && account.keys.contains(key), "{at}"),
            GuestDeed::DeleteMachine(machine) => {
                assert!(guest.ours && free && account.machines.contains(machine), "{at}");
            }
            GuestDeed::DeleteUser => {
                assert!(guest.ours && free && guest.may_delete_user, "{at}");
                let left = account.machines.iter().map(|id| GuestDeed::DeleteMachine(id.clone()));
                assert!(left.into_iter().all(|deed| seen.failed.contains_key(&deed)), "{at}");
                assert!(seen.failed.values().all(|error| *error == ControlPlaneError::NotFound), "{at}");
            }
        }
    });
    assert!(cases > 5_000, "{cases}");
}

/// The server, with what is left of somebody.
struct Server {
    account: Option<SeenAccount>,
    refuses: Option<GuestDeed>,
}

impl Server {
    fn does(&mut self, deed: &GuestDeed) -> Result<(), ControlPlaneError> {
        if self.refuses.as_ref() == Some(deed) {
            return Err(ControlPlaneError::Conflict);
        }
        let account = self.account.as_mut().ok_or(ControlPlaneError::NotFound)?;
        match deed {
            GuestDeed::EndKey(key) => drop(account.keys.remove(key)),
            GuestDeed::DeleteMachine(machine) => drop(account.machines.remove(machine)),
            GuestDeed::DeleteUser if account.machines.is_empty() => self.account = None,
            GuestDeed::DeleteUser => return Err(ControlPlaneError::Conflict),
        }
        Ok(())
    }
}

/// Goes on until it ends; the process is killed after each deed if `killed`, so that nothing of the run is remembered.
fn run(guest: &Guest, server: &mut Server, (named, held): (GuestNamed, bool), killed: bool) -> GuestNext {
    let mut seen = GuestSeen::default();
    for _ in 0..40 {
        match end_of_guest(guest, &seen) {
            GuestNext::Read(GuestWhat::Policy) => seen.policy = Reading::Read(named),
            GuestNext::Read(GuestWhat::Held) => seen.held = Reading::Read(held),
            GuestNext::Read(GuestWhat::Account) => seen.account = Reading::Read(server.account.clone()),
            GuestNext::Do(deed) => {
                let done = server.does(&deed);
                if killed && done.is_ok() {
                    seen = GuestSeen::default();
                }
                seen.account = Reading::Unread;
                seen.failed.extend(done.err().map(|error| (deed, error)));
            }
            end => return end,
        }
    }
    panic!("it never ends: {guest:?}");
}

#[test]
fn every_run_ends_with_what_may_go_gone_however_often_it_is_killed() {
    let account =
        || Some(SeenAccount { keys: ids(&["k1", "other"]), machines: ids(&["m1", "m2"]), renamed: false });
    let all = [GuestNamed::Otherwise, GuestNamed::Nowhere];
    for killed in [false, true] {
        for (ours, may_delete_user) in [(false, true), (true, false), (true, true)] {
            let guest = Guest { ours, keys: ids(&["k1", "k2"]), may_delete_user };
            for (named, held) in all.into_iter().flat_map(|named| [(named, false), (named, true)]) {
                let mut server = Server { account: account(), refuses: None };
                let end = run(&guest, &mut server, (named, held), killed);
                let want = match (ours, held, named, may_delete_user) {
                    (false, ..) => GuestNext::Stays(WhyStays::WasThere),
                    (_, true, ..) => GuestNext::Stays(WhyStays::Held),
                    (_, _, GuestNamed::Otherwise, _) => GuestNext::Stays(WhyStays::Named),
                    (.., false) => GuestNext::Stays(WhyStays::Version),
                    _ => GuestNext::Gone,
                };
                assert_eq!(end, want);
                let left = server.account.map(|account| (account.keys.len(), account.machines.len()));
                let machines = if end == GuestNext::Stays(WhyStays::Version) { 0 } else { 2 };
                assert_eq!(left, (end != GuestNext::Gone).then_some((1, machines)), "{end:?}");
            }
        }
    }
}

#[test]
fn a_deed_that_fails_is_told_and_holds_up_only_what_rests_on_it() {
    let guest = Guest { ours: true, keys: ids(&["k1", "k2"]), may_delete_user: true };
    for refused in [GuestDeed::EndKey("k1".into()), GuestDeed::DeleteMachine("m1".into())] {
        let account = SeenAccount { keys: ids(&["k1", "k2"]), machines: ids(&["m1", "m2"]), renamed: false };
        let mut server = Server { account: Some(account), refuses: Some(refused.clone()) };
        let end = run(&guest, &mut server, (GuestNamed::Nowhere, false), false);
        assert_eq!(
            end,
            GuestNext::Stopped(Stopped::Deeds([(refused.clone(), ControlPlaneError::Conflict)].into()))
        );
        let left = server.account.clone().unwrap();
        assert_eq!(left.keys.len() + left.machines.len(), 1, "{left:?}");
        // Once it is taken, the rest goes too.
        server.refuses = None;
        assert_eq!(run(&guest, &mut server, (GuestNamed::Nowhere, false), false), GuestNext::Gone);
    }
}

/// Sabotage: leave `renamed` out of `next`.
#[test]
fn of_an_account_with_another_name_only_our_keys_go() {
    let account = SeenAccount { keys: ids(&["k1", "other"]), machines: ids(&["m1"]), renamed: true };
    let mut server = Server { account: Some(account), refuses: None };
    let guest = Guest { ours: true, keys: ids(&["k1"]), may_delete_user: true };
    let end = run(&guest, &mut server, (GuestNamed::Nowhere, false), false);
    assert_eq!(end, GuestNext::Stays(WhyStays::Renamed));
    let left = server.account.expect("it stays");
    assert_eq!((left.keys, left.machines), (ids(&["other"]), ids(&["m1"])));
}
