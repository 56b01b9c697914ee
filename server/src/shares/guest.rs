//! The user that is made for a friend on the owner's server: asked for before the rule names it.

use std::collections::BTreeSet;

use control_plane::{NewUser, User};
use headscale_client::names;
use model::{JobKind, ShareEvent, Step, StepPhase};
use sharing::{Deed, Reading, What};

use super::work::{Flow, Halt, Work};
use crate::queue;
use crate::store::guests::Guest;
use crate::store::shares::Along;
use crate::tailnet::Inventory;
use crate::words;

/// Machines and accounts as a plan has to see them: somebody who was made for a share and has no machine yet comes in by
/// that share, like one whom the server does not have.
pub fn without_newcomer(inventory: &mut Inventory, guest: Option<&Guest>) {
    let Some(guest) = guest.filter(|guest| guest.is_new()) else { return };
    let has_machine = |user: &User| {
        let mut devices = inventory.devices.devices.iter();
        devices.any(|device| device.user_id.as_ref() == Some(&user.id))
    };
    let new: BTreeSet<_> = inventory
        .users
        .iter()
        .filter(|user| guest.is(user) && !has_machine(user))
        .map(|user| user.id.clone())
        .collect();
    inventory.users.retain(|user| !new.contains(&user.id));
}

impl Work {
    /// The guest that this share is for; none where its friend was an account before.
    pub(super) fn guest(&self) -> Option<&Guest> {
        self.guest.as_ref().filter(|guest| guest.is_new() && guest.login() == self.share.login.as_str())
    }

    /// Looks first: an answer may have been lost, and somebody may have taken the name.
    pub(super) async fn make_user(&mut self) -> Result<Flow, Halt> {
        let Some(guest) = self.guest().cloned() else { return Err(Halt::Soon) };
        if let Some(made) = self.desk.accounts.iter().find(|user| guest.is(user)).cloned() {
            return self.user_is_made(&made, words::member::FOUND_USER).await;
        }
        // Whoever widened the policy since it was read lets in whom is made now: looked at last of all.
        self.observe(What::Policy).await?;
        if !matches!((&self.seen.policy, &self.seen.plan), (Reading::Read(_), Reading::Read(_))) {
            return Ok(Flow::On);
        }
        let of = (guest.tailnet, guest.person);
        if names::check(&guest.name, &self.desk.accounts).is_err() {
            self.state.db.forget_guest(&guest, self.state.now()).await?;
            return self.review(words::member::name_is_taken(&guest.name)).await;
        }
        // Where an answer was lost before, it counts who was there then.
        let earlier = guest.known.clone();
        let ids = || self.desk.accounts.iter().map(|user| user.id.as_str().to_owned()).collect();
        let known: BTreeSet<String> = earlier.clone().unwrap_or_else(ids);
        self.state.db.begin_guest(of, Some(&known)).await?;
        self.guest = Some(Guest { known: Some(known), ..guest.clone() });
        self.before_change().await?;
        let friend = self.state.db.find_person(guest.person).await?;
        let display_name = friend.map(|person| person.name).unwrap_or_default();
        // Without a mail: one that somebody has at the server's own provider would be a clash.
        match self.plane.create_user(&NewUser { name: guest.name.clone(), display_name }).await {
            Ok(user) => self.user_is_made(&user, words::member::MADE_USER).await,
            Err(error) => {
                if !error.leaves_effect_unknown() {
                    self.state.db.begin_guest(of, earlier.as_ref()).await?;
                    self.guest = Some(Guest { known: earlier, ..guest });
                }
                self.seen.failed = Some((Deed::MakeUser, error));
                Ok(Flow::On)
            }
        }
    }

    async fn user_is_made(&mut self, user: &User, detail: &str) -> Result<Flow, Halt> {
        let Some(guest) = self.guest.as_mut() else { return Err(Halt::Soon) };
        let id = user.id.as_str().to_owned();
        guest.account = Some(id.clone());
        let of = (guest.tailnet, guest.person);
        let told = words::member::user_in_the_trail(&guest.name, &id);
        let entry = self.entry(ShareEvent::UserMade).after(told).at(&self.state);
        self.state.db.put_guest_account(of, &id, self.state.now(), &entry).await?;
        self.seen.user_to_make = false;
        self.desk.accounts.push(user.clone());
        let steps = vec![(StepPhase::Apply, Step::Account, detail.to_owned())];
        // So that pages know of the account.
        let jobs = vec![queue::job(&self.state, JobKind::Sync, self.share.tailnet)];
        self.save(Along { steps, jobs, ..Along::default() }).await?;
        Ok(Flow::On)
    }
}
