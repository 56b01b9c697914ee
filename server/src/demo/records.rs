//! What the app holds in a world that was made: stored as its use cases store it, but without asking one question for
//! each of thousands of machines. The networks themselves are read by a sync, as any others are.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use control_plane::{ControlPlane, Device, DeviceList};
use model::{
    Audience, Decision, ObjectKind, PersonId, ServiceId, ShareId, ShareState, Step, StepPhase, TailnetId,
};
use sharing::{Approval, InviteDeed, Journal};
use world::{Answer, Offer, Records};

use super::Demo;
use crate::jobs::Runner;
use crate::plan::{self, Plan, difference};
use crate::secrets::hash_token;
use crate::services::Services;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::identities::Identity;
use crate::store::nodes::Node;
use crate::store::offers::{self, Answered};
use crate::store::people::Person;
use crate::store::services::Service;
use crate::store::shares::{Along, Share};
use crate::tailnet::Inventory;
use crate::use_cases;

/// For the hosts of machines that are lent.
const BACKEND: (firewall::Backend, &str) = (firewall::Backend::Nftables, "tailscale0");
const DAY: i64 = 24 * 60 * 60;
/// How long an offer can be answered.
const OFFERED: i64 = 30 * DAY;

/// Stores it all and syncs the networks, once.
///
/// # Errors
/// When records and networks do not fit each other, or something cannot be stored.
pub async fn store(services: &Services, demo: &Demo, records: &Records) -> anyhow::Result<()> {
    if !services.db.list_tailnets().await?.is_empty() {
        return Ok(());
    }
    let mut storing = Storing { services, people: HashMap::new(), machines: HashMap::new() };
    storing.people(records).await?;
    for (login, form) in demo.keyring().iter() {
        storing.network(login, form.clone()).await.with_context(|| format!("connecting {}", form.name))?;
    }
    let listed = storing.services(records).await?;
    for offer in &records.offers {
        storing.offer(records, &listed, offer).await.with_context(|| format!("the offer to {}", offer.to))?;
    }
    Runner::new(services.clone()).drain().await?;
    Ok(())
}

struct Storing<'a> {
    services: &'a Services,
    /// By login.
    people: HashMap<&'a str, Person>,
    /// By network and hostname.
    machines: HashMap<(String, String), Machine>,
}

struct Machine {
    tailnet: TailnetId,
    owner: PersonId,
    plane: Arc<dyn ControlPlane>,
    device: Device,
    node: Node,
}

impl<'a> Storing<'a> {
    async fn people(&mut self, records: &'a Records) -> anyhow::Result<()> {
        for known in &records.people {
            let person = Person {
                id: self.services.new_id(),
                name: known.name.clone(),
                instance_owner: known.instance_owner,
                demo_about: known.demo.as_ref().map(|about| format!("{}, {about}", known.login)),
                created: self.services.now(),
            };
            self.services.db.insert_person(&person).await?;
            let identity = Identity {
                id: self.services.new_id(),
                person: person.id,
                provider: super::PROVIDER.into(),
                subject: known.login.clone(),
                label: known.login.clone(),
                email: Some(known.login.clone()),
                linked: person.created,
            };
            self.services.db.insert_identity(&identity).await?;
            self.people.insert(&known.login, person);
        }
        Ok(())
    }

    fn person(&self, login: &str) -> anyhow::Result<&Person> {
        self.people.get(login).with_context(|| format!("nobody has the login {login}"))
    }

    /// Connects it as its owner does, and knows its machines from here on.
    async fn network(&mut self, owner: &str, form: app::ports::tailnets::ConnectForm) -> anyhow::Result<()> {
        let (services, name, owner) = (self.services, form.name.clone(), self.person(owner)?.id);
        let viewer = crate::services::Viewer::Person { id: owner, instance_owner: false };
        let asked = use_cases::backend(services, viewer, crate::session::BrowserSession::default());
        let tailnet = asked.tailnets.connect(form).await.map_err(|fault| anyhow!("{fault:?}"))?;
        let plane = services.plane(tailnet).await?;
        let DeviceList { devices, shared_in_listed } = plane.list_devices().await?;
        let users = plane.list_users().await?;
        let new_id = || services.new_id::<()>().uuid();
        let now = services.now();
        services.db.put_inventory(tailnet, &devices, shared_in_listed, &users, now, new_id).await?;
        let nodes = services.db.list_nodes(tailnet).await?.into_iter();
        let mut nodes: HashMap<String, Node> = nodes.map(|node| (node.control_id.clone(), node)).collect();
        for device in devices {
            let Some(node) = nodes.remove(device.id.as_str()) else { continue };
            let machine = Machine { tailnet, owner, plane: Arc::clone(&plane), node, device };
            self.machines.insert((name.clone(), machine.device.hostname.clone()), machine);
        }
        Ok(())
    }

    fn machine(&self, tailnet: &str, hostname: &str) -> anyhow::Result<&Machine> {
        let found = self.machines.get(&(tailnet.to_owned(), hostname.to_owned()));
        found.with_context(|| format!("there is no {hostname} in {tailnet}"))
    }

    async fn services(&self, records: &Records) -> anyhow::Result<Vec<ServiceId>> {
        let most = u32::try_from(records.services.len())?;
        let mut listed = Vec::new();
        for one in &records.services {
            let machine = self.machine(&one.tailnet, &one.machine)?;
            let (audience, logins) = match &one.audience {
                world::Audience::Nobody => (Audience::Nobody, &[][..]),
                world::Audience::Everybody => (Audience::Everybody, &[][..]),
                world::Audience::People(logins) => (Audience::People, logins.as_slice()),
            };
            let service = Service {
                id: self.services.new_id(),
                node: machine.node.id,
                name: one.name.clone(),
                kind: one.kind.parse()?,
                ports: one.ports.clone(),
                about: one.about.clone(),
                audience,
            };
            let people = logins.iter().map(|login| Ok(self.person(login)?.id));
            let people: Vec<PersonId> = people.collect::<anyhow::Result<_>>()?;
            let object =
                Object { kind: ObjectKind::Service, id: service.id.uuid(), name: service.name.clone() };
            let entry = self.entry(machine, None, object, format!("listed {}", service.name))?;
            let now = self.services.now();
            let stored = self.services.db.put_service(&service, &people, (most, now), &entry).await?;
            ensure!(stored, "there is no place for {}", service.name);
            listed.push(service.id);
        }
        Ok(listed)
    }

    async fn offer(&self, records: &Records, listed: &[ServiceId], offer: &Offer) -> anyhow::Result<()> {
        let (db, now) = (&self.services.db, self.services.now());
        let service = records.services.get(offer.service).zip(listed.get(offer.service));
        let (service, id) = service.context("an offer of nothing")?;
        let machine = self.machine(&service.tailnet, &service.machine)?;
        let friend = self.person(&offer.to)?;
        let made = offers::Offer {
            id: self.services.new_id(),
            service: *id,
            made_by: machine.owner,
            to_person: Some(friend.id),
            to_email: None,
            token_hash: hash_token(&self.services.random.new_token()),
            ends: offer.ends_in_days.map(|days| now.plus_seconds(days * DAY)),
            note: offer.note.clone(),
            uses_left: 1,
            created: now,
            lapses: now.plus_seconds(OFFERED),
            withdrawn: None,
        };
        let object = Object { kind: ObjectKind::Offer, id: made.id.uuid(), name: service.name.clone() };
        let what = format!("offered {} to {}", service.name, friend.name);
        let entry = self.entry(machine, None, object, what)?;
        let refused = db.insert_offer(&made, &self.services.config.limits, &entry).await?;
        ensure!(refused.is_none(), "it is not stored: {refused:?}");
        let (share, open) = match offer.answer {
            Answer::None => return Ok(()),
            Answer::Accepted(share) => (share, false),
            Answer::Open(share) => (share, true),
        };
        let mut share = Share {
            id: share,
            offer: made.id,
            service: *id,
            node: machine.node.id,
            tailnet: machine.tailnet,
            owner: machine.owner,
            friend: friend.id,
            login: offer.to.parse()?,
            ports: service.ports.clone(),
            ends: made.ends,
            state: ShareState::Accepted { again: None },
            deeds: Journal::default(),
            invite_url_sealed: None,
            accepted: now,
            seen_in_force: None,
            version: 0,
        };
        let what = format!("accepted {} for {}", service.name, offer.to);
        let entry = self.entry(machine, Some(friend.id), self.object(share.id, &offer.to), what)?;
        let answered = db.accept_offer(&share, now, &entry).await?;
        ensure!(answered == Answered::Now, "it cannot be answered: {answered:?}");
        if open {
            self.open(machine, &mut share).await?;
        }
        Ok(())
    }

    /// What the owner agreed to, and what was done for it: rule and accepted invite stand there.
    async fn open(&self, machine: &Machine, share: &mut Share) -> anyhow::Result<()> {
        let (services, now) = (self.services, self.services.now());
        let invites = machine.plane.list_invites(&machine.device.id).await?;
        let theirs = invites.iter().find(|invite| {
            invite.accepted_by.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(share.login.as_str()))
        });
        let invite = theirs.with_context(|| format!("{} has no invite", share.login))?;
        let planned = plan_of(machine, share)?;
        let by_name = self.people.values().find(|person| person.id == machine.owner);
        share.deeds = Journal {
            approved: Some(Approval {
                by: machine.owner,
                by_name: by_name.map(|person| person.name.clone()).unwrap_or_default(),
                at: now,
                decision: Decision::Apply,
                difference: difference(&planned),
                narrowing: None,
                lines: crate::plan::lines(&planned),
                shared: None,
            }),
            rule: Some(serde_json::to_string(&planned.rule)?),
            rule_begun: true,
            invites_before: Some(Vec::new()),
            invite_asked: Some(now),
            invite: Some(InviteDeed { id: invite.id.as_str().to_owned(), at: now, ours: true }),
            accepted_by: invite.accepted_by.clone(),
            friend_sees: Some(machine.device.name.clone()),
        };
        share.state = ShareState::Active { since: now };
        share.seen_in_force = Some(now);
        let yes = "said yes to exactly the service".to_owned();
        let mut entries =
            vec![self.entry(machine, None, self.object(share.id, share.login.as_str()), yes)?];
        let done = [
            "wrote the rule into the policy",
            "made a device invite",
            "is open: rule and invite were seen in force",
        ];
        entries.extend(done.map(|what| services.share_entry(share, Actor::Acequia, what.into(), None, None)));
        let steps = [Step::Rule, Step::Invite, Step::Snippet, Step::Accept, Step::Confirm];
        let along = Along {
            entries,
            steps: steps.map(|step| (StepPhase::Apply, step, String::new())).to_vec(),
            ..Along::default()
        };
        ensure!(services.db.update_share(share, now, &along).await?, "it was changed meanwhile");
        let object =
            Object { kind: ObjectKind::Node, id: machine.node.id.uuid(), name: machine.node.name.clone() };
        let entry =
            self.entry(machine, None, object, format!("chose the firewall of {}", machine.node.name))?;
        let (backend, interface) = BACKEND;
        services.db.choose_host(machine.node.id, backend, interface, &entry).await?;
        Ok(())
    }

    fn object(&self, share: ShareId, login: &str) -> Object {
        Object { kind: ObjectKind::Share, id: share.uuid(), name: format!("share with {login}") }
    }

    fn entry(
        &self,
        machine: &Machine,
        friend: Option<PersonId>,
        object: Object,
        what: String,
    ) -> anyhow::Result<NewEntry> {
        let by = friend.unwrap_or(machine.owner);
        let name = self.people.values().find(|person| person.id == by).context("an entry of nobody")?;
        Ok(NewEntry {
            id: self.services.new_id(),
            at: self.services.now(),
            actor: Actor::Person(by, name.name.clone()),
            what,
            object,
            before: None,
            after: None,
            tailnet: Some(machine.tailnet),
            owner: Some(machine.owner),
            friend,
        })
    }
}

/// What a share changes where no other rule says anything about its friend: the same in a policy of this rule alone.
fn plan_of(machine: &Machine, share: &Share) -> anyhow::Result<policy::share::SharePlan> {
    let devices = DeviceList { devices: vec![machine.device.clone()], shared_in_listed: false };
    let alone = Inventory { devices, users: Vec::new(), shared_to: Default::default() };
    let planned = Plan::make("{\"grants\": []}", &alone, share, &machine.node.name)?;
    match planned {
        plan::Plan::Exact(planned) => Ok(planned),
        wide @ plan::Plan::Wide { .. } => Err(anyhow!("it would give more than was offered: {wide:?}")),
    }
}
