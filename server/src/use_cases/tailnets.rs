//! Connected networks: credentials, machines, policy.

use std::collections::HashMap;

use app::fault::Fault;
use app::ports::gate::Gate;
use app::ports::paging::{PAGE, Paged};
use app::ports::tailnets::{
    After, Asked, ConnectForm, ConnectView, List, NodeView, PolicyView, Sync, TailnetCard, TailnetView,
    Tailnets, UserView,
};
use async_trait::async_trait;
use control_plane::{Ability, CredentialKind, UserKind};
use model::secrets::KeyKind;
use model::{JobKind, Name, NodeId, PlaneKind, TailnetId, Timestamp};

use self::keys::{client_of, misplaced, misplaced_in_client};
use self::lines::annotated;
use super::rights::Reads;
use super::{Asker, apart, nodes};
use crate::failure::OrInternal as _;
use crate::planes;
use crate::planes::headscale::in_force;
use crate::queue;
use crate::store::nodes::{Account, After as Behind, NodeSearch};
use crate::store::shares::Share;
use crate::store::tailnets::{Numbers, Tailnet};
use crate::words;

mod headscale;
mod keys;
mod lines;

#[async_trait]
impl Tailnets for Asker {
    async fn list_page(&self, after: Option<String>) -> Result<Paged<TailnetCard>, Fault> {
        let me = self.me()?;
        let all = self.state.db.list_tailnets_of(me).await.or_internal("list the tailnets")?.readable();
        let page = Paged::behind(all, after.as_deref(), |tailnet| tailnet.id.to_string());
        Ok(Paged { items: self.tailnet_cards(&page.items).await?, next: page.next })
    }

    async fn get_page(&self, id: TailnetId, asked: Asked) -> Result<TailnetView, Fault> {
        let tailnet = self.my_tailnet(id).await?;
        let db = &self.state.db;
        let listed = db.list_credentials(id).await.or_internal("list the credentials")?;
        let unknown = !listed.damaged.is_empty();
        let stored = listed.readable();
        let (users, machines) = (asked.rows(List::Users), asked.rows(List::Machines));
        let limit = |rows: usize| i64::try_from(rows + 1).unwrap_or(i64::MAX);
        let behind = asked.after.users.as_deref().and_then(|after| after.split_once('.'));
        let accounts =
            db.search_accounts(id, super::like(&asked.users_q).as_deref(), behind, limit(users)).await;
        let accounts = accounts.or_internal("list the users")?;
        let accounts = Paged::cut(accounts, users, Account::place);
        let unmanaged = self.unmanaged(&tailnet, asked.after.elsewhere.as_deref()).await?;
        let search = NodeSearch {
            like: super::like(&asked.q),
            only: asked.only,
            after: asked.after.machines.as_deref().and_then(Behind::parse),
            limit: limit(machines),
        };
        let nodes = db.search_nodes(id, &search).await.or_internal("list the nodes")?;
        let nodes = Paged::cut(nodes, machines, |counted| Behind::of(&counted.node).to_string());
        let (of, after) = ((id, None), asked.after.gates.as_deref());
        let (gates, unread) = self.gates_of_tailnet(of, after, asked.rows(List::Gates)).await?;
        let mut remarks = Vec::new();
        if tailnet.kind.is_headscale() {
            remarks.extend(headscale::notes(&tailnet));
        } else if tailnet.policy_is_elsewhere() == Ok(true) {
            remarks.push(words::tailnet::POLICY_ELSEWHERE.into());
        }
        if tailnet.settings.is_err() {
            remarks.push(words::tailnet::SETTINGS_UNREAD.into());
        }
        if unknown {
            remarks.push(words::tailnet::CREDENTIAL_UNREAD.into());
        }
        if unread {
            remarks.push(words::tailnet::SHARE_UNREAD.into());
        }
        let cards = self.tailnet_cards(std::slice::from_ref(&tailnet)).await?;
        Ok(TailnetView {
            card: cards.into_iter().next().ok_or(Fault::NotFound)?,
            credentials: words::credential::views(&stored, tailnet.kind, self.state.now()),
            readable: words::credential::readable(tailnet.kind),
            server: self.server_view(&tailnet, &stored).await?,
            notes: remarks,
            may_write: self.may_write(&tailnet).await?,
            nodes: nodes.map(nodes::card),
            users: accounts.map(|account| UserView {
                role: if account.kind == UserKind::Shared { "share recipient".into() } else { account.role },
                devices: u32::try_from(account.devices).unwrap_or(0),
                login: account.login,
                name: account.name,
            }),
            gates,
            unmanaged,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn node_page(&self, id: NodeId, after: After) -> Result<NodeView, Fault> {
        let (node, tailnet) = self.my_node(id).await?;
        let db = &self.state.db;
        let me = self.me()?;
        let stands = db.stands_to_node(id, me).await.or_internal("look how they stand to it")?;
        self.known().await?;
        let placed = db.list_services_of_node(id).await.or_internal("list the services")?;
        let placed = Paged::behind(placed, after.services.as_deref(), |placed| placed.service.id.to_string());
        let counted = db.find_counted_node(id).await.or_internal("count what is at the node")?;
        let held = self.my_tailnet(tailnet.id).await.is_err();
        Ok(NodeView {
            held,
            tailnet: tailnet.id,
            tailnet_name: tailnet.name,
            host: self.standing(&node).await?,
            card: nodes::card(counted.ok_or(Fault::NotFound)?),
            services: placed.map(|placed| {
                let stands = stands.get(&placed.service.id).cloned().unwrap_or_default();
                self.card(me, &placed, &stands)
            }),
            gates: self.gates_of_tailnet((tailnet.id, Some(id)), after.gates.as_deref(), PAGE).await?.0,
            history: self.history(id.uuid()).await?,
        })
    }

    async fn policy(&self, id: TailnetId) -> Result<PolicyView, Fault> {
        let (tailnet, reads) = self.read_tailnet(id).await?;
        let (text, read, share_lines) = match reads {
            Reads::AndChanges => {
                let plane = planes::of(&self.state, id).await.or_internal("reach the control plane")?;
                let file = plane.get_policy().await.map_err(planes::unavailable)?;
                let lines = self.share_lines(id, &file.text).await?;
                (file.text, self.state.now(), lines)
            }
            Reads::Only => {
                let (text, read) = self.policy_last_read(id).await?;
                (text, read, Vec::new())
            }
        };
        let seen = self.cached_reach(id).await?;
        let language = in_force(tailnet.kind);
        let (refused, (lines, silent)) = apart(move || {
            let read = policy::Policy::read(&text, language);
            let refused = read.err().map(|error| error.to_string());
            (refused, annotated(&text, seen.as_ref().map(|seen| &*seen.evaluation)))
        })
        .await?;
        Ok(PolicyView { tailnet: id, tailnet_name: tailnet.name, refused, lines, silent, read, share_lines })
    }

    async fn connect_form(&self) -> Result<ConnectView, Fault> {
        let me = self.me()?;
        let planes = &self.state.config.control_planes;
        // Empty outside the demo, where nobody has credentials to look for.
        let emails =
            if self.state.config.demo_kit.keyring.is_empty() { Vec::new() } else { self.emails(me).await? };
        let found = self.state.config.demo_kit.keyring.iter().find(|(login, _)| emails.contains(login));
        Ok(ConnectView {
            form: found.map(|(_, form)| form.clone()).unwrap_or_default(),
            control_planes: planes
                .iter()
                .map(|plane| (plane.base_url.as_str().trim_end_matches('/').to_owned(), plane.label.clone()))
                .collect(),
            readable: words::credential::readable(PlaneKind::Tailscale),
        })
    }

    async fn connect(&self, form: ConnectForm) -> Result<TailnetId, Fault> {
        let me = self.me()?;
        if !form.api_key.trim().is_empty() {
            return self.connect_headscale(form).await;
        }
        let mut errors = misplaced_in_client(&form.client_id, &form.client_secret);
        errors.extend(misplaced("name", &form.name, None));
        errors.extend(misplaced("user_token", &form.user_token, Some(KeyKind::ApiToken)));
        if !errors.is_empty() {
            return Err(Fault::Invalid(errors));
        }
        let name = form.name.parse::<Name>().map_err(|e| errors.push(("name".into(), e.to_string())));
        let (base_url, label) = self.control_plane(&form.base_url).unwrap_or_else(|| {
            errors.push(("base_url".into(), words::tailnet::CHOOSE_A_CONTROL_PLANE.into()));
            Default::default()
        });
        let client = client_of(&form.client_id, &form.client_secret);
        if let Err((field, error)) = &client {
            errors.push(((*field).into(), error.clone()));
        }
        let (Ok(name), Ok(client), true) = (name, client, errors.is_empty()) else {
            return Err(Fault::Invalid(errors));
        };
        let token = form.user_token.trim();
        let id = self.state.new_id();
        let mut stored = vec![self.checked(id, &base_url, CredentialKind::Client, &client).await?];
        if !token.is_empty() {
            stored.push(self.checked(id, &base_url, CredentialKind::UserToken, token).await?);
        }
        if !token.is_empty() {
            let (mine, theirs) = (
                self.machines(&base_url, Some(&client), None).await,
                self.machines(&base_url, None, Some(token)).await,
            );
            if !mine.is_empty() && !theirs.is_empty() && !mine.iter().any(|id| theirs.contains(id)) {
                return Err(Fault::field("user_token", words::tailnet::TOKEN_OF_ANOTHER));
            }
        }
        let tailnet = Tailnet::new((id, me), name.to_string(), (label, base_url), PlaneKind::Tailscale);
        self.store_connected(&tailnet, &stored).await
    }

    async fn set_user_token(&self, id: TailnetId, token: String) -> Result<(), Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let token = token.trim();
        if let Some(wrong) = misplaced("user_token", token, Some(KeyKind::ApiToken)) {
            return Err(Fault::Invalid(vec![wrong]));
        }
        let db = &self.state.db;
        if token.is_empty() {
            let entry =
                self.about_tailnet(&tailnet, words::tailnet::REMOVED_USER_TOKEN).await?.at(&self.state);
            let removed = db.delete_credential(id, CredentialKind::UserToken, &entry).await;
            return removed.or_internal("remove the token");
        }
        let checked = self.checked(id, &tailnet.base_url, CredentialKind::UserToken, token).await?;
        let seen = self.machines(&tailnet.base_url, None, Some(token)).await;
        self.same_tailnet(&tailnet, "user_token", &seen).await?;
        let entry = self.about_tailnet(&tailnet, words::tailnet::PUT_IN_USER_TOKEN).await?.at(&self.state);
        let stored = db.replace_credential(id, &checked, &entry).await;
        if !stored.or_internal("store the token")? {
            return Err(Fault::NotFound);
        }
        self.wake_shares(id).await
    }

    async fn set_oauth_client(&self, id: TailnetId, client_id: String, secret: String) -> Result<(), Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let wrong = misplaced_in_client(&client_id, &secret);
        if !wrong.is_empty() {
            return Err(Fault::Invalid(wrong));
        }
        let client = client_of(&client_id, &secret).map_err(|(field, error)| Fault::field(field, error))?;
        let checked = self.checked(id, &tailnet.base_url, CredentialKind::Client, &client).await?;
        let seen = self.machines(&tailnet.base_url, Some(&client), None).await;
        self.same_tailnet(&tailnet, "client_secret", &seen).await?;
        let entry = self.about_tailnet(&tailnet, words::tailnet::PUT_IN_CLIENT).await?.at(&self.state);
        let stored = self.state.db.replace_credential(id, &checked, &entry).await;
        if !stored.or_internal("store the client")? {
            return Err(Fault::NotFound);
        }
        self.wake_shares(id).await
    }

    async fn set_api_key(&self, id: TailnetId, key: String) -> Result<(), Fault> {
        self.put_api_key(id, &key).await
    }

    async fn renew_api_key(&self, id: TailnetId) -> Result<(), Fault> {
        self.begin_renewal(id).await
    }

    async fn name_server(
        &self,
        id: TailnetId,
        base_domain: String,
        login_server: String,
    ) -> Result<(), Fault> {
        self.put_names(id, &base_domain, &login_server).await
    }

    async fn sync(&self, id: TailnetId) -> Result<(), Fault> {
        self.my_tailnet(id).await?;
        let now = self.state.now();
        // Whoever asks wants to know how it is now.
        self.state.db.forget_invites(id).await.or_internal("forget what was read")?;
        self.state.db.mark_sync_started(id, now).await.or_internal("note the sync")?;
        queue::enqueue(&self.state, JobKind::Sync, id).await.or_internal("queue the sync")
    }

    async fn disconnect(&self, id: TailnetId) -> Result<(), Fault> {
        let tailnet = self.own_tailnet(id).await?;
        let db = &self.state.db;
        let entry =
            self.about_tailnet(&tailnet, words::tailnet::disconnected(&tailnet.name)).await?.at(&self.state);
        let open = db.delete_tailnet(id, &entry).await.or_internal("remove the tailnet")?;
        if open > 0 {
            return Err(words::tailnet::has_open_shares(open));
        }
        self.state.reach.forget(id);
        Ok(())
    }
}

impl Asker {
    /// Open gates of a tailnet, or of one of its machines, and whether one of them cannot be read.
    async fn gates_of_tailnet(
        &self,
        (id, node): (TailnetId, Option<NodeId>),
        after: Option<&str>,
        rows: usize,
    ) -> Result<(Paged<Gate>, bool), Fault> {
        let before = after.and_then(|after| after.parse().ok());
        let shares = self.state.db.list_open_shares_before(id, node, before, rows + 1).await;
        let page = Paged::cut(shares.or_internal("list the shares")?, rows, |row| row.id.to_string());
        let unread = page.items.iter().any(|row| row.share.is_none());
        let shares: Vec<Share> = page.items.into_iter().filter_map(|row| row.share).collect();
        Ok((Paged { items: self.gates_of_shares(&shares).await?, next: page.next }, unread))
    }

    /// As many statements for one as for all.
    async fn tailnet_cards(&self, tailnets: &[Tailnet]) -> Result<Vec<TailnetCard>, Fault> {
        let (db, me) = (&self.state.db, self.me()?);
        let numbers = db.list_tailnet_numbers(me).await.or_internal("count what is in the tailnets")?;
        let numbers: HashMap<TailnetId, Numbers> = numbers.into_iter().collect();
        let ever = Timestamp::from_micros(i64::MAX);
        let failing = db.list_failing_credentials(me, ever).await.or_internal("list the credentials")?;
        let now = self.state.now();
        let card = |tailnet: &Tailnet| {
            let tailnet = tailnet.clone().as_of(now);
            let Numbers { nodes, online, shares } = numbers.get(&tailnet.id).copied().unwrap_or_default();
            let own = failing.iter().filter(|failing| failing.tailnet == tailnet.id);
            let mut trouble = own.filter_map(|failing| words::credential::trouble(&failing.credential, now));
            TailnetCard {
                id: tailnet.id,
                name: tailnet.name.clone(),
                control_plane: tailnet.control_plane.clone(),
                nodes,
                online,
                shares,
                sync: match (&tailnet.sync_started, &tailnet.sync_failed, tailnet.synced) {
                    (Some(since), _, _) => Sync::Running { since: *since },
                    (None, Some((at, why)), synced) if synced.is_none_or(|synced| synced < *at) => {
                        Sync::Failed { at: *at, why: why.clone() }
                    }
                    (None, _, Some(at)) => Sync::Done { at },
                    (None, _, None) => Sync::Never,
                },
                trouble: trouble.next(),
            }
        };
        Ok(tailnets.iter().map(card).collect())
    }

    /// Whether the stored client may write the policy, and writing it here makes sense.
    pub(super) async fn may_write(&self, tailnet: &Tailnet) -> Result<bool, Fault> {
        Ok(self.may(tailnet, Ability::WritePolicy).await? && tailnet.policy_is_elsewhere() == Ok(false))
    }

    /// Whether one of the stored credentials makes this possible.
    pub(super) async fn may(&self, tailnet: &Tailnet, ability: Ability) -> Result<bool, Fault> {
        let stored =
            self.state.db.list_credentials(tailnet.id).await.or_internal("list the credentials")?.readable();
        let mut reports = stored
            .iter()
            .filter(|credential| credential.refused.is_none())
            .filter_map(|credential| credential.report.as_ref());
        Ok(reports.any(|report| report.abilities.contains(&ability)))
    }

    fn control_plane(&self, asked: &str) -> Option<(String, String)> {
        let asked = asked.trim().trim_end_matches('/');
        let planes = &self.state.config.control_planes;
        let trimmed = |plane: &crate::config::ControlPlane| {
            (plane.base_url.as_str().trim_end_matches('/').to_owned(), plane.label.clone())
        };
        planes.iter().map(trimmed).find(|(url, _)| asked.is_empty() || url == asked)
    }
}
