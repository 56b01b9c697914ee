//! A friend's device comes into the owner's server: with a key that is shown once, or by the id of the page at which it waits.

use std::collections::BTreeSet;

use app::fault::Fault;
use app::ports::members::WayIn;
use control_plane::{ControlPlane, ControlPlaneError, KeyId, NewAuthKey, Secret, UserId};
use model::{Attention, JobKind, ShareEvent, ShareState};

use super::super::Asker;
use super::super::rights::Side;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::shares;
use crate::store::guests::{Guest, GuestKey};
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;
use crate::tailnet::Lease;
use crate::words;

/// How long a key works: until tomorrow at this hour.
const LIFETIME: u32 = 24 * 60 * 60;
/// The longest id of a waiting machine, or address of its page.
const LONGEST: usize = 300;

impl Asker {
    /// The way into the server for the friend of a share, as its page shows it to them.
    pub(in crate::use_cases) async fn way_in(
        &self,
        share: &Share,
        server: &Tailnet,
    ) -> Result<Option<WayIn>, Fault> {
        let guest = self.guest(share).await?.filter(|guest| guest.login() == share.login.as_str());
        let can_let_in = is_open(share);
        let Some(guest) = guest.filter(|guest| guest.account.is_some()) else {
            return Ok(can_let_in.then(|| WayIn { can_let_in, ..WayIn::default() }));
        };
        let keys = self.state.db.list_guest_keys(share.id).await.or_internal("look for keys")?;
        let can_make_key = may_have_key(share);
        let not_loaded = is_open(share) && !can_make_key;
        if !can_make_key && !not_loaded {
            return Ok(None);
        }
        Ok(Some(WayIn {
            can_make_key,
            no_key: not_loaded.then(|| words::member::NOT_LOADED.to_owned()),
            had_key: !keys.is_empty(),
            ephemeral: guest.ephemeral,
            with_key: if can_make_key {
                words::join_server::with_key(server.server(), &server.name)
            } else {
                Vec::new()
            },
            can_let_in: can_make_key,
        }))
    }

    pub(super) async fn key_for(&self, share: Share) -> Result<String, Fault> {
        let guest = self.guest(&share).await?.filter(|guest| guest.login() == share.login.as_str());
        let Some((guest, account)) = guest.and_then(|guest| Some((guest.clone(), guest.account?))) else {
            return Err(words::member::not_a_guest());
        };
        if !may_have_key(&share) {
            return Err(words::member::not_open_yet());
        }
        // Whoever ends the share ends its keys: not while one is asked for.
        let lease = Lease::take_soon(&self.state, share.tailnet).await.or_internal("take the lease")?;
        let Some(lease) = lease else { return Err(words::share::job_is_looking()) };
        let made = self.made_under_lease(&lease, &share, &guest, &account).await;
        lease.give_back().await.or_internal("give the lease back")?;
        made
    }

    async fn made_under_lease(
        &self,
        lease: &Lease,
        share: &Share,
        guest: &Guest,
        account: &str,
    ) -> Result<String, Fault> {
        let state = &self.state;
        let share = &self.open_to_devices(share).await?;
        let plane = planes::of(state, share.tailnet).await.or_internal("reach the control plane")?;
        let mut good = keys_of(plane.as_ref(), account).await.map_err(planes::unavailable)?;
        let all = state.db.list_guest_keys_of(share.tailnet, account).await.or_internal("look for keys")?;
        // One at a time: whoever asks again has lost the one before.
        for earlier in all.iter().filter(|key| key.share == share.id) {
            for id in earlier.among(&all, &good) {
                let ended = plane.delete_auth_key(&KeyId::new(&id)).await;
                match ended {
                    Ok(()) | Err(ControlPlaneError::NotFound) => drop(good.remove(&id)),
                    Err(error) => return Err(words::member::earlier_key_works(&in_words(&error))),
                }
            }
            state.db.forget_guest_key(earlier.id).await.or_internal("forget the key")?;
        }
        let policy = self.gives_no_more(share).await?;
        if !lease.renew().await.or_internal("keep the lease")? {
            return Err(words::share::job_is_looking());
        }
        let ends = state.now().plus_seconds(i64::from(LIFETIME));
        let key = GuestKey {
            id: state.new_id(),
            share: share.id,
            account: account.to_owned(),
            known: good,
            asked: state.now(),
            ends,
            key: None,
        };
        state.db.insert_guest_key(&key).await.or_internal("write down that a key is asked for")?;
        let asked = NewAuthKey {
            user: Some(UserId::new(account)),
            lifetime_seconds: Some(LIFETIME),
            ends: Some(ends),
            ephemeral: guest.ephemeral,
            preauthorized: true,
            ..NewAuthKey::default()
        };
        match plane.create_auth_key(&asked).await {
            Ok(made) => {
                if let Err(fault) = self.gives_no_more_since(share, (plane.as_ref(), &policy)).await {
                    // Nobody has seen it. Should this fail, the next look at the network finds it.
                    if let Ok(()) | Err(ControlPlaneError::NotFound) = plane.delete_auth_key(&made.id).await {
                        state.db.forget_guest_key(key.id).await.or_internal("forget the key")?;
                    }
                    return Err(fault);
                }
                let (id, ends) = (made.id.as_str(), made.expires.unwrap_or(ends).min(ends));
                let told = words::member::key_in_the_trail(id, &ends.to_minutes());
                let entry =
                    shares::entry(share, self.actor().await?, ShareEvent::KeyMade).after(told).at(state);
                let kept = state.db.put_guest_key(key.id, (id, ends), &entry).await;
                if let Ok(true) = kept {
                    return Ok(made.key.expose().to_owned());
                }
                // Should this fail too, the next look at the network finds it.
                let _ = plane.delete_auth_key(&made.id).await;
                kept.or_internal("keep the key")?;
                Err(words::member::key_took_too_long())
            }
            Err(error) => {
                let maybe = error.leaves_effect_unknown();
                if maybe {
                    let queued = queue::enqueue(state, JobKind::Sync, share.tailnet).await;
                    queued.or_internal("have the key looked for")?;
                } else {
                    state.db.forget_guest_key(key.id).await.or_internal("forget the intended key")?;
                }
                Err(words::member::no_key(&in_words(&error), maybe))
            }
        }
    }

    pub(super) async fn let_in_for(&self, share: &Share, waiting: &str) -> Result<(), Fault> {
        let wrong = || Fault::field("waiting", words::member::NO_SUCH_WAIT);
        let waiting = waiting.trim();
        if waiting.is_empty() || waiting.len() > LONGEST {
            return Err(wrong());
        }
        if !is_open(share) {
            return Err(words::member::not_open_yet());
        }
        if !self.guest(share).await?.is_some_and(|guest| guest.is_new()) {
            return self.let_in_now(share, waiting).await;
        }
        // Whoever is new comes in by what the policy says at that moment.
        let lease = Lease::take_soon(&self.state, share.tailnet).await.or_internal("take the lease")?;
        let Some(lease) = lease else { return Err(words::share::job_is_looking()) };
        let let_in = self.let_in_under_lease(share, waiting).await;
        lease.give_back().await.or_internal("give the lease back")?;
        let_in
    }

    async fn let_in_under_lease(&self, share: &Share, waiting: &str) -> Result<(), Fault> {
        let share = self.open_to_devices(share).await?;
        self.gives_no_more(&share).await?;
        self.let_in_now(&share, waiting).await
    }

    /// The share as it is now, if nothing but it opens to a device that comes in.
    async fn open_to_devices(&self, share: &Share) -> Result<Share, Fault> {
        let now = self.state.db.find_share(share.id).await.or_internal("read the share")?;
        now.filter(may_have_key).ok_or_else(words::member::not_open_yet)
    }

    async fn let_in_now(&self, share: &Share, waiting: &str) -> Result<(), Fault> {
        let wrong = || Fault::field("waiting", words::member::NO_SUCH_WAIT);
        let plane = planes::of(&self.state, share.tailnet).await.or_internal("reach the control plane")?;
        let users = plane.list_users().await.map_err(planes::unavailable)?;
        let user = users.into_iter().find(|user| user.login == share.login.as_str());
        let user = user.ok_or_else(words::member::no_account_yet)?;
        let device = plane.let_in(&Secret::new(waiting), &user).await.map_err(|error| match error {
            ControlPlaneError::NotFound | ControlPlaneError::Rejected { .. } => wrong(),
            error => words::member::not_let_in(&in_words(&error)),
        })?;
        let event = ShareEvent::MachineLetIn;
        let entry = shares::entry(share, self.actor().await?, event).after(device.hostname).at(&self.state);
        self.state.db.insert_entry(&entry).await.or_internal("write down who was let in")?;
        let queued = queue::enqueue(&self.state, JobKind::Sync, share.tailnet).await;
        queued.or_internal("have the network read")
    }

    /// A share of which the viewer is the friend; whoever gives it may know of it.
    pub(super) async fn received_share(&self, id: model::ShareId) -> Result<(Share, Tailnet), Fault> {
        let (share, side) = self.my_share(id).await?;
        if side == Side::Giving {
            return Err(Fault::Forbidden);
        }
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.filter(|tailnet| tailnet.kind.is_headscale());
        Ok((share, tailnet.ok_or_else(words::headscale::is_none)?))
    }
}

/// Ids of the keys of an account that are good.
async fn keys_of(plane: &dyn ControlPlane, account: &str) -> Result<BTreeSet<String>, ControlPlaneError> {
    let keys = plane.list_auth_keys().await?.into_iter();
    let theirs = keys.filter(|key| key.user.as_ref().is_some_and(|user| user.as_str() == account));
    Ok(theirs.map(|key| key.id.as_str().to_owned()).collect())
}

/// Whether its rule is in force, or stands in a file that may be.
fn is_open(share: &Share) -> bool {
    let in_file = share.state.attention().is_some_and(Attention::is_in_file);
    matches!(share.state, ShareState::Active { .. }) || in_file
}

/// Whether nothing but the share opens to a device that comes in now. What stands in a file may not be in force yet, and
/// what is in force instead may let everybody in: also where an earlier share has narrowed it.
fn may_have_key(share: &Share) -> bool {
    match share.state {
        ShareState::Active { .. } => true,
        _ => is_open(share) && share.deeds.loaded.is_some(),
    }
}
