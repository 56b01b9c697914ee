//! What tests and the demo may do behind the API's back.

pub mod http;
pub mod views;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::fault::{Fault, FaultRule};
use crate::gate::{Gate, LogEntry};
use crate::hold::{Hold, HoldCell, Moment};
use crate::operation::Target;
use crate::rights::{Actor, Right};
use crate::state::{Device, Tailnet};
use views::TailnetView;

/// The controls of a running simulator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Control {
    pub(crate) gate: Arc<Gate>,
}

/// What a control call was about is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No tailnet of this name.
    #[error("there is no tailnet `{0}` in this world")]
    NoTailnet(String),
    /// No device of this hostname.
    #[error("there is no device `{0}` in this tailnet")]
    NoDevice(String),
    /// No user of this login.
    #[error("there is nobody `{0}` in this tailnet")]
    Nobody(String),
    /// The simulated control plane refused.
    #[error("{0}")]
    Refused(String),
}

impl Control {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    /// One fault, for one call, in place of its effect.
    pub fn fail_next(&self, target: impl Into<Target>, fault: Fault) {
        self.fail(FaultRule { target: target.into(), fault, times: 1, moment: Moment::BeforeEffect });
    }

    /// A fault by rule. Rules are tried in the order in which they came.
    pub fn fail(&self, rule: FaultRule) {
        self.gate.faults().push(rule);
    }

    /// No more faults.
    pub fn clear_faults(&self) {
        self.gate.faults().clear();
    }

    /// Holds the next call that matches.
    pub fn hold(&self, target: impl Into<Target>, moment: Moment) -> Hold {
        self.hold_nth(target, moment, 0)
    }

    /// Holds a later call that matches, counted from 0.
    pub fn hold_nth(&self, target: impl Into<Target>, moment: Moment, nth: u32) -> Hold {
        let id = self.gate.state().next_number();
        let cell = Arc::new(HoldCell::new(id, target.into(), moment, nth));
        self.gate.holds().push(Arc::clone(&cell));
        Hold(cell)
    }

    /// The hold of this number.
    pub fn find_hold(&self, id: u64) -> Option<Hold> {
        self.gate.holds().iter().find(|hold| hold.id == id).cloned().map(Hold)
    }

    /// Names of the tailnets, in the order of the world.
    pub fn tailnets(&self) -> Vec<String> {
        self.gate.state().tailnets.iter().map(|tailnet| tailnet.name.clone()).collect()
    }

    /// Everything in one tailnet.
    ///
    /// # Errors
    /// No such tailnet.
    pub fn tailnet(&self, name: &str) -> Result<TailnetView, ControlError> {
        let index = self.index(name)?;
        views::tailnet(&self.gate.state(), index).ok_or_else(|| ControlError::NoTailnet(name.to_owned()))
    }

    /// The policy in force, byte for byte.
    ///
    /// # Errors
    /// No such tailnet.
    pub fn policy(&self, name: &str) -> Result<String, ControlError> {
        Ok(self.tailnet(name)?.policy.text)
    }

    /// Somebody else edits the policy. Nothing is checked.
    ///
    /// # Errors
    /// No such tailnet.
    pub fn edit_policy(&self, name: &str, text: impl Into<String>) -> Result<(), ControlError> {
        let index = self.index(name)?;
        if let Some(tailnet) = self.gate.state().tailnets.get_mut(index) {
            tailnet.set_policy(text.into());
        }
        Ok(())
    }

    /// A device leaves, with its invites and shares.
    ///
    /// # Errors
    /// No such tailnet or device.
    pub fn remove_device(&self, name: &str, hostname: &str) -> Result<(), ControlError> {
        let index = self.index(name)?;
        let mut state = self.gate.state();
        let Some(tailnet) = state.tailnets.get(index) else {
            return Err(ControlError::NoTailnet(name.into()));
        };
        let number = device(tailnet, hostname)?.number;
        state.remove_device(index, number);
        Ok(())
    }

    /// Somebody puts tags on a device, in place of those that it has.
    ///
    /// # Errors
    /// No such tailnet or device.
    pub fn set_tags(&self, name: &str, hostname: &str, tags: &[&str]) -> Result<(), ControlError> {
        let index = self.index(name)?;
        let mut state = self.gate.state();
        let Some(tailnet) = state.tailnets.get_mut(index) else {
            return Err(ControlError::NoTailnet(name.into()));
        };
        let number = device(tailnet, hostname)?.number;
        for device in tailnet.devices.iter_mut().filter(|device| device.number == number) {
            device.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        }
        Ok(())
    }

    /// A member makes a single-use invite in the console, as owners without a user token have to. Gives its link.
    ///
    /// # Errors
    /// No such tailnet, person or device; a role that may not share.
    pub fn make_invite(&self, name: &str, login: &str, hostname: &str) -> Result<String, ControlError> {
        let index = self.index(name)?;
        let mut state = self.gate.state();
        let Some(tailnet) = state.tailnets.get(index) else {
            return Err(ControlError::NoTailnet(name.into()));
        };
        let (sharer, actor) = person(tailnet, index, login)?;
        actor.need(Right::Share).map_err(|refusal| ControlError::Refused(refusal.message))?;
        let number = device(tailnet, hostname)?.number;
        let invite = state.add_invite(index, number, sharer, false, false, None);
        Ok(state.invite_url(&invite))
    }

    /// A member deletes an invite in the console.
    ///
    /// # Errors
    /// No such tailnet or invite.
    pub fn delete_invite(&self, name: &str, id: &str) -> Result<(), ControlError> {
        let index = self.index(name)?;
        let mut state = self.gate.state();
        let found =
            state.invites.iter().find(|invite| invite.tailnet == index && invite.number.to_string() == id);
        let Some(number) = found.map(|invite| invite.number) else {
            return Err(ControlError::Refused(format!("there is no invite {id} in this tailnet")));
        };
        state.remove_invite(number);
        Ok(())
    }

    /// Somebody opens an invite link in their browser and accepts. Takes the link or its code.
    ///
    /// # Errors
    /// No such tailnet or person; a link that the API would refuse too.
    pub fn accept(&self, name: &str, login: &str, invite: &str) -> Result<(), ControlError> {
        let tailnet = self.index(name)?;
        let mut state = self.gate.state();
        let Some(home) = state.tailnets.get(tailnet) else {
            return Err(ControlError::NoTailnet(name.into()));
        };
        let (_, actor) = person(home, tailnet, login)?;
        let accepted = state.accept(&actor, invite).map(drop);
        accepted.map_err(|refusal| ControlError::Refused(refusal.message))
    }

    /// A machine joins with an auth key, given by its secret or id. Gives the machine's name.
    ///
    /// # Errors
    /// A key that is not there, over or used up; a name that is taken.
    pub fn join(&self, key: &str, hostname: &str, os: &str) -> Result<String, ControlError> {
        let mut state = self.gate.state();
        let joined = state.join(key, hostname, os).map(|device| device.hostname.clone());
        joined.ok_or_else(|| ControlError::Refused("invalid key: unable to validate API key".into()))
    }

    /// Revokes the access token or OAuth client with this secret or id. False: there is none.
    pub fn revoke(&self, secret_or_id: &str) -> bool {
        self.gate.state().revoke(secret_or_id)
    }

    /// Every token minted so far is refused, while the clients stay good.
    pub fn forget_minted_tokens(&self) {
        self.gate.state().forget_minted();
    }

    /// Whether deleting an accepted invite ends the share from now on.
    pub fn deleting_an_invite_ends_the_share(&self, so: bool) {
        self.gate.state().deleting_an_invite_ends_the_share = so;
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.gate.state().now()
    }

    /// The clock stands still at this time.
    pub fn pin_clock(&self, at: Timestamp) {
        self.gate.state().clock = Clock::Pinned(at);
    }

    /// The clock jumps.
    pub fn advance_clock(&self, by: SignedDuration) {
        self.gate.state().clock.advance(by);
    }

    /// What was asked, in order of arrival.
    pub fn log(&self) -> Vec<LogEntry> {
        self.gate.log().clone()
    }

    /// Forgets what was asked.
    pub fn clear_log(&self) {
        self.gate.log().clear();
    }

    fn index(&self, name: &str) -> Result<usize, ControlError> {
        let state = self.gate.state();
        let found = state.tailnets.iter().position(|tailnet| tailnet.name == name);
        found.ok_or_else(|| ControlError::NoTailnet(name.to_owned()))
    }
}

fn person(tailnet: &Tailnet, index: usize, login: &str) -> Result<(usize, Actor), ControlError> {
    let found = tailnet.users.iter().enumerate().find(|(_, user)| user.login == login);
    let (number, user) = found.ok_or_else(|| ControlError::Nobody(login.to_owned()))?;
    Ok((number, Actor::User { tailnet: index, user: number, role: user.role.clone() }))
}

fn device<'a>(tailnet: &'a Tailnet, hostname: &str) -> Result<&'a Device, ControlError> {
    let found = tailnet.devices.iter().find(|device| device.hostname == hostname);
    found.ok_or_else(|| ControlError::NoDevice(hostname.to_owned()))
}
