//! What a server keeps of a friend for whom a user was made, taken back when the rule is gone: `sharing::guest` decides.

use std::collections::BTreeMap;

use control_plane::{ControlPlaneError, DeviceId, KeyId, User, UserId};
use model::{Attention, CallError, PlaneKind, ShareEvent, Step, StepPhase, Trouble};
use policy::Policy;
use policy::accounts::is_named;
use sharing::guest::{
    Guest as Keeps, GuestDeed, GuestNamed, GuestNext, GuestSeen, GuestWhat, SeenAccount, Stopped, WhyStays,
    end_of_guest,
};
use sharing::{Reading, rule, trouble};

use super::work::{Flow, Halt, Work};
use crate::shares;
use crate::store::guests::{Guest, GuestKey};
use crate::store::shares::Along;
use crate::words;

/// More than anybody has of machines and keys: a run that does not end is a mistake of ours.
const LONGEST: usize = 1_000;

impl Work {
    /// Takes back what there is. `None`: nothing is left to do, and the share has ended.
    pub(super) async fn take_leave(&mut self) -> Result<Option<Flow>, Halt> {
        let Some(guest) = self.guest().cloned() else { return Ok(None) };
        if self.steps.contains(&(StepPhase::End, Step::RemoveGuest)) || !self.plane.capabilities().accounts {
            return Ok(None);
        }
        let keys = self.state.db.list_guest_keys(self.share.id).await?;
        let mut leave = Leave { guest, keys, seen: GuestSeen::default() };
        for _ in 0..LONGEST {
            let keeps = leave.keeps(self.deletes_users());
            match end_of_guest(&keeps, &leave.seen) {
                GuestNext::Read(what) => self.look_at_guest(&mut leave, what).await?,
                // Somebody put it back.
                GuestNext::RuleFirst => return Err(Halt::Soon),
                GuestNext::Do(deed) => self.end_of(&mut leave, deed).await?,
                GuestNext::Stays(why) => {
                    self.guest_stays(&leave.guest, why).await?;
                    return Ok(None);
                }
                GuestNext::Gone => {
                    self.state.db.forget_guest(&leave.guest, self.state.now()).await?;
                    self.guest = None;
                    self.done(Step::RemoveGuest, words::member::EVERYTHING_GONE).await?;
                    return Ok(None);
                }
                GuestNext::Stopped(stopped) => {
                    return Ok(Some(self.stop(self.attention_to(&stopped)).await?));
                }
            }
        }
        Err(Halt::Failed(anyhow::anyhow!("share {}: taking leave does not end", self.share.id)))
    }

    /// Not on 0.28, which was told to end everybody's keys with a user; and not where the rule may be in force still.
    fn deletes_users(&self) -> bool {
        matches!(self.kind, PlaneKind::Headscale029 | PlaneKind::Headscale030) && !self.seen.in_file
    }

    async fn look_at_guest(&mut self, leave: &mut Leave, what: GuestWhat) -> Result<(), Halt> {
        match what {
            GuestWhat::Policy => {
                let read =
                    self.plane.get_policy().await.and_then(|file| self.named_in(&file.text, &leave.guest));
                leave.seen.policy = reading(read);
            }
            GuestWhat::Held => {
                let held = self.state.db.is_guest_held(&leave.guest, self.share.id, self.state.now()).await?;
                leave.seen.held = Reading::Read(held);
            }
            GuestWhat::Account => {
                let read = self.account_of(&mut leave.guest).await;
                // Keys of which nobody knows whose they are stay with whoever has another name.
                let theirs = read.as_ref().is_ok_and(|found| found.as_ref().is_some_and(|it| !it.renamed));
                if let (true, Some(account)) = (theirs, &leave.guest.account) {
                    let all = self.state.db.list_guest_keys_of(self.share.tailnet, account).await?;
                    leave.settle(read.as_ref().ok().and_then(Option::as_ref), &all);
                }
                leave.seen.account = reading(read);
            }
        }
        Ok(())
    }

    /// What cannot be read may name them.
    fn named_in(&self, text: &str, guest: &Guest) -> Result<GuestNamed, ControlPlaneError> {
        let garbled = |reason: String| ControlPlaneError::InvalidResponse { reason };
        let ours = rule::without(text, self.share.id, None).map_err(|error| garbled(error.to_string()))?;
        if ours.is_some() {
            return Ok(GuestNamed::ByTheShare);
        }
        if text.trim().is_empty() {
            return Ok(GuestNamed::Nowhere);
        }
        let policy = Policy::read(text, self.language).map_err(|error| garbled(error.to_string()))?;
        let named = is_named(&policy, &guest.login());
        Ok(if named { GuestNamed::Otherwise } else { GuestNamed::Nowhere })
    }

    async fn account_of(&self, guest: &mut Guest) -> Result<Option<SeenAccount>, ControlPlaneError> {
        let users = self.plane.list_users().await?;
        let has_number = |user: &&User| guest.account.as_deref() == Some(user.id.as_str());
        let numbered = users.iter().find(has_number).filter(|user| user.provider_id.is_none());
        let Some(user) = users.iter().find(|user| guest.is(user)).or(numbered) else { return Ok(None) };
        let renamed = !guest.is(user) && user.name != guest.name;
        guest.account = Some(user.id.as_str().to_owned());
        let keys = self.plane.list_auth_keys().await?;
        let devices = self.plane.list_devices().await?.devices;
        let keys = keys.into_iter().filter(|key| key.user.as_ref() == Some(&user.id));
        let machines = devices.into_iter().filter(|device| device.user_id.as_ref() == Some(&user.id));
        Ok(Some(SeenAccount {
            keys: keys.map(|key| key.id.as_str().to_owned()).collect(),
            machines: machines.map(|device| device.id.as_str().to_owned()).collect(),
            renamed,
        }))
    }

    async fn end_of(&mut self, leave: &mut Leave, deed: GuestDeed) -> Result<(), Halt> {
        self.before_change().await?;
        let answer = match &deed {
            GuestDeed::EndKey(id) => self.plane.delete_auth_key(&KeyId::new(id)).await,
            GuestDeed::DeleteMachine(id) => self.plane.delete_device(&DeviceId::new(id)).await,
            GuestDeed::DeleteUser => {
                let id = leave.guest.account.clone().unwrap_or_default();
                self.plane.delete_user(&UserId::new(id)).await
            }
        };
        if let Err(error) = answer {
            leave.seen.failed.insert(deed, error);
            return Ok(());
        }
        let name = leave.guest.name.clone();
        let event = match &deed {
            GuestDeed::EndKey(id) => ShareEvent::KeyEnded { key: id.clone(), name },
            GuestDeed::DeleteMachine(id) => ShareEvent::MachineRemoved { machine: id.clone(), name },
            GuestDeed::DeleteUser => ShareEvent::UserRemoved { name },
        };
        let entry = self.entry(event).at(&self.state);
        self.state.db.insert_entry(&entry).await?;
        leave.done(&deed);
        Ok(())
    }

    async fn guest_stays(&mut self, guest: &Guest, why: WhyStays) -> Result<(), Halt> {
        let in_file = self.seen.in_file;
        let detail = words::member::user_stays(why, &guest.name, in_file);
        let event = ShareEvent::UserStays { name: guest.name.clone(), why, in_file };
        let entries = vec![self.entry(event).at(&self.state)];
        let steps = vec![(StepPhase::End, Step::RemoveGuest, detail)];
        self.save(Along { entries, steps, ..Along::default() }).await
    }

    fn attention_to(&self, stopped: &Stopped) -> Attention {
        let moment = shares::moment(&self.state);
        match stopped {
            Stopped::Reading(_, error) => trouble::of(Step::RemoveGuest, trouble::Call::Read, error, &moment),
            Stopped::Deeds(failed) => left(failed, &moment),
        }
    }
}

/// What could not be taken back, each named.
fn left(failed: &BTreeMap<GuestDeed, ControlPlaneError>, moment: &sharing::Moment) -> Attention {
    let gone = ControlPlaneError::NotFound;
    let first = failed.values().find(|error| **error != gone).unwrap_or(&gone);
    let attention = trouble::of(Step::RemoveGuest, trouble::Call::Change, first, moment);
    let (mut keys, mut machines, mut user) = (Vec::new(), Vec::new(), false);
    for deed in failed.iter().filter(|(_, error)| **error != gone).map(|(deed, _)| deed) {
        match deed {
            GuestDeed::EndKey(id) => keys.push(id.clone()),
            GuestDeed::DeleteMachine(id) => machines.push(id.clone()),
            GuestDeed::DeleteUser => user = true,
        }
    }
    let error = CallError::from(first);
    Attention { trouble: Trouble::GuestLeft { keys, machines, user, error }, ..attention }
}

fn reading<T>(answer: Result<T, ControlPlaneError>) -> Reading<T> {
    answer.map_or_else(Reading::Failed, Reading::Read)
}

/// One run over what is left of a friend.
struct Leave {
    guest: Guest,
    /// That were asked for because of the share.
    keys: Vec<GuestKey>,
    seen: GuestSeen,
}

impl Leave {
    fn keeps(&self, may_delete_user: bool) -> Keeps {
        let keys = self.keys.iter().filter_map(|key| key.key.clone()).collect();
        Keeps { ours: true, keys, may_delete_user }
    }

    /// Keys of which nobody knows whether they were made are those that were not there before, and are nobody else's.
    fn settle(&mut self, account: Option<&SeenAccount>, all: &[GuestKey]) {
        let Some(account) = account else { return };
        let mut found = Vec::new();
        for lost in self.keys.iter().filter(|key| key.key.is_none()) {
            let ids = lost.among(all, &account.keys).into_iter();
            found.extend(ids.map(|id| GuestKey { key: Some(id), ..lost.clone() }));
        }
        self.keys.extend(found);
    }

    /// As the server has it now.
    fn done(&mut self, deed: &GuestDeed) {
        let Reading::Read(Some(account)) = &mut self.seen.account else { return };
        match deed {
            GuestDeed::EndKey(id) => drop(account.keys.remove(id)),
            GuestDeed::DeleteMachine(id) => drop(account.machines.remove(id)),
            GuestDeed::DeleteUser => self.seen.account = Reading::Read(None),
        }
    }
}
