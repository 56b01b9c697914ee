//! Invites and the shares that come of them: two objects, as the audit log of the real service has them.

use jiff::Timestamp;

use super::{State, days_from, made_up};
use crate::rights::{Actor, Refusal, Right};

#[derive(Clone, Debug)]
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

#[derive(Clone, Debug)]
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
