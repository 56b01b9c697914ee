//! Invites and the shares that come of them: two objects, as the audit log of the real service has them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{State, days_from, made_up};
use crate::rights::{Actor, Refusal, Right};
use crate::world::{self, WorldError};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invite {
    pub number: u64,
    pub tailnet: usize,
    /// Number of the device.
    pub device: u64,
    /// Index into the users of the tailnet.
    pub sharer: usize,
    pub code: String,
    pub created: Timestamp,
    pub multi_use: bool,
    pub allow_exit_node: bool,
    pub email: Option<String>,
    pub last_email: Option<Timestamp>,
    /// The last who accepted: recipient's tailnet and user. How several show is not documented.
    pub accepted_by: Option<(usize, usize)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Share {
    pub invite: u64,
    pub tailnet: usize,
    pub device: u64,
    pub recipient_tailnet: usize,
    pub recipient: usize,
}

/// "Unused invites expire after 30 days."
pub const LIFETIME_DAYS: i64 = 30;

impl State {
    pub fn invite_url(&self, invite: &Invite) -> String {
        format!("{}{}", self.invite_base, invite.code)
    }

    pub fn add_invite(
        &mut self,
        tailnet: usize,
        device: u64,
        sharer: usize,
        multi_use: bool,
        allow_exit_node: bool,
        email: Option<String>,
    ) -> Invite {
        let created = self.now();
        let invite = Invite {
            number: self.next_number(),
            tailnet,
            device,
            sharer,
            code: made_up::secret(),
            created,
            multi_use,
            allow_exit_node,
            last_email: email.as_ref().map(|_| created),
            email,
            accepted_by: None,
        };
        self.invites.push(invite.clone());
        invite
    }

    /// Invites of a tailnet that were accepted before this world begins.
    pub(super) fn share_as_in(&mut self, tailnet: usize, from: &world::Tailnet) -> Result<(), WorldError> {
        if from.shares.is_empty() {
            return Ok(());
        }
        let others = self.tailnets.iter().enumerate().filter(|(index, _)| *index != tailnet);
        let mut people = HashMap::new();
        for (index, other) in others {
            for (user, known) in other.users.iter().enumerate() {
                people.entry(known.login.clone()).or_insert((index, user));
            }
        }
        let Some(own) = self.tailnets.get(tailnet) else { return Ok(()) };
        let devices: HashMap<String, u64> =
            own.devices.iter().map(|device| (device.hostname.clone(), device.number)).collect();
        let members: Vec<String> = own.users.iter().map(|user| user.login.clone()).collect();
        for share in &from.shares {
            let (Some(&device), Some(&by)) = (devices.get(&share.device), people.get(&share.with)) else {
                return Err(WorldError::Share {
                    device: share.device.clone(),
                    with: share.with.clone(),
                    tailnet: from.name.clone(),
                });
            };
            let sharer = members.iter().position(|login| *login == share.by).unwrap_or_default();
            let invite = self.add_invite(tailnet, device, sharer, false, false, None).number;
            if let Some(invite) = self.invites.last_mut() {
                invite.accepted_by = Some(by);
            }
            let (recipient_tailnet, recipient) = by;
            self.shares.push(Share { invite, tailnet, device, recipient_tailnet, recipient });
        }
        Ok(())
    }

    /// Takes an invite away, and the share with it if this world is so.
    pub fn remove_invite(&mut self, number: u64) {
        self.invites.retain(|invite| invite.number != number);
        if self.deleting_an_invite_ends_the_share {
            self.shares.retain(|share| share.invite != number);
        }
    }

    /// Accepts for a person. The refusals' words are our own: the real ones are not known.
    pub fn accept(&mut self, actor: &Actor, code: &str) -> Result<(Invite, Share), Refusal> {
        let Actor::User { tailnet, user, .. } = *actor else {
            return Err(Refusal::forbidden());
        };
        actor.need(Right::Share)?;
        let now = self.now();
        let code = code.rsplit('/').next().unwrap_or(code);
        let found = self.invites.iter_mut().find(|invite| invite.code == code);
        let invite = found.ok_or_else(|| Refusal::bad_request("invalid invite code"))?;
        if days_from(invite.created, LIFETIME_DAYS) <= now {
            return Err(Refusal::bad_request("this invite has expired"));
        }
        if invite.tailnet == tailnet {
            return Err(Refusal::bad_request("cannot accept an invite to a device of your own tailnet"));
        }
        let again = self.shares.iter().any(|share| {
            share.invite == invite.number && (share.recipient_tailnet, share.recipient) == (tailnet, user)
        });
        if again || invite.accepted_by.is_some() && !invite.multi_use {
            return Err(Refusal::bad_request("this invite has already been used"));
        }
        invite.accepted_by = Some((tailnet, user));
        let share = Share {
            invite: invite.number,
            tailnet: invite.tailnet,
            device: invite.device,
            recipient_tailnet: tailnet,
            recipient: user,
        };
        self.shares.push(share.clone());
        Ok((invite.clone(), share))
    }

    /// Everybody a device of this tailnet is shared with, once: tailnet and user.
    pub fn recipients(&self, tailnet: usize) -> Vec<(usize, usize)> {
        let mut people: Vec<_> = self
            .shares
            .iter()
            .filter(|share| share.tailnet == tailnet)
            .map(|share| (share.recipient_tailnet, share.recipient))
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}
