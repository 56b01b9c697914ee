//! What the app holds in a world that was made: stored as its use cases store it, but without asking one question for
//! each of thousands of machines. The networks themselves are read by a sync, as any others are.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use app::ports::tailnets::ConnectForm;
use control_plane::{ControlPlane, Device, DeviceList};
use model::{Audience, JoinPort, ObjectKind, PersonId, ServiceId, TailnetId};
use world::Records;

use super::Demo;
use crate::jobs::Runner;
use crate::planes;
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::store::audit::{Actor, NewEntry, Object, What};
use crate::store::identities::Identity;
use crate::store::nodes::Node;
use crate::store::people::Person;
use crate::store::services::{Service, ShownTo};
use crate::trail::{self, Draft};
use crate::use_cases;

mod offers;

const DAY: i64 = 24 * 60 * 60;

/// Stores it all and syncs the networks, once.
///
/// # Errors
/// When records and networks do not fit each other, or something cannot be stored.
pub async fn store(state: &AppState, demo: &Demo, records: &Records) -> anyhow::Result<()> {
    if !state.db.list_tailnets().await?.whole()?.is_empty() {
        return Ok(());
    }
    let mut storing = Storing { state, people: HashMap::new(), machines: HashMap::new() };
    storing.people(records).await?;
    for (login, form) in &demo.keyring() {
        storing.network(login, form.clone()).await.with_context(|| format!("connecting {}", form.name))?;
    }
    let listed = storing.services(records).await?;
    for offer in &records.offers {
        storing.offer(records, &listed, offer).await.with_context(|| format!("the offer to {}", offer.to))?;
    }
    Runner::new(state.clone()).drain().await?;
    Ok(())
}

struct Storing<'a> {
    state: &'a AppState,
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
                id: self.state.new_id(),
                name: known.name.clone(),
                instance_owner: known.instance_owner,
                demo_about: known.demo.as_ref().map(|about| format!("{}, {about}", known.login)),
                created: self.state.now(),
            };
            self.state.db.insert_person(&person).await?;
            let identity = Identity {
                id: self.state.new_id(),
                person: person.id,
                provider: super::PROVIDER.into(),
                subject: known.login.clone(),
                label: known.login.clone(),
                email: Some(known.login.clone()),
                linked: person.created,
            };
            self.state.db.insert_identity(&identity).await?;
            self.people.insert(&known.login, person);
        }
        Ok(())
    }

    fn person(&self, login: &str) -> anyhow::Result<&Person> {
        self.people.get(login).with_context(|| format!("nobody has the login {login}"))
    }

    /// Connects it as its owner does, and knows its machines from here on.
    async fn network(&mut self, owner: &str, form: ConnectForm) -> anyhow::Result<()> {
        let (state, name, owner) = (self.state, form.name.clone(), self.person(owner)?.id);
        let viewer = Viewer::Person { id: owner, instance_owner: false };
        let asked = use_cases::backend(state, viewer, BrowserSession::default());
        let tailnet = asked.tailnets.connect(form).await.map_err(|fault| anyhow!("{fault:?}"))?;
        let plane = planes::of(state, tailnet).await?;
        let DeviceList { devices, shared_in_listed } = plane.list_devices().await?;
        let users = plane.list_users().await?;
        let new_id = || state.new_id::<()>().uuid();
        let now = state.now();
        state.db.put_inventory(tailnet, &devices, shared_in_listed, &users, now, new_id).await?;
        let nodes = state.db.list_nodes(tailnet).await?.into_iter();
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
            let kind = one.kind.parse()?;
            let service = Service {
                id: self.state.new_id(),
                node: machine.node.id,
                name: one.name.clone(),
                kind,
                ports: one.ports.clone(),
                join: JoinPort::usual(kind, &one.ports).context("a service without a port")?,
                about: one.about.clone(),
                audience,
                left_alone: false,
            };
            let people = logins.iter().map(|login| Ok(self.person(login)?.id));
            let people: Vec<PersonId> = people.collect::<anyhow::Result<_>>()?;
            let object = Object::new(ObjectKind::Service, service.id, &service.name);
            let entry = self.entry(machine, None, object, format!("listed {}", service.name))?;
            let now = self.state.now();
            let shown = ShownTo { people: &people, by: machine.owner, circles: &[] };
            let stored = self.state.db.put_service(&service, shown, (most, now), &entry).await?;
            ensure!(stored, "there is no place for {}", service.name);
            listed.push(service.id);
        }
        Ok(listed)
    }

    fn entry(
        &self,
        machine: &Machine,
        friend: Option<PersonId>,
        object: Object,
        what: impl Into<What>,
    ) -> anyhow::Result<NewEntry> {
        let by = friend.unwrap_or(machine.owner);
        let name = self.people.values().find(|person| person.id == by).context("an entry of nobody")?;
        let draft = trail::about(object).by(Actor::Person(by, name.name.clone())).says(what);
        let draft = draft.within(machine.tailnet, machine.owner);
        Ok(friend.into_iter().fold(draft, Draft::friend).at(self.state))
    }
}
