//! A server that reads its policy from a file has loaded it: whoever looks after it says so, or a machine shows it.

use app::fault::Fault;
use model::text::sentence;
use model::{ShareEvent, ShareId, Trouble};

use super::super::Asker;
use super::super::rights::SaysYes;
use crate::shares;
use crate::store::shares::{Along, Share};
use crate::words;

impl Asker {
    /// Whether somebody new waits for that: what is in force instead of the file may let everybody in.
    pub(in crate::use_cases) async fn waits_for_load(&self, share: &Share) -> Result<bool, Fault> {
        let in_file = share.state.attention().is_some_and(|why| why.trouble == Trouble::InFile);
        if !in_file || share.deeds.loaded.is_some() {
            return Ok(false);
        }
        let guest = self.guest(share).await?;
        Ok(guest.is_some_and(|guest| guest.is_new() && guest.login() == share.login.as_str()))
    }

    /// From now on they may come in.
    pub(super) async fn share_is_loaded(&self, id: ShareId) -> Result<(), Fault> {
        let mut share = self.given_share(id).await?;
        // Who only lends a machine there has no hand on the server.
        if self.says_yes(&share).await? != SaysYes::All {
            return Err(words::lender::owner_reviews());
        }
        if !self.waits_for_load(&share).await? {
            return Err(words::member::waits_for_no_file());
        }
        share.deeds.loaded = Some(self.state.now());
        share.state = share.state.resume().map_err(|error| Fault::conflict(sentence(&error.to_string())))?;
        let said = self.actor().await?;
        let entry = shares::entry(&share, said, ShareEvent::LoadConfirmed).at(&self.state);
        self.store(share, Along { entries: vec![entry], ..Along::default() }).await
    }
}
