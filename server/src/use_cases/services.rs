//! The directory, and what nodes offer.

use app::fault::{Fault, FieldErrors};
use app::ports::paging::PAGE;
use app::ports::services::{
    AudienceView, DirectoryQuery, DirectoryView, ServiceForm, ServiceFormView, ServiceView, Services,
    WhatRunsView,
};
use async_trait::async_trait;
use model::{
    Audience, CircleId, JoinPort, Name, NodeId, Note, PersonId, ServiceId, ServiceKind, ServicePorts,
    TailnetId,
};

use super::Asker;
use crate::failure::OrInternal as _;
use crate::store::audit::{NewEntry, Object};
use crate::store::services::{Search, Service, ShownTo};
use crate::words::{self, catalogue, join};

mod cards;
mod circles;
mod gates;
mod starting;

use self::circles::Chosen;
use self::gates::Gates;

#[async_trait]
impl Services for Asker {
    async fn directory(&self, query: DirectoryQuery) -> Result<DirectoryView, Fault> {
        let me = self.me()?;
        let search = Search {
            viewer: me,
            like: super::like(&query.q),
            kind: query.kind,
            mine: query.mine,
            up: query.up,
            after: query.after.as_deref().and_then(cursor),
            limit: i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
        };
        let found = self.state.db.search_services(&search).await.or_internal("search the directory")?;
        let (mut rows, any) = (found.services, found.any);
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|(last, _)| format!("{}.{}.{}", u8::from(!last.up), last.service.id, last.sort_name));
        self.known().await?;
        let services = rows.iter().map(|(placed, stands)| self.card(me, placed, stands)).collect();
        Ok(DirectoryView { services, next, any })
    }

    async fn get_page(&self, id: ServiceId, after: Option<String>) -> Result<ServiceView, Fault> {
        let (placed, mine) = self.visible_service(id).await?;
        let (db, me) = (&self.state.db, self.me()?);
        let stands = db.stands_to_service(id, me).await.or_internal("look how they stand to it")?;
        self.known().await?;
        let card = self.card(me, &placed, &stands);
        let gate = match &stands.held {
            Some(held) if placed.owner != me => self.gate_of_held(held).await?,
            _ => None,
        };
        let gates = self.gates_of_service(&placed, mine, after.as_deref()).await?;
        let access = card.address.is_some();
        let ask = self.own_ask(id, &card.standing).await?;
        let at_once = self.at_once(&placed, ask.as_ref()).await?;
        let asking = self.asking_for(id, mine).await?;
        let offer = self.offer_again(&placed, mine).await?;
        let audience = match placed.service.audience {
            _ if !mine => None,
            Audience::Nobody => Some(AudienceView::Nobody),
            Audience::Everybody => Some(AudienceView::Everybody),
            Audience::People => {
                let people = db.list_audience(id).await.or_internal("list the audience")?;
                let others = u32::try_from(people.len().saturating_sub(PAGE)).unwrap_or(u32::MAX);
                let first = people.into_iter().take(PAGE).collect();
                let (circles, of_others) = self.circles_of(id).await?;
                let circles = circles.into_iter().map(|(_, name)| name).collect();
                Some(AudienceView::People { people: self.options(first).await?, others, circles, of_others })
            }
        };
        Ok(ServiceView {
            tailnet: placed.tailnet,
            node_id: placed.service.node,
            join_address: access.then(|| join::address(&placed)),
            join: if access { join::steps(&placed, None) } else { Vec::new() },
            gate,
            ask,
            at_once,
            offer,
            asking,
            gates,
            audience,
            declared: mine && placed.declared.is_some(),
            history: if mine { self.history(id.uuid()).await? } else { Vec::new() },
            card,
        })
    }

    async fn what_runs(
        &self,
        tailnet: TailnetId,
        node: Option<NodeId>,
        after: Option<String>,
    ) -> Result<WhatRunsView, Fault> {
        self.what_may_run(tailnet, node, after).await
    }

    async fn new_form(&self, node: NodeId, from: Option<String>) -> Result<ServiceFormView, Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let from = from.and_then(|key| catalogue::find(&key)).map(catalogue::Entry::shown);
        let form = from.as_ref().map_or_else(
            || ServiceForm { kind: "minecraft".into(), ..ServiceForm::default() },
            starting::form,
        );
        let form = ServiceForm { audience: "everybody".into(), ..form };
        Ok(ServiceFormView {
            service: None,
            tailnet: tailnet.id,
            node_id: node.id,
            node: node.name,
            form,
            people: self.met().await?,
            circles: self.circle_cards().await?,
            circles_of_others: Vec::new(),
            shares: 0,
            ports: ServicePorts::default(),
            offered: false,
            from,
            declared: None,
            ports_changed: false,
        })
    }

    async fn edit_form(&self, id: ServiceId) -> Result<ServiceFormView, Fault> {
        let placed = self.my_service(id).await?;
        let db = &self.state.db;
        let people = db.list_audience(id).await.or_internal("list the audience")?;
        let (circles, circles_of_others) = self.circles_of(id).await?;
        let form = ServiceForm {
            name: placed.service.name.clone(),
            kind: placed.service.kind.to_string(),
            ports: placed.service.join.before(&placed.service.ports),
            about: placed.service.about.clone(),
            audience: placed.service.audience.to_string(),
            people: people.into_iter().map(|(id, _)| id).collect(),
            circles: circles.into_iter().map(|(id, _)| id).collect(),
            left_alone: if placed.service.left_alone { "yes".into() } else { String::new() },
            gates: String::new(),
        };
        let offers = db.list_open_offers_of_service(id, self.state.now(), None, 1).await;
        let offers = offers.or_internal("list the offers")?;
        let changed = db.is_to_be_looked_at(id).await;
        Ok(ServiceFormView {
            service: Some(id),
            tailnet: placed.tailnet,
            node_id: placed.service.node,
            node: placed.node_name,
            form,
            people: self.met().await?,
            circles: self.circle_cards().await?,
            circles_of_others,
            shares: u32::try_from(self.open_shares(id).await?).unwrap_or(u32::MAX),
            ports: placed.service.ports.clone(),
            offered: !offers.is_empty(),
            from: None,
            declared: placed.declared,
            ports_changed: changed.or_internal("look whether its machine changed its ports")?,
        })
    }

    async fn create(&self, node: NodeId, form: ServiceForm) -> Result<ServiceId, Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let (service, to) = self.validated(self.state.new_id(), node.id, form).await?;
        let what = words::service::listed(&service.name, &node.name);
        let entry = self
            .about(Object::from(&service))
            .await?
            .says(what)
            .of(&tailnet)
            .after(words::service::in_words(&service))
            .at(&self.state);
        self.put_service(&service, &to, &entry).await?;
        Ok(service.id)
    }

    async fn update(&self, id: ServiceId, form: ServiceForm) -> Result<(), Fault> {
        let placed = self.my_service(id).await?;
        let (_, tailnet) = self.my_node(placed.service.node).await?;
        let gates = Gates::chosen(&form.gates);
        let (service, to) = self.validated(id, placed.service.node, form).await?;
        if let Some(to) = placed.declared {
            // Who sees it is chosen here where the configuration does not say.
            let chosen = Service {
                audience: to.over(service.audience),
                left_alone: service.left_alone,
                ..placed.service.clone()
            };
            if service != chosen {
                return Err(words::service::listed_elsewhere(&placed.node_name));
            }
        }
        let changed = service.ports != placed.service.ports;
        let others = self.with_other_ports(id, &service.ports).await?;
        // Nobody is to find out afterwards what became of them.
        if changed && !others.is_empty() && gates.is_none() {
            return Err(Fault::field("gates", words::service::CHOOSE_FOR_GATES));
        }
        let (before, after) = (words::service::in_words(&placed.service), words::service::in_words(&service));
        let what = format!("changed {}", service.name);
        let entry = self
            .about(Object::from(&service))
            .await?
            .says(what)
            .of(&tailnet)
            .before(before)
            .after(after)
            .at(&self.state);
        self.put_service(&service, &to, &entry).await?;
        for share in others {
            match gates {
                Some(Gates::Bring) => self.bring_along(share, &service.ports).await?,
                _ if changed => self.leave_as_it_is(share).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn remove(&self, id: ServiceId) -> Result<(), Fault> {
        let placed = self.my_service(id).await?;
        if placed.declared.is_some() {
            return Err(words::service::listed_elsewhere(&placed.node_name));
        }
        let (_, tailnet) = self.my_node(placed.service.node).await?;
        let what = words::service::removed(&placed.service.name);
        let before = Some(words::service::in_words(&placed.service));
        let entry = self
            .about(Object::from(&placed.service))
            .await?
            .says(what)
            .of(&tailnet)
            .before(before)
            .at(&self.state);
        let now = self.state.now();
        match self.state.db.remove_service(id, now, &entry).await.or_internal("remove the service")? {
            0 => Ok(()),
            open => Err(words::service::shares_are_open(open)),
        }
    }
}

impl Asker {
    async fn put_service(&self, service: &Service, to: &Chosen, entry: &NewEntry) -> Result<(), Fault> {
        let (db, now) = (&self.state.db, self.state.now());
        let most = self.state.config.limits.services_per_tailnet;
        let shown = ShownTo { people: &to.people, by: self.me()?, circles: &to.circles };
        let stored = db.put_service(service, shown, (most, now), entry).await;
        if stored.or_internal("store the service")? {
            return Ok(());
        }
        Err(words::service::too_many(most))
    }

    async fn open_shares(&self, id: ServiceId) -> Result<usize, Fault> {
        let open = self.state.db.count_open_shares_of_service(id).await.or_internal("count its shares")?;
        Ok(usize::try_from(open).unwrap_or(0))
    }

    async fn validated(
        &self,
        id: ServiceId,
        node: NodeId,
        form: ServiceForm,
    ) -> Result<(Service, Chosen), Fault> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, error: String| errors.push((field.into(), error));
        let name = form.name.parse::<Name>().map_err(|e| wrong("name", e.to_string()));
        let about = form.about.parse::<Note>().map_err(|e| wrong("about", e.to_string()));
        let kind = form.kind.parse::<ServiceKind>();
        let known = kind.as_ref().copied().unwrap_or(ServiceKind::Other);
        let typed = if form.ports.trim().is_empty() { known.usual_ports() } else { &form.ports };
        let ports = JoinPort::typed(known, typed);
        let ports = ports.map_err(|e| wrong("ports", e.to_string()));
        let kind = kind.map_err(|_| wrong("kind", words::service::CHOOSE_A_KIND.into()));
        let audience = form.audience.parse::<Audience>();
        let audience = audience.map_err(|_| wrong("audience", words::service::CHOOSE_AN_AUDIENCE.into()));
        let mut to = Chosen::default();
        if audience == Ok(Audience::People) {
            let (met, own) = (self.met().await?, self.own_circles().await?);
            let is_met = |id: &PersonId| met.iter().any(|person| person.id == *id);
            let is_own = |id: &CircleId| own.iter().any(|circle| circle.id == *id);
            // Circles of others that see it stay as they are.
            let of_others = !self.circles_of(id).await?.1.is_empty();
            if !form.people.iter().all(is_met) || !form.circles.iter().all(is_own) {
                wrong("people", words::service::CHOOSE_FROM_THE_LIST.into());
            } else if form.people.is_empty() && form.circles.is_empty() && !of_others {
                wrong("people", words::service::CHOOSE_SOMEBODY.into());
            }
            to = Chosen { people: form.people, circles: form.circles };
            to.people.sort_unstable();
            to.people.dedup();
            to.circles.sort_unstable();
            to.circles.dedup();
        }
        let left_alone = form.left_alone == "yes";
        match (name, about, ports, kind, audience) {
            (Ok(name), Ok(about), Ok((ports, join)), Ok(kind), Ok(audience)) if errors.is_empty() => Ok((
                Service {
                    id,
                    node,
                    name: name.to_string(),
                    kind,
                    ports,
                    join,
                    about: about.to_string(),
                    audience,
                    left_alone,
                },
                to,
            )),
            _ => Err(Fault::Invalid(errors)),
        }
    }
}

/// `OFFLINE.ID.NAME`, as [`DirectoryView::next`] gives it.
fn cursor(text: &str) -> Option<(i64, String, ServiceId)> {
    let (offline, rest) = text.split_once('.')?;
    let (id, name) = rest.split_once('.')?;
    Some((offline.parse().ok()?, name.to_owned(), id.parse().ok()?))
}
