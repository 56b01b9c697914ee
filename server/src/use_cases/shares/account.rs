//! A friend who said yes without an account: what they read until they have one, and how they name it.

use app::fault::Fault;
use app::ports::shares::MissingAccount;
use model::{JobKind, Login, ShareEvent, ShareId, ShareState};

use super::super::rights::Side;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::queue;
use crate::shares;
use crate::store::gates::Names;
use crate::store::services::ServiceAtNode;
use crate::store::shares::{Along, Share};
use crate::store::tailnets::Tailnet;
use crate::use_cases::Asker;
use crate::words;

impl Asker {
    /// For the friend, and only as long as they have none.
    pub(super) async fn account_of(
        &self,
        share: &Share,
        names: &Names,
        tailnet: Option<&Tailnet>,
    ) -> Result<Option<MissingAccount>, Fault> {
        if !matches!(share.state, ShareState::AccountMissing { .. }) {
            return Ok(None);
        }
        let server = tailnet.filter(|tailnet| tailnet.kind.is_headscale());
        let Names { owner, service, .. } = names;
        Ok(Some(MissingAccount {
            steps: match server {
                Some(server) => {
                    words::account::steps_on_server(owner, service, &server.name, server.server())
                }
                None => words::account::steps(owner, service),
            },
            install_at: words::account::INSTALL_AT,
            systems: words::account::systems(),
            logins: self.emails(share.friend).await?,
            server: server.map(|server| server.name.clone()),
        }))
    }

    pub(super) async fn name_account_of(&self, id: ShareId, login: String) -> Result<(), Fault> {
        let (mut share, side) = self.my_share(id).await?;
        if side != Side::Receiving {
            return Err(Fault::Forbidden);
        }
        let next = share.state.clone().name_account();
        let next = next.map_err(|_| Fault::conflict(words::account::NOT_WAITED_FOR))?;
        let placed = self.state.db.find_service(share.service).await.or_internal("read the service")?;
        let placed = placed.ok_or(Fault::NotFound)?;
        share.login = self.login_for(&placed, share.friend, &login).await?;
        share.state = next;
        let entry = shares::entry(&share, self.actor().await?, ShareEvent::AccountNamed).at(&self.state);
        // Somebody may have approved it beforehand.
        let jobs =
            if share.deeds.unasked { vec![queue::job(&self.state, JobKind::Share, id)] } else { Vec::new() };
        let stored = shares::store(&self.state, &mut share, Along { jobs, ..Along::of(entry) }).await;
        if stored.or_internal("store the share")? {
            self.state.signals.poke.notify_one();
            Ok(())
        } else {
            Err(words::share::changes_again_and_again())
        }
    }

    /// The account by which somebody is to be let in to a service, from what they wrote.
    pub(in crate::use_cases) async fn login_for(
        &self,
        placed: &ServiceAtNode,
        person: model::PersonId,
        typed: &str,
    ) -> Result<Login, Fault> {
        if let Some(server) = self.server_of(placed).await? {
            return self.login_on(&server, person, typed).await;
        }
        let login: Login = typed.parse().map_err(|error| Fault::field("login", error))?;
        if !login.is_known() || self.is_owners(placed, &login).await? {
            return Err(Fault::field("login", words::account::IS_OWNERS));
        }
        Ok(login)
    }

    /// Whether a login is the owner's own: as the machine's, as that of their credential, or by an address that is verified
    /// as theirs.
    async fn is_owners(&self, placed: &ServiceAtNode, login: &Login) -> Result<bool, Fault> {
        let same = |text: &str| text.eq_ignore_ascii_case(login.as_str());
        let node = self.state.db.find_node(placed.service.node).await.or_internal("read the machine")?;
        if node.is_some_and(|node| same(&node.user_login)) {
            return Ok(true);
        }
        let token =
            planes::token_login(&self.state, placed.tailnet).await.or_internal("read the credentials")?;
        if token.is_some_and(|token| token == *login) {
            return Ok(true);
        }
        Ok(self.emails(placed.owner).await?.iter().any(|email| same(email)))
    }
}
