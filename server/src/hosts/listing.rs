//! What runs on a machine, as its own configuration lists it.

use std::collections::{BTreeMap, BTreeSet};

use app::fault::{Fault, FieldErrors};
use model::{Audience, DeclaredTo, JoinPort, Name, NodeId, Note, ObjectKind, ServiceId, ServiceKind};
use serde::Deserialize;

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

/// All that runs there, as a host says with a token with which it may list: a JSON object of services by name. What it
/// listed before and leaves out is taken off the list. What people had listed under a name is the same service from then on.
/// The same again changes nothing.
///
/// # Errors
/// [`Fault::NotFound`] for a wrong token and an unknown node alike, and for a token that may not; [`Fault::Invalid`] for what
/// is no such list, [`Fault::Conflict`] if there is no room for it. Nothing is changed then.
pub async fn told_services(
    state: &AppState,
    node: NodeId,
    token: &str,
    text: &str,
) -> Result<Listing, Fault> {
    let db = &state.db;
    let known = db.is_pull_token(node, &hash_token(token)).await.or_internal("look for the token")?;
    let lists = known && db.find_host(node).await.or_internal("read what is known of the host")?.may.lists;
    let node = db.find_node(node).await.or_internal("read the machine")?.filter(|_| lists);
    let node = node.ok_or(Fault::NotFound)?;
    let tailnet = db.find_tailnet(node.tailnet).await.or_internal("read the tailnet")?;
    let tailnet = tailnet.ok_or(Fault::NotFound)?;
    let most = state.config.limits.services_per_tailnet;
    let wanted = read(text, most)?;
    let there = db.list_services_of_node(node.id).await.or_internal("list its services")?;

    let mut listing = Listing::default();
    let mut changes = Vec::new();
    for (service, to) in wanted {
        let before = there.iter().find(|one| same_name(&one.service.name, &service.name));
        let service = Service {
            id: before.map_or_else(|| state.new_id(), |one| one.service.id),
            node: node.id,
            ..service
        };
        let service = match before {
            Some(one) => Service {
                audience: to.over(one.service.audience),
                left_alone: one.service.left_alone,
                ..service
            },
            None => service,
        };
        listing.services.insert(service.name.clone(), service.id);
        if before.is_none_or(|one| one.service != service || one.declared != Some(to)) {
            let entry = listed(state, &node, &tailnet, &service, before);
            changes.push(Declared { service, to, entry });
        }
    }
    let gone = there
        .iter()
        .filter(|one| one.declared.is_some() && !listing.services.values().any(|id| *id == one.service.id));
    let gone: Vec<_> = gone.collect();
    let taken: Vec<_> =
        gone.iter().map(|one| (one.service.id, left_out(state, &node, &tailnet, &one.service))).collect();
    if changes.is_empty() && taken.is_empty() {
        return Ok(listing);
    }
    let told = db.put_declared(node.id, &changes, &taken, (most, state.now())).await;
    match told.or_internal("store what the machine lists")? {
        Told::Stored { kept } => {
            let kept = gone.iter().filter(|one| kept.contains(&one.service.id));
            listing.kept = kept.map(|one| one.service.name.clone()).collect();
            Ok(listing)
        }
        Told::Full => Err(words::service::too_many(most)),
        Told::Namesake(name) => Err(words::service::namesake(&name)),
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

fn in_words(service: &Service) -> String {
    words::service::as_listed(&service.name, &service.ports, service.audience)
}

fn object(service: &Service) -> Object {
    Object::new(ObjectKind::Service, service.id, &service.name)
}

fn listed(
    state: &AppState,
    node: &Node,
    tailnet: &Tailnet,
    service: &Service,
    before: Option<&ServiceAtNode>,
) -> NewEntry {
    let entry = trail::about(object(service)).by(Actor::Acequia);
    let entry = entry.says(words::service::listed_there(&service.name, &node.name)).of(tailnet);
    entry.before(before.map(|one| in_words(&one.service))).after(in_words(service)).at(state)
}

fn left_out(state: &AppState, node: &Node, tailnet: &Tailnet, service: &Service) -> NewEntry {
    let entry = trail::about(object(service)).by(Actor::Acequia);
    let entry = entry.says(words::service::left_out_there(&service.name, &node.name)).of(tailnet);
    entry.before(in_words(service)).at(state)
}
