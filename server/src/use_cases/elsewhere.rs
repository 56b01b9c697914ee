//! Shares that were made elsewhere: adopt, keep, or end.

use std::sync::Arc;

use app::fault::Fault;
use app::ports::elsewhere::{Elsewhere, Looked, StrayCard, StrayView};
use app::ports::paging::Paged;
use async_trait::async_trait;
use control_plane::{ControlPlane, ControlPlaneError, InviteId, UserKind};
use model::{
    JobKind, Login, ObjectKind, PersonId, ServiceId, ShareId, ShareState, StrayId, StrayKind, TailnetId,
};
use sharing::{InviteDeed, Journal};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::planes;
use crate::planes::in_words;
use crate::queue;
use crate::secrets::hash_token;
use crate::shares;
use crate::store::audit::Object;
use crate::store::elsewhere::Stray;
use crate::store::nodes::Node;
use crate::store::offers::Offer;
use crate::store::shares::Share;
use crate::store::tailnets::Tailnet;
use crate::tailnet::Lease;
use crate::tailnet::policy_file::{Written, replace};
use crate::text_diff::changed_lines;

#[async_trait]
impl Elsewhere for Asker {
    async fn get(&self, id: StrayId) -> Result<StrayView, Fault> {
        let (stray, tailnet) = self.my_stray(id).await?;
        let node = self.node_of(&stray).await?;
        let card = stray_card(&stray, node.as_ref().map(|node| node.name.as_str()));
        let person = match self.person_of(&stray, &tailnet).await? {
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
        Ok(StrayView {
            tailnet: tailnet.id,
            tailnet_name: tailnet.name.clone(),
            person,
            services,
            can_end: stray.seen.kind != StrayKind::Recipient,
            end_means: end_means(&stray, node.as_ref()),
            by_hand: by_hand(&stray),
            history: self.history(stray.id.uuid()).await?,
            card,
        })
    }

    async fn adopt(&self, id: StrayId, service: Option<ServiceId>) -> Result<ShareId, Fault> {
        let (stray, tailnet) = self.my_stray(id).await?;
        let (StrayKind::Invite, Some(node), Some(login)) =
            (stray.seen.kind, stray.seen.node, &stray.seen.login)
        else {
            return Err(conflict("Only an invite that somebody has opened can become a share."));
        };
        let login: Login =
            login.parse().map_err(|_| conflict("The login is none that a policy could name."))?;
        let Some(friend) = self.person_of(&stray, &tailnet).await? else {
            return Err(conflict("Nobody here is known by this login."));
        };
        let placed = self.state.db.list_services_of_node(node).await.or_internal("list the services")?;
        let placed = placed.into_iter().find(|placed| Some(placed.service.id) == service);
        let placed = placed.ok_or_else(|| Fault::field("service", "choose one of the machine's services"))?;
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
        };
        let invite = InviteDeed { id: stray.seen.name.clone(), at: now, ours: true };
        let again = "it was shared past Acequia; look what it means before it is a share here".to_owned();
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
            ends: None,
            state: ShareState::Accepted { again: Some(again) },
            deeds: Journal { invite: Some(invite), ..Journal::default() },
            invite_url_sealed: None,
            accepted: now,
            seen_in_force: None,
            version: 0,
        };
        let what = format!("adopted what was shared elsewhere as a share of {}", placed.service.name);
        let before = Some(format!("invite {}", stray.seen.name));
        let entry = shares::entry(&self.state, &share, actor, what, before, None);
        let adopted = self.state.db.adopt_stray(id, &offer, &share, &entry).await;
        if adopted.or_internal("store the share")? { Ok(share.id) } else { Err(Fault::NotFound) }
    }

    async fn keep(&self, id: StrayId) -> Result<TailnetId, Fault> {
        let (stray, tailnet) = self.my_stray(id).await?;
        if stray.seen.kind == StrayKind::Rule {
            return Err(conflict(
                "A rule that no share accounts for cannot be kept; take it out, or take off its mark.",
            ));
        }
        let entry = self.stray_entry(&stray, &tailnet, "keeps as it is", None, None).await?;
        let by = entry.actor.name().to_owned();
        self.state.db.keep_stray(id, &by, &entry).await.or_internal("write down that it may stay")?;
        Ok(tailnet.id)
    }

    async fn end(&self, id: StrayId) -> Result<(TailnetId, String), Fault> {
        let (stray, tailnet) = self.my_stray(id).await?;
        let plane = planes::to_end(&self.state, tailnet.id).await.or_internal("reach the control plane")?;
        let lease = Lease::take_soon(&self.state, tailnet.id).await.or_internal("take the lease")?;
        let Some(lease) = lease else {
            return Err(conflict("A job is working on this tailnet at this moment; try again in a minute."));
        };
        let ended = match stray.seen.kind {
            StrayKind::Invite => self.delete(&stray, plane).await,
            StrayKind::Rule => self.take_out(&stray, plane).await,
            StrayKind::Recipient => Err(conflict("The control plane has no call that ends this.")),
        };
        lease.give_back().await.or_internal("give the lease back")?;
        let (said, before, after) = ended?;
        let entry = self.stray_entry(&stray, &tailnet, "ended", before, after).await?;
        self.state.db.drop_stray(id, &entry).await.or_internal("write down that it is gone")?;
        queue::enqueue(&self.state, JobKind::Sync, tailnet.id).await.or_internal("queue the sync")?;
        Ok((tailnet.id, said))
    }
}

/// What is said, and the lines before and after for the audit trail.
type Ended = (String, Option<String>, Option<String>);

impl Asker {
    /// Something of a tailnet that the viewer owns or is a steward of.
    async fn my_stray(&self, id: StrayId) -> Result<(Stray, Tailnet), Fault> {
        self.me()?;
        let stray = self.state.db.find_stray(id).await.or_internal("read what was found")?;
        let stray = stray.ok_or(Fault::NotFound)?;
        let tailnet = self.my_tailnet(stray.tailnet).await?;
        Ok((stray, tailnet))
    }

    async fn node_of(&self, stray: &Stray) -> Result<Option<Node>, Fault> {
        let Some(node) = stray.seen.node else { return Ok(None) };
        self.state.db.find_node(node).await.or_internal("read the node")
    }

    /// What stands there, of a tailnet with these machines.
    pub(super) async fn looked(&self, tailnet: &Tailnet, after: Option<&str>) -> Result<Looked, Fault> {
        let nodes = self.state.db.names_of_nodes_with_strays(tailnet.id).await;
        let nodes = nodes.or_internal("name the machines")?;
        let all = self.state.db.list_strays(tailnet.id).await.or_internal("list what was found")?.readable();
        let page = Paged::behind(all, after, |stray| stray.id.to_string()).map(|stray| {
            stray_card(&stray, stray.seen.node.and_then(|node| nodes.get(&node)).map(String::as_str))
        });
        let at = tailnet.looked.and_then(|at| at.happened(self.state.now()));
        let failed = tailnet.look_failed.clone();
        Ok(Looked { at, failed, strays: page.items, next: page.next })
    }

    /// The one person here whose login it is: verified by a provider, or seen with their own token.
    async fn person_of(&self, stray: &Stray, tailnet: &Tailnet) -> Result<Option<PersonId>, Fault> {
        let Some(login) = &stray.seen.login else { return Ok(None) };
        let db = &self.state.db;
        let mut known = db.list_people_of_login(login).await.or_internal("look for the person")?;
        for other in db.list_tailnets().await.or_internal("list the tailnets")? {
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

    async fn stray_entry(
        &self,
        stray: &Stray,
        tailnet: &Tailnet,
        what: &str,
        before: Option<String>,
        after: Option<String>,
    ) -> Result<crate::store::audit::NewEntry, Fault> {
        let node = self.node_of(stray).await?;
        let name = stray_card(stray, node.as_ref().map(|node| node.name.as_str())).title;
        let object = Object { kind: ObjectKind::Stray, id: stray.id.uuid(), name };
        let what = format!("{what} what was made elsewhere");
        self.entry(tailnet, object, what, before, after).await
    }

    async fn delete(&self, stray: &Stray, plane: Arc<dyn ControlPlane>) -> Result<Ended, Fault> {
        match plane.delete_invite(&InviteId::new(&stray.seen.name)).await {
            Ok(()) | Err(ControlPlaneError::NotFound) => {}
            Err(error) => return Err(unavailable(&error)),
        }
        let before = format!("invite {}", stray.seen.name);
        let Some(login) = &stray.seen.login else {
            return Ok((
                "The invite is deleted: its link opens nothing any more.".into(),
                Some(before),
                None,
            ));
        };
        let listed = plane.list_users().await.is_ok_and(|users| {
            users.iter().any(|user| user.kind == UserKind::Shared && user.login.eq_ignore_ascii_case(login))
        });
        let said = if listed {
            format!(
                "The invite is deleted. {login} is still listed as a share recipient: perhaps for another machine. The admin console shows which, under Users."
            )
        } else {
            format!("The invite is deleted, and {login} is no longer listed.")
        };
        Ok((said, Some(before), None))
    }

    async fn take_out(&self, stray: &Stray, plane: Arc<dyn ControlPlane>) -> Result<Ended, Fault> {
        let read = plane.get_policy().await.map_err(|error| unavailable(&error))?;
        let mark = stray.seen.name.parse().map_err(|_| Fault::NotFound)?;
        let after = match policy::unshare(&read.text, &mark) {
            Ok(without) => without.after,
            Err(policy::unshare::UnshareError::NotFound) => {
                return Ok(("The rule was gone already.".into(), None, None));
            }
            Err(error) => return Err(conflict(&format!("It cannot be taken out: {error}."))),
        };
        match replace(plane.as_ref(), &read, &after).await {
            Ok(Written::Done(_)) => {
                let lines = changed_lines(&read.text, &after);
                let said = "The rule is taken out; every other byte of the policy stayed.".to_owned();
                Ok((said, Some(lines.before), Some(lines.after)))
            }
            Ok(Written::Overtaken) => {
                Err(conflict("Somebody else changed the policy at the same moment; look again."))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }
}

fn stray_card(stray: &Stray, node: Option<&str>) -> StrayCard {
    let node = node.unwrap_or("a machine");
    let (title, detail) = match (stray.seen.kind, &stray.seen.login) {
        (StrayKind::Invite, Some(login)) => (
            format!("{node} is shared with {login}"),
            "They opened an invite that was not made here; they reach what the policy lets them reach.",
        ),
        (StrayKind::Invite, None) => (
            format!("An open invite for {node}"),
            "It was not made here. Whoever has its link can bring the machine into their tailnet.",
        ),
        (StrayKind::Recipient, login) => (
            format!("{} is listed as a share recipient", login.as_deref().unwrap_or("Somebody")),
            "No invite says which machine they have.",
        ),
        (StrayKind::Rule, _) => (
            "A rule of a share that is over, or was never here".to_owned(),
            "It has Acequia's mark and still stands in the policy.",
        ),
    };
    StrayCard {
        id: stray.id,
        kind: stray.seen.kind,
        opened: stray.seen.kind == StrayKind::Invite && stray.seen.login.is_some(),
        title,
        detail: detail.into(),
        found: stray.found,
        kept: stray.kept.clone(),
    }
}

fn conflict(why: &str) -> Fault {
    Fault::Conflict(format!("{why} Nothing was changed."))
}

fn unavailable(error: &ControlPlaneError) -> Fault {
    let changed = if error.leaves_effect_unknown() {
        "Whether it was done all the same is not known: read the tailnet afresh before trying again."
    } else {
        "Nothing was changed; it can be done by hand in the admin console."
    };
    Fault::Unavailable(format!("{} {changed}", in_words(error)))
}

fn end_means(stray: &Stray, node: Option<&Node>) -> Vec<String> {
    let node = node.map_or("the machine", |node| node.name.as_str());
    match (stray.seen.kind, &stray.seen.login) {
        (StrayKind::Invite, Some(login)) => vec![
            format!(
                "{login} loses {node}, and with it everything that they reached on it. Nobody else loses anything."
            ),
            "The invite is deleted at the control plane. Coming back needs a new one.".into(),
            "Rules of your policy that name them stay as they are.".into(),
        ],
        (StrayKind::Invite, None) => vec![format!(
            "The link of this invite for {node} opens nothing any more. Nobody has used it yet."
        )],
        (StrayKind::Recipient, _) => Vec::new(),
        (StrayKind::Rule, _) => vec![
            "These lines leave the policy; every other byte of it stays:".into(),
            stray.seen.rule.clone().unwrap_or_default(),
            "Whoever the rule names reaches through it nothing any more.".into(),
        ],
    }
}

fn by_hand(stray: &Stray) -> Vec<String> {
    match (stray.seen.kind, &stray.seen.login) {
        (StrayKind::Recipient, Some(login)) => vec![
            format!(
                "Open Users and look for {login}: the console shows which machines are shared with them."
            ),
            "Open each machine, Share, and take them out.".into(),
        ],
        _ => Vec::new(),
    }
}
