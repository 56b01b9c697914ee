//! Shares that were made elsewhere: adopt, keep, or end.

use std::sync::Arc;

use app::fault::Fault;
use app::ports::paging::Paged;
use app::ports::unmanaged::{Unmanaged, UnmanagedCard, UnmanagedList, UnmanagedView};
use async_trait::async_trait;
use control_plane::{ControlPlane, ControlPlaneError, DeviceId, Invite, InviteId, UserKind};
use model::{
    JobKind, Login, ObjectKind, PersonId, ServiceId, ShareEvent, ShareId, ShareState, TailnetId, UnmanagedId,
    UnmanagedKind,
};
use sharing::{InviteDeed, Journal, SeenInvite};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::audit::{Object, PolicyChange};
use crate::store::nodes::Node;
use crate::store::offers::Offer;
use crate::store::shares::Share;
use crate::store::snapshots::Again;
use crate::store::tailnets::Tailnet;
use crate::store::unmanaged::UnmanagedItem;
use crate::tailnet::policy_file::{Written, replace};
use crate::tailnet::{Lease, elsewhere, exposures, snapshot};
use crate::text_diff::changed_lines;
use crate::trail::Draft;
use crate::words;

#[async_trait]
impl Unmanaged for Asker {
    async fn get(&self, id: UnmanagedId) -> Result<UnmanagedView, Fault> {
        let (unmanaged, tailnet) = self.my_unmanaged(id).await?;
        let node = self.node_of(&unmanaged).await?;
        let card = unmanaged_card(&unmanaged, node.as_ref().map(|node| node.name.as_str()));
        let person = match self.person_of(&unmanaged, &tailnet).await? {
            Some(person) => Some(self.name_of(person).await?),
            None => None,
        };
        let services = match &node {
            Some(node) if card.opened => {
                let placed = self.state.db.list_services_of_node(node.id).await;
                let placed = placed.or_internal("list the services")?.into_iter();
                placed.map(|placed| (placed.service.id, placed.service.name)).collect()
            }
            _ => Vec::new(),
        };
        Ok(UnmanagedView {
            tailnet: tailnet.id,
            tailnet_name: tailnet.name.clone(),
            person,
            services,
            can_end: unmanaged.seen.kind != UnmanagedKind::Recipient,
            end_means: words::unmanaged::ending_means(
                unmanaged.seen.kind,
                unmanaged.seen.login.as_deref(),
                node.as_ref().map_or("the machine", |node| node.name.as_str()),
                unmanaged.seen.rule.as_deref(),
            ),
            by_hand: words::unmanaged::by_hand(unmanaged.seen.kind, unmanaged.seen.login.as_deref()),
            history: self.history(unmanaged.id.uuid()).await?,
            card,
        })
    }

    async fn adopt(&self, id: UnmanagedId, service: Option<ServiceId>) -> Result<ShareId, Fault> {
        let (unmanaged, tailnet) = self.my_unmanaged(id).await?;
        let (UnmanagedKind::Invite, Some(node), Some(login)) =
            (unmanaged.seen.kind, unmanaged.seen.node, &unmanaged.seen.login)
        else {
            return Err(words::unmanaged::only_an_opened_invite());
        };
        let login: Login = login.parse().map_err(|_| words::unmanaged::login_no_policy_names())?;
        let Some(friend) = self.person_of(&unmanaged, &tailnet).await? else {
            return Err(words::unmanaged::nobody_by_this_login());
        };
        let placed = self.state.db.list_services_of_node(node).await.or_internal("list the services")?;
        let placed = placed.into_iter().find(|placed| Some(placed.service.id) == service);
        let placed = placed.ok_or_else(|| Fault::field("service", words::unmanaged::CHOOSE_A_SERVICE))?;
        let now = self.state.now();
        let actor = self.actor().await?;
        let offer = Offer {
            id: self.state.new_id(),
            service: placed.service.id,
            made_by: self.me()?,
            to_person: Some(friend),
            to_email: None,
            // Nobody has the link.
            token_hash: hash_token(&self.state.random.new_token()),
            ends: None,
            note: String::new(),
            uses_left: 0,
            created: now,
            lapses: now,
            withdrawn: None,
            declined: false,
            circle: None,
        };
        let invite = InviteDeed { id: unmanaged.seen.name.clone(), at: now, ours: true };
        let again = words::unmanaged::SHARED_PAST_US.to_owned();
        let share = Share {
            id: self.state.new_id(),
            offer: offer.id,
            service: placed.service.id,
            node,
            tailnet: tailnet.id,
            owner: tailnet.owner,
            friend,
            login,
            ports: placed.service.ports.clone(),
            asked: None,
            ends: None,
            state: ShareState::Accepted { again: Some(again) },
            deeds: Journal { invite: Some(invite), ..Journal::default() },
            invite_url_sealed: None,
            accepted: now,
            longer: None,
            seen_in_force: None,
            version: 0,
        };
        let event = ShareEvent::Adopted { service: placed.service.name.clone() };
        let before = Some(format!("invite {}", unmanaged.seen.name));
        let entry = shares::entry(&share, actor, event).before(before).at(&self.state);
        let adopted = self.state.db.adopt_unmanaged(id, &offer, &share, &entry).await;
        if adopted.or_internal("store the share")? { Ok(share.id) } else { Err(Fault::NotFound) }
    }

    async fn keep(&self, id: UnmanagedId) -> Result<TailnetId, Fault> {
        let (unmanaged, tailnet) = self.my_unmanaged(id).await?;
        if unmanaged.seen.kind == UnmanagedKind::Rule {
            return Err(words::unmanaged::rule_cannot_be_kept());
        }
        let entry =
            self.unmanaged_entry(&unmanaged, &tailnet, words::unmanaged::KEEPS).await?.at(&self.state);
        let by = entry.actor.name().to_owned();
        self.state.db.keep_unmanaged(id, &by, &entry).await.or_internal("write down that it may stay")?;
        Ok(tailnet.id)
    }

    async fn end(&self, id: UnmanagedId) -> Result<(TailnetId, String), Fault> {
        let (unmanaged, tailnet) = self.my_unmanaged(id).await?;
        let plane = planes::to_end(&self.state, tailnet.id).await.or_internal("reach the control plane")?;
        let lease = Lease::take_soon(&self.state, tailnet.id).await.or_internal("take the lease")?;
        let Some(lease) = lease else {
            return Err(words::unmanaged::job_is_working());
        };
        let ended = match unmanaged.seen.kind {
            UnmanagedKind::Invite => self.delete(&unmanaged, Arc::clone(&plane)).await,
            UnmanagedKind::Rule => self.take_out(&unmanaged, Arc::clone(&plane)).await,
            UnmanagedKind::Recipient => Err(words::unmanaged::no_call_ends_this()),
        };
        let again = if ended.is_ok() { self.read_again(&unmanaged, plane.as_ref()).await? } else { None };
        lease.give_back().await.or_internal("give the lease back")?;
        let Ended { said, before, after, policy } = ended?;
        let draft = self.unmanaged_entry(&unmanaged, &tailnet, "ended").await?.before(before).after(after);
        let entry = policy.into_iter().fold(draft, Draft::policy).at(&self.state);
        let dropped = self.state.db.drop_unmanaged((tailnet.id, id), again.as_ref(), &entry).await;
        dropped.or_internal("write down that it is gone")?;
        exposures::renew(&self.state, tailnet.id)
            .await
            .or_internal("work out who reaches more than agreed")?;
        queue::enqueue(&self.state, JobKind::Sync, tailnet.id).await.or_internal("queue the sync")?;
        Ok((tailnet.id, said))
    }
}

/// What is said, and for the audit trail the lines before and after, and what became of the policy.
struct Ended {
    said: String,
    before: Option<String>,
    after: Option<String>,
    policy: Option<PolicyChange>,
}

impl Ended {
    fn invite(said: String, before: String) -> Self {
        Self { said, before: Some(before), after: None, policy: None }
    }
}

impl Asker {
    /// Something of a tailnet that the viewer owns or is a steward of.
    async fn my_unmanaged(&self, id: UnmanagedId) -> Result<(UnmanagedItem, Tailnet), Fault> {
        self.me()?;
        let unmanaged = self.state.db.find_unmanaged(id).await.or_internal("read what was found")?;
        let unmanaged = unmanaged.ok_or(Fault::NotFound)?;
        let tailnet = self.my_tailnet(unmanaged.tailnet).await?;
        Ok((unmanaged, tailnet))
    }

    async fn node_of(&self, unmanaged: &UnmanagedItem) -> Result<Option<Node>, Fault> {
        let Some(node) = unmanaged.seen.node else { return Ok(None) };
        self.state.db.find_node(node).await.or_internal("read the node")
    }

    /// What stands there, of a tailnet with these machines.
    pub(super) async fn unmanaged(
        &self,
        tailnet: &Tailnet,
        after: Option<&str>,
    ) -> Result<UnmanagedList, Fault> {
        let nodes = self.state.db.names_of_nodes_with_unmanaged(tailnet.id).await;
        let nodes = nodes.or_internal("name the machines")?;
        let all =
            self.state.db.list_unmanaged(tailnet.id).await.or_internal("list what was found")?.readable();
        let page = Paged::behind(all, after, |unmanaged| unmanaged.id.to_string()).map(|unmanaged| {
            unmanaged_card(
                &unmanaged,
                unmanaged.seen.node.and_then(|node| nodes.get(&node)).map(String::as_str),
            )
        });
        let at = tailnet.observed_at.and_then(|at| at.happened(self.state.now()));
        let failed = tailnet.observe_error.clone();
        Ok(UnmanagedList { at, failed, going_on: tailnet.look, all_unmanaged: page.items, next: page.next })
    }

    /// The one person here whose login it is: verified by a provider, or seen with their own token.
    async fn person_of(
        &self,
        unmanaged: &UnmanagedItem,
        tailnet: &Tailnet,
    ) -> Result<Option<PersonId>, Fault> {
        let Some(login) = &unmanaged.seen.login else { return Ok(None) };
        let db = &self.state.db;
        let mut known = db.list_people_of_login(login).await.or_internal("look for the person")?;
        let others = db.list_tailnets().await.or_internal("list the tailnets")?;
        // Whose it is has to be known of every one.
        for other in others.whole().or_internal("list the tailnets")? {
            let theirs =
                planes::token_login(&self.state, other.id).await.or_internal("read the credentials")?;
            if theirs.is_some_and(|own| own.as_str().eq_ignore_ascii_case(login)) {
                known.push(other.owner);
            }
        }
        known.sort_unstable();
        known.dedup();
        // Two people with one login are nobody.
        Ok(known.pop().filter(|person| known.is_empty() && *person != tailnet.owner))
    }

    async fn unmanaged_entry(
        &self,
        unmanaged: &UnmanagedItem,
        tailnet: &Tailnet,
        what: &str,
    ) -> Result<Draft, Fault> {
        let node = self.node_of(unmanaged).await?;
        let name = unmanaged_card(unmanaged, node.as_ref().map(|node| node.name.as_str())).title;
        let object = Object::new(ObjectKind::Unmanaged, unmanaged.id, name);
        Ok(self.about(object).await?.says(words::unmanaged::what_was_done(what)).of(tailnet))
    }

    async fn delete(&self, unmanaged: &UnmanagedItem, plane: Arc<dyn ControlPlane>) -> Result<Ended, Fault> {
        match plane.delete_invite(&InviteId::new(&unmanaged.seen.name)).await {
            Ok(()) | Err(ControlPlaneError::NotFound) => {}
            Err(error) => return Err(not_ended(&error, words::unmanaged::INVITE_BY_HAND)),
        }
        let before = format!("invite {}", unmanaged.seen.name);
        let Some(login) = &unmanaged.seen.login else {
            return Ok(Ended::invite(words::unmanaged::INVITE_DELETED.into(), before));
        };
        let listed = plane.list_users().await.is_ok_and(|users| {
            users.iter().any(|user| user.kind == UserKind::Shared && user.login.eq_ignore_ascii_case(login))
        });
        let said = if listed {
            words::unmanaged::still_listed(login)
        } else {
            words::unmanaged::no_longer_listed(login)
        };
        Ok(Ended::invite(said, before))
    }

    /// What the policy says now, and with whom the machine is shared. What is not told is left to the sync that follows.
    async fn read_again(
        &self,
        unmanaged: &UnmanagedItem,
        plane: &dyn ControlPlane,
    ) -> Result<Option<Again>, Fault> {
        let Ok(policy) = plane.get_policy().await else { return Ok(None) };
        let shared = match self.node_of(unmanaged).await? {
            Some(node) => {
                let listed = plane.list_invites(&DeviceId::new(&node.control_id)).await.ok();
                let seen = |invites: Vec<Invite>| invites.iter().map(SeenInvite::from).collect::<Vec<_>>();
                listed.map(|invites| (node.name, snapshot::accepted_by(&seen(invites))))
            }
            None => None,
        };
        Ok(Some(Again { policy: snapshot::policy_of(&policy), shared }))
    }

    async fn take_out(
        &self,
        unmanaged: &UnmanagedItem,
        plane: Arc<dyn ControlPlane>,
    ) -> Result<Ended, Fault> {
        let failed = |error: ControlPlaneError| not_ended(&error, words::unmanaged::RULE_BY_HAND);
        let read = plane.get_policy().await.map_err(failed)?;
        let mark = unmanaged.seen.name.parse().map_err(|_| Fault::NotFound)?;
        let after = match policy::unshare(&read.text, &mark) {
            Ok(without) => without.after,
            Err(policy::unshare::UnshareError::NotFound) => {
                let said = words::unmanaged::RULE_GONE.into();
                return Ok(Ended { said, before: None, after: None, policy: None });
            }
            Err(error) => return Err(words::edit::cannot_be_taken_out(&error)),
        };
        elsewhere::before_write(&self.state, unmanaged.tailnet, (&read.text, &after))
            .await
            .or_internal("note what is written")?;
        match replace(plane.as_ref(), &read, &after).await {
            Ok(Written::Done(_)) => {
                let lines = changed_lines(&read.text, &after);
                let said = words::unmanaged::RULE_TAKEN_OUT.to_owned();
                let policy = Some(PolicyChange::of(&read.text, &after, &[], &[]));
                Ok(Ended { said, before: Some(lines.before), after: Some(lines.after), policy })
            }
            Ok(Written::Overtaken) => Err(words::unmanaged::somebody_was_quicker()),
            Err(error) => Err(failed(error)),
        }
    }
}

fn unmanaged_card(unmanaged: &UnmanagedItem, node: Option<&str>) -> UnmanagedCard {
    let node = node.unwrap_or("a machine");
    let (title, detail) = words::unmanaged::card(unmanaged.seen.kind, unmanaged.seen.login.as_deref(), node);
    UnmanagedCard {
        id: unmanaged.id,
        kind: unmanaged.seen.kind,
        opened: unmanaged.seen.kind == UnmanagedKind::Invite && unmanaged.seen.login.is_some(),
        title,
        detail: detail.into(),
        found: unmanaged.found,
        kept: unmanaged.kept.clone(),
    }
}

fn not_ended(error: &ControlPlaneError, by_hand: &str) -> Fault {
    words::unmanaged::not_ended(in_words(error), error.leaves_effect_unknown(), by_hand)
}
