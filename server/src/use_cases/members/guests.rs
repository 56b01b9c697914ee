//! A friend who has no account on the server yet: how they come in, as its owner chose.

use app::fault::Fault;
use headscale_client::names;
use model::{GuestWay, ShareEvent};

use super::super::Asker;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::shares;
use crate::store::guests::Guest;
use crate::store::shares::Share;
use crate::words;

/// Names that are tried for whoever has a common one.
const TRIES: usize = 50;

impl Asker {
    /// How the friend of a share comes into the owner's server, where they have no account there.
    pub(in crate::use_cases) async fn guest(&self, share: &Share) -> Result<Option<Guest>, Fault> {
        let found = self.state.db.find_guest(share.tailnet, share.friend).await;
        found.or_internal("look how they come in")
    }

    pub(super) async fn choose_new(&self, share: &Share, name: String, ephemeral: bool) -> Result<(), Fault> {
        let name = name.trim().to_owned();
        if names::check_form(&name).is_err() {
            return Err(Fault::field("name", words::member::NAME_FORM));
        }
        if let Some(before) = self.guest(share).await?.filter(|before| before.account.is_some()) {
            // Looked at afresh: what was made a moment ago may not have been read yet.
            let plane =
                planes::of(&self.state, share.tailnet).await.or_internal("reach the control plane")?;
            let users = plane.list_users().await.map_err(planes::unavailable)?;
            if users.iter().any(|user| before.is(user)) {
                return Err(words::member::user_is_made());
            }
            // What was made for them and is gone is nobody's any more.
            self.state.db.forget_guest(&before, self.state.now()).await.or_internal("forget who is gone")?;
        }
        if !self.free_names(share, &name).await?.contains(&name) {
            return Err(Fault::field("name", words::member::is_taken(&name)));
        }
        let names = self.names_of_share(share).await?;
        let event = ShareEvent::NewUserChosen { friend: names.friend, name: name.clone(), ephemeral };
        let guest = Guest { way: GuestWay::NewUser, name, ephemeral, ..guest_of(share) };
        self.keep_way(share, &guest, event).await
    }

    pub(super) async fn choose_sign_in(&self, share: &Share) -> Result<(), Fault> {
        let there = self.state.db.list_account_ids(share.tailnet).await.or_internal("list the accounts")?;
        let names = self.names_of_share(share).await?;
        let event = ShareEvent::SignInChosen { friend: names.friend };
        let guest = Guest { known: Some(there.into_iter().collect()), ..guest_of(share) };
        self.keep_way(share, &guest, event).await
    }

    async fn keep_way(&self, share: &Share, guest: &Guest, event: ShareEvent) -> Result<(), Fault> {
        let entry = shares::entry(share, self.actor().await?, event).at(&self.state);
        let put = self.state.db.put_guest(guest, self.state.now(), &entry).await;
        if put.or_internal("keep how they come in")? { Ok(()) } else { Err(words::member::user_is_made()) }
    }

    /// Names for a new user that nobody there has as name or mail, the plainest first.
    pub(super) async fn free_names(&self, share: &Share, wanted: &str) -> Result<Vec<String>, Fault> {
        let begin: String = plain(wanted);
        let begin = if begin.is_empty() { "friend".to_owned() } else { begin };
        let taken = self.state.db.list_names_like(share.tailnet, &begin).await;
        let taken = taken.or_internal("list the names")?;
        let all = std::iter::once(begin.clone()).chain((2..TRIES).map(|number| format!("{begin}-{number}")));
        Ok(all.filter(|name| !taken.contains(name) && names::check_form(name).is_ok()).collect())
    }
}

/// Signing in, until more is known.
fn guest_of(share: &Share) -> Guest {
    Guest {
        tailnet: share.tailnet,
        person: share.friend,
        way: GuestWay::SignIn,
        name: String::new(),
        ephemeral: false,
        known: None,
        account: None,
    }
}

/// What of a name may stand in one of a user there.
fn plain(name: &str) -> String {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let lower = name.trim().to_lowercase().replace(char::is_whitespace, "-");
    let kept: String = lower.chars().filter(|c| fine(*c)).take(63).collect();
    kept.trim_start_matches(['.', '-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_stays_what_a_user_may_be_called() {
        for (name, kept) in
            [("Bruno", "bruno"), ("Ana María", "ana-mara"), ("  -x", "x"), ("陳", ""), ("A b", "a-b")]
        {
            assert_eq!(plain(name), kept);
        }
    }
}
