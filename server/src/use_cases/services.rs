//! The directory, and what nodes offer.

use app::fault::{Fault, FieldErrors};
use app::ports::paging::PAGE;
use app::ports::services::{
    AudienceView, DirectoryQuery, DirectoryView, ServiceForm, ServiceFormView, ServiceView, Services,
};
use async_trait::async_trait;
use model::{Audience, Name, NodeId, Note, ObjectKind, PersonId, ServiceId, ServiceKind, ServicePorts};

use super::{Asker, join};
use crate::failure::OrInternal as _;
use crate::store::audit::{NewEntry, Object};
use crate::store::services::{Search, Service};

mod cards;

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
        let mut rows = self.state.db.search_services(&search).await.or_internal("search the directory")?;
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| format!("{}.{}.{}", u8::from(!last.up), last.service.id, last.sort_name));
        let all = Search::everything(me, 1);
        let any = self.state.db.search_services(&all).await.or_internal("search the directory")?;
        let standing = self.standing_of_viewer().await?;
        let services = rows.iter().map(|row| self.card(row, &standing)).collect();
        Ok(DirectoryView { services, next, any: !any.is_empty() })
    }

    async fn get_page(&self, id: ServiceId, after: Option<String>) -> Result<ServiceView, Fault> {
        let (placed, mine) = self.visible_service(id).await?;
        let db = &self.state.db;
        let card = self.card(&placed, &self.standing_of_viewer().await?);
        let gates = self.gates_of_service(&placed, mine, after.as_deref()).await?;
        let access = card.address.is_some();
        let audience = match placed.service.audience {
            _ if !mine => None,
            Audience::Nobody => Some(AudienceView::Nobody),
            Audience::Everybody => Some(AudienceView::Everybody),
            Audience::People => {
                let people = db.list_audience(id).await.or_internal("list the audience")?;
                let others = u32::try_from(people.len().saturating_sub(PAGE)).unwrap_or(u32::MAX);
                let first = people.into_iter().take(PAGE).collect();
                Some(AudienceView::People(self.options(first).await?, others))
            }
        };
        Ok(ServiceView {
            tailnet: placed.tailnet,
            node_id: placed.service.node,
            join_address: access.then(|| join::address(&placed)),
            join: if access { join::steps(&placed, None) } else { Vec::new() },
            gates,
            audience,
            history: if mine { self.history(id.uuid()).await? } else { Vec::new() },
            card,
        })
    }

    async fn new_form(&self, node: NodeId) -> Result<ServiceFormView, Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let form =
            ServiceForm { audience: "everybody".into(), kind: "minecraft".into(), ..ServiceForm::default() };
        Ok(ServiceFormView {
            service: None,
            tailnet: tailnet.id,
            node_id: node.id,
            node: node.name,
            form,
            people: self.met().await?,
            shares: 0,
        })
    }

    async fn edit_form(&self, id: ServiceId) -> Result<ServiceFormView, Fault> {
        let placed = self.my_service(id).await?;
        let db = &self.state.db;
        let people = db.list_audience(id).await.or_internal("list the audience")?;
        let form = ServiceForm {
            name: placed.service.name.clone(),
            kind: placed.service.kind.to_string(),
            ports: placed.service.ports.to_string().replace(',', ", "),
            about: placed.service.about.clone(),
            audience: placed.service.audience.to_string(),
            people: people.into_iter().map(|(id, _)| id).collect(),
        };
        Ok(ServiceFormView {
            service: Some(id),
            tailnet: placed.tailnet,
            node_id: placed.service.node,
            node: placed.node_name,
            form,
            people: self.met().await?,
            shares: u32::try_from(self.open_shares(id).await?).unwrap_or(u32::MAX),
        })
    }

    async fn create(&self, node: NodeId, form: ServiceForm) -> Result<ServiceId, Fault> {
        let (node, tailnet) = self.my_node(node).await?;
        let (service, people) = self.validated(self.state.new_id(), node.id, form).await?;
        let what = format!("listed {} on {}", service.name, node.name);
        let entry = self.entry(&tailnet, object(&service), what, None, Some(in_words(&service))).await?;
        self.put_service(&service, &people, &entry).await?;
        Ok(service.id)
    }

    async fn update(&self, id: ServiceId, form: ServiceForm) -> Result<(), Fault> {
        let placed = self.my_service(id).await?;
        let tailnet = self.my_tailnet(placed.tailnet).await?;
        let (service, people) = self.validated(id, placed.service.node, form).await?;
        let (before, after) = (in_words(&placed.service), in_words(&service));
        let what = format!("changed {}", service.name);
        let entry = self.entry(&tailnet, object(&service), what, Some(before), Some(after)).await?;
        self.put_service(&service, &people, &entry).await
    }

    async fn remove(&self, id: ServiceId) -> Result<(), Fault> {
        let placed = self.my_service(id).await?;
        let tailnet = self.my_tailnet(placed.tailnet).await?;
        let what = format!("removed {} from the list", placed.service.name);
        let before = Some(in_words(&placed.service));
        let entry = self.entry(&tailnet, object(&placed.service), what, before, None).await?;
        let now = self.state.now();
        match self.state.db.remove_service(id, now, &entry).await.or_internal("remove the service")? {
            0 => Ok(()),
            open => Err(Fault::Conflict(format!(
                "{open} of its shares are not over; end them first, nothing was changed"
            ))),
        }
    }
}

impl Asker {
    async fn put_service(
        &self,
        service: &Service,
        people: &[PersonId],
        entry: &NewEntry,
    ) -> Result<(), Fault> {
        let (db, now) = (&self.state.db, self.state.now());
        let most = self.state.config.limits.services_per_tailnet;
        let stored = db.put_service(service, people, (most, now), entry).await;
        if stored.or_internal("store the service")? {
            return Ok(());
        }
        Err(Fault::Conflict(format!(
            "This tailnet has {most} services, and there can be no more than that. Take one off the board first. \
             Nothing was changed."
        )))
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
    ) -> Result<(Service, Vec<PersonId>), Fault> {
        let mut errors = FieldErrors::new();
        let mut wrong = |field: &str, error: String| errors.push((field.into(), error));
        let name = form.name.parse::<Name>().map_err(|e| wrong("name", e.to_string()));
        let about = form.about.parse::<Note>().map_err(|e| wrong("about", e.to_string()));
        let ports = form.ports.parse::<ServicePorts>().map_err(|e| wrong("ports", e.to_string()));
        let kind = form.kind.parse::<ServiceKind>();
        let kind = kind.map_err(|_| wrong("kind", "choose what kind of service it is".into()));
        let audience = form.audience.parse::<Audience>();
        let audience = audience.map_err(|_| wrong("audience", "choose to whom it is shown".into()));
        let mut people: Vec<PersonId> = Vec::new();
        if audience == Ok(Audience::People) {
            let met = self.met().await?;
            if !form.people.iter().all(|id| met.iter().any(|person| person.id == *id)) {
                wrong("people", "choose people from the list".into());
            } else if form.people.is_empty() {
                wrong("people", "choose at least one person, or show it to nobody".into());
            }
            people = form.people;
            people.sort_unstable();
            people.dedup();
        }
        match (name, about, ports, kind, audience) {
            (Ok(name), Ok(about), Ok(ports), Ok(kind), Ok(audience)) if errors.is_empty() => Ok((
                Service { id, node, name: name.to_string(), kind, ports, about: about.to_string(), audience },
                people,
            )),
            _ => Err(Fault::Invalid(errors)),
        }
    }
}

fn object(service: &Service) -> Object {
    Object { kind: ObjectKind::Service, id: service.id.uuid(), name: service.name.clone() }
}

fn in_words(service: &Service) -> String {
    format!("{}: {}, shown to {}", service.name, service.ports, service.audience)
}

/// `OFFLINE.ID.NAME`, as [`DirectoryView::next`] gives it.
fn cursor(text: &str) -> Option<(i64, String, ServiceId)> {
    let (offline, rest) = text.split_once('.')?;
    let (id, name) = rest.split_once('.')?;
    Some((offline.parse().ok()?, name.to_owned(), id.parse().ok()?))
}
