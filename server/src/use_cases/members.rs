//! Which account of a Headscale a friend is: its owner says so once, and the link is kept. Who has none is a guest.

use app::fault::Fault;
use app::ports::members::{MemberChoice, Members};
use async_trait::async_trait;
use model::{Login, ShareEvent, ShareId};

use super::Asker;
use crate::config::ProviderKind;
use crate::failure::OrInternal as _;
use crate::shares;
use crate::store::guests::Guest;
use crate::store::members::Member;
use crate::store::shares::Share;
use crate::words;

mod guests;
mod key;
mod loaded;
mod look;

/// Accounts in one list.
const SHOWN: usize = 50;

#[async_trait]
impl Members for Asker {
    async fn choice(&self, id: ShareId, q: String, again: bool) -> Result<Option<MemberChoice>, Fault> {
        let share = self.reviewed_share(id).await?;
        let db = &self.state.db;
        let tailnet = db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let Some(tailnet) = tailnet.filter(|tailnet| tailnet.kind.is_headscale()) else { return Ok(None) };
        if share.state.clone().apply().is_err() {
            return Ok(None);
        }
        let guest = self.guest(&share).await?;
        let new = guest.as_ref().is_some_and(Guest::is_new);
        if !again && (new || self.member(&share).await?.is_some()) {
            return Ok(None);
        }
        let waits = guest.filter(|guest| !guest.is_new());
        let limit = i64::try_from(SHOWN + 1).unwrap_or(i64::MAX);
        let found = db.search_members(tailnet.id, super::like(&q).as_deref(), limit).await;
        let mut found = found.or_internal("list the accounts")?;
        let more = found.len() > SHOWN;
        found.truncate(SHOWN);
        let likely = if q.trim().is_empty() { self.likely(&share, waits.as_ref()).await? } else { None };
        if let Some((account, _)) = &likely {
            found.retain(|other| other.id != account.id);
            found.insert(0, account.clone());
        }
        let names = self.names_of_share(&share).await?;
        Ok(Some(MemberChoice {
            share: id,
            gate: self.gate_of_share(&share).await?,
            tailnet: tailnet.id,
            tailnet_name: tailnet.name,
            friend: names.friend.clone(),
            typed: share.login.to_string(),
            q,
            accounts: found
                .iter()
                .map(|account| (account.id.clone(), words::member::account(account)))
                .collect(),
            more,
            suggested: self.free_names(&share, &names.friend).await?.into_iter().next().unwrap_or_default(),
            waits_for_sign_in: waits.is_some(),
            likely: likely.map(|(account, why)| (account.id, why)),
        }))
    }

    async fn choose(&self, id: ShareId, account: String) -> Result<(), Fault> {
        let share = self.reviewed_share(id).await?;
        let db = &self.state.db;
        let tailnet = db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        let tailnet = tailnet.filter(|tailnet| tailnet.kind.is_headscale());
        let tailnet = tailnet.ok_or_else(words::headscale::is_none)?;
        let wrong = || Fault::field("account", words::headscale::CHOOSE_AN_ACCOUNT);
        let account = db.find_account(tailnet.id, &account).await.or_internal("read the account")?;
        let account = account.ok_or_else(wrong)?;
        // What no rule can name is nobody's.
        let login = Login::of_headscale(&account.login).map_err(|_| wrong())?;
        let names = self.names_of_share(&share).await?;
        let event = ShareEvent::AccountChosen { friend: names.friend, login: login.to_string() };
        let entry = shares::entry(&share, self.actor().await?, event).at(&self.state);
        let of = (tailnet.id, share.friend);
        db.put_member(of, &account.id, self.state.now(), &entry).await.or_internal("keep the account")
    }

    async fn make_new(&self, id: ShareId, name: String, ephemeral: bool) -> Result<(), Fault> {
        let share = self.share_on_server(id).await?;
        self.choose_new(&share, name, ephemeral).await
    }

    async fn wait_for_sign_in(&self, id: ShareId) -> Result<(), Fault> {
        let share = self.share_on_server(id).await?;
        self.choose_sign_in(&share).await
    }

    async fn say_loaded(&self, id: ShareId) -> Result<(), Fault> {
        self.share_is_loaded(id).await
    }

    async fn make_key(&self, id: ShareId) -> Result<String, Fault> {
        let (share, _) = self.received_share(id).await?;
        self.key_for(share).await
    }

    async fn let_in(&self, id: ShareId, waiting: String) -> Result<(), Fault> {
        let (share, _) = self.received_share(id).await?;
        self.let_in_for(&share, &waiting).await
    }
}

impl Asker {
    /// The account that the friend of a share is on the owner's server.
    pub(super) async fn member(&self, share: &Share) -> Result<Option<Member>, Fault> {
        let found = self.state.db.find_member(share.tailnet, share.friend).await;
        found.or_internal("look which account they are")
    }

    /// A share that the viewer gives, on a server whose accounts its friends are.
    async fn share_on_server(&self, id: ShareId) -> Result<Share, Fault> {
        let share = self.given_share(id).await?;
        let tailnet = self.state.db.find_tailnet(share.tailnet).await.or_internal("read the tailnet")?;
        if tailnet.is_some_and(|tailnet| tailnet.kind.is_headscale()) {
            Ok(share)
        } else {
            Err(words::headscale::is_none())
        }
    }

    /// By what the provider says that both use; else by a mail that our own provider has verified, if just one account that
    /// came in by a provider has it; else the one that came since it is waited for; else by what the friend wrote. Only a
    /// proposal: whoever owns the server decides.
    async fn likely(&self, share: &Share, waits: Option<&Guest>) -> Result<Option<(Member, String)>, Fault> {
        let db = &self.state.db;
        for subject in self.provider_ids(share.friend).await? {
            let all = db.list_members_of_provider(share.tailnet, &subject).await;
            let mut theirs = all.or_internal("look for an account")?;
            if let (1, Some(only)) = (theirs.len(), theirs.pop()) {
                return Ok(Some((only, words::member::SAME_IDENTITY.into())));
            }
        }
        for email in self.emails(share.friend).await? {
            let all = db.list_members_named(share.tailnet, &email.to_lowercase()).await;
            let mut theirs: Vec<Member> = all.or_internal("look for an account")?;
            theirs.retain(|account| {
                account.provider_id.is_some()
                    && account.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&email))
            });
            if let (1, Some(only)) = (theirs.len(), theirs.pop()) {
                return Ok(Some((only, words::member::SAME_MAIL.into())));
            }
        }
        if let Some(known) = waits.and_then(|guest| guest.known.as_ref()) {
            let came = db.list_last_members(share.tailnet, 1).await.or_internal("look for an account")?;
            if let Some(last) = came.into_iter().find(|account| !known.contains(&account.id)) {
                return Ok(Some((last, words::member::CAME_SINCE.into())));
            }
        }
        let written = share.login.as_str().to_lowercase();
        let all = db.list_members_named(share.tailnet, &written).await;
        let mut written = all.or_internal("look for an account")?;
        let only = if written.len() == 1 { written.pop() } else { None };
        Ok(only.map(|account| (account, words::member::AS_WRITTEN.into())))
    }

    /// What a server with the same provider calls somebody: issuer and subject.
    async fn provider_ids(&self, person: model::PersonId) -> Result<Vec<String>, Fault> {
        let all = self.state.db.list_identities(person).await.or_internal("list the identities")?;
        let named = all.into_iter().filter_map(|identity| {
            let mut providers = self.state.config.providers.iter();
            let provider = providers.find(|provider| provider.id == identity.provider)?;
            match &provider.kind {
                ProviderKind::Oidc { issuer } => {
                    Some(format!("{}/{}", issuer.trim_end_matches('/'), identity.subject))
                }
                ProviderKind::GitHub { .. } => None,
            }
        });
        Ok(named.collect())
    }
}
