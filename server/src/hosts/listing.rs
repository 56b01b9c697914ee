//! What runs on a machine, as its own configuration lists it.

use std::collections::{BTreeMap, BTreeSet};

use app::fault::{Fault, FieldErrors};
use model::{Audience, DeclaredTo, JoinPort, Name, NodeId, Note, ServiceId, ServiceKind};
use serde::Deserialize;

use super::speaking;
use crate::failure::OrInternal as _;
use crate::secrets::hash_token;
use crate::state::AppState;
use crate::store::audit::{Actor, NewEntry, Object};
use crate::store::nodes::Node;
use crate::store::services::declared::{Declared, Told};
use crate::store::services::{Service, ServiceAtNode};
use crate::store::tailnets::Tailnet;
use crate::trail;
use crate::words::{self, catalogue};

/// One service in a configuration, by its name. `services.acequia-node.services` of NixOS has this form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// As somebody types them: the one that people join comes first.
    ports: Vec<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    audience: Option<String>,
    #[serde(default)]
    about: Option<String>,
}

/// What the configuration of a machine lists by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub services: BTreeMap<String, ServiceId>,
    /// Left out of it, and shares of them are not over: they stay, and are shown to nobody.
    pub kept: Vec<String>,
}

/// How often it is worked out again what others change at the same moment.
const TRIES: u32 = 10;

/// All that runs there, as a host says with a token with which it may list: a JSON object of services by name. What it
/// listed before and leaves out is taken off the list. What people had listed under a name is the same service from then on.
/// The same again changes nothing.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike, for a token that may not, and where whoever the machine
/// belongs to may not come in; [`Fault::Invalid`] for what is no such list, [`Fault::Conflict`] if there is no room for it.
/// Nothing is changed then.
pub async fn told_services(
    state: &AppState,
    node: NodeId,
    token: &str,
    text: &str,
) -> Result<Listing, Fault> {
    let node = speaking(state, node, token, |may| may.lists).await?;
    let tailnet = state.db.find_tailnet(node.tailnet).await.or_internal("read the tailnet")?;
    let tailnet = tailnet.ok_or(Fault::NotFound)?;
    let said = read(text, state.config.limits.services_per_tailnet)?;
    let token_hash = hash_token(token);
    for _ in 0..TRIES {
        if let Some(listing) = list(state, (&node, &tailnet), &token_hash, &said).await? {
            return Ok(listing);
        }
    }
    Err(words::share::changes_again_and_again())
}

/// Nothing where somebody changed one of them meanwhile: what they chose is not to be lost.
async fn list(
    state: &AppState,
    (node, tailnet): (&Node, &Tailnet),
    token_hash: &str,
    said: &[(Service, DeclaredTo)],
) -> Result<Option<Listing>, Fault> {
    let (db, most) = (&state.db, state.config.limits.services_per_tailnet);
    let there = db.list_services_of_node(node.id).await.or_internal("list its services")?;
    let wanted = said.iter().map(|(service, to)| goes_on(state, node, &there, service.clone(), *to));
    let wanted: Vec<Wanted<'_>> = wanted.collect();
    let id_of = |one: &Wanted<'_>| (one.service.name.clone(), one.service.id);
    let mut listing = Listing { services: wanted.iter().map(id_of).collect(), kept: Vec::new() };

    let is_listed = |one: &ServiceAtNode| listing.services.values().any(|id| *id == one.service.id);
    let gone: Vec<_> = there.iter().filter(|one| one.declared.is_some() && !is_listed(one)).collect();
    let entry = |one: &&ServiceAtNode| (one.service.id, left_out(state, node, tailnet, &one.service));
    let removals: Vec<_> = gone.iter().map(entry).collect();
    let changes = wanted.into_iter().filter(Wanted::is_news);
    let changes: Vec<_> = changes.map(|one| one.declared(state, node, tailnet)).collect();
    if changes.is_empty() && removals.is_empty() {
        return Ok(Some(listing));
    }
    let told = db.put_declared((node.id, token_hash), &changes, &removals, (most, state.now())).await;
    match told.or_internal("store what the machine lists")? {
        Told::Stored { kept } => {
            let kept = gone.iter().filter(|one| kept.contains(&one.service.id));
            listing.kept = kept.map(|one| one.service.name.clone()).collect();
            Ok(Some(listing))
        }
        Told::Meanwhile => Ok(None),
        Told::MayNot => Err(Fault::NotFound),
        Told::Full => Err(words::service::too_many(most)),
        Told::Namesake(name) => Err(words::service::namesake(&name)),
    }
}

/// One service as it is to be, and as it is.
struct Wanted<'a> {
    service: Service,
    to: DeclaredTo,
    before: Option<&'a ServiceAtNode>,
}

impl Wanted<'_> {
    fn is_news(&self) -> bool {
        self.before.is_none_or(|one| one.service != self.service || one.declared != Some(self.to))
    }

    fn declared(self, state: &AppState, node: &Node, tailnet: &Tailnet) -> Declared {
        let Self { service, to, before } = self;
        let entry = trail::about(Object::from(&service)).by(Actor::Acequia);
        let entry = entry.says(words::service::listed_there(&service.name, &node.name)).of(tailnet);
        let entry = entry
            .before(before.map(|one| words::service::in_words(&one.service)))
            .after(words::service::in_words(&service))
            .at(state);
        let before = before.map(|one| (one.service.clone(), one.declared));
        Declared { service, to, before, entry }
    }
}

/// A service of that name goes on, with what people chose for it that the configuration does not say.
fn goes_on<'a>(
    state: &AppState,
    node: &Node,
    there: &'a [ServiceAtNode],
    service: Service,
    to: DeclaredTo,
) -> Wanted<'a> {
    let before = there.iter().find(|one| same_name(&one.service.name, &service.name));
    let id = before.map_or_else(|| state.new_id(), |one| one.service.id);
    let (audience, left_alone) =
        before.map_or((service.audience, false), |one| (to.over(chosen(one)), one.service.left_alone));
    Wanted { service: Service { id, node: node.id, audience, left_alone, ..service }, to, before }
}

/// To whom people show it: what the configuration said of that before was chosen by nobody.
const fn chosen(one: &ServiceAtNode) -> Audience {
    match one.declared {
        None | Some(DeclaredTo::Chosen) => one.service.audience,
        Some(DeclaredTo::Nobody | DeclaredTo::Everybody) => Audience::Nobody,
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Every service of the text, as if it were new and nobody had said to whom it is shown.
fn read(text: &str, most: u32) -> Result<Vec<(Service, DeclaredTo)>, Fault> {
    let entries: BTreeMap<String, Entry> =
        serde_json::from_str(text).map_err(|error| Fault::field("services", error))?;
    if entries.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        return Err(words::service::too_many(most));
    }
    let (mut errors, mut names, mut services) = (FieldErrors::new(), BTreeSet::new(), Vec::new());
    for (name, entry) in entries {
        let found = parse(&name, entry).and_then(|found| {
            let is_new = names.insert(found.0.name.to_lowercase());
            is_new.then_some(found).ok_or_else(|| ("name", words::service::TWICE.into()))
        });
        match found {
            Ok(found) => services.push(found),
            Err((field, error)) => errors.push((format!("{name}.{field}"), error)),
        }
    }
    if errors.is_empty() { Ok(services) } else { Err(Fault::Invalid(errors)) }
}

fn parse(name: &str, entry: Entry) -> Result<(Service, DeclaredTo), (&'static str, String)> {
    let name: Name = name.parse().map_err(|error| ("name", format!("{error}")))?;
    let about: Note =
        entry.about.unwrap_or_default().parse().map_err(|error| ("about", format!("{error}")))?;
    let known = || catalogue::find(&name.to_string().to_lowercase()).map(|known| known.kind);
    let kind: ServiceKind = match entry.kind {
        Some(word) => word.parse().map_err(|error| ("kind", format!("{error}")))?,
        None => known().unwrap_or(ServiceKind::Other),
    };
    let to: DeclaredTo = match entry.audience {
        Some(word) => word.parse().map_err(|error| ("audience", format!("{error}")))?,
        None => DeclaredTo::Chosen,
    };
    let (ports, join) =
        JoinPort::typed(kind, &entry.ports.join(", ")).map_err(|error| ("ports", format!("{error}")))?;
    let service = Service {
        id: ServiceId::new(uuid::Uuid::nil()),
        node: NodeId::new(uuid::Uuid::nil()),
        name: name.to_string(),
        kind,
        ports,
        join,
        about: about.to_string(),
        audience: to.over(Audience::Nobody),
        left_alone: false,
    };
    Ok((service, to))
}

fn left_out(state: &AppState, node: &Node, tailnet: &Tailnet, service: &Service) -> NewEntry {
    let entry = trail::about(Object::from(service)).by(Actor::Acequia);
    let entry = entry.says(words::service::left_out_there(&service.name, &node.name)).of(tailnet);
    entry.before(words::service::in_words(service)).at(state)
}
