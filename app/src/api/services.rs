use leptos::prelude::*;
use model::{NodeId, ServiceId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::services::ServiceForm;
use crate::request::{answer, backend};

/// The typed form as values to show again. Several people have the same name, as their boxes do.
fn values(form: &ServiceForm) -> Vec<(String, String)> {
    let mut values = typed([
        ("name", &form.name),
        ("kind", &form.kind),
        ("ports", &form.ports),
        ("about", &form.about),
        ("audience", &form.audience),
    ]);
    values.extend(form.people.iter().map(|person| ("people[]".into(), person.to_string())));
    values
}

fn form(
    name: String,
    kind: String,
    ports: String,
    about: String,
    audience: String,
    people: &[String],
) -> ServiceForm {
    let people = people.iter().filter_map(|person| person.parse().ok()).collect();
    ServiceForm { name, kind, ports, about, audience, people }
}

#[server(prefix = "/fn", endpoint = "services/create")]
pub async fn create_service(
    #[server(default)] node: String,
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] ports: String,
    #[server(default)] about: String,
    #[server(default)] audience: String,
    #[server(default)] people: Vec<String>,
) -> Result<(), Fault> {
    let node: NodeId = id(&node)?;
    let form = form(name, kind, ports, about, audience, &people);
    let (values, name) = (values(&form), form.name.clone());
    let outcome = backend().services.create(node, form).await;
    let outcome = outcome.map(|service| done(paths::service(service), format!("{name} is on the board.")));
    answer("services/create", &paths::new_service(node), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "services/update")]
pub async fn update_service(
    #[server(default)] service: String,
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] ports: String,
    #[server(default)] about: String,
    #[server(default)] audience: String,
    #[server(default)] people: Vec<String>,
) -> Result<(), Fault> {
    let service: ServiceId = id(&service)?;
    let form = form(name, kind, ports, about, audience, &people);
    let values = values(&form);
    let outcome = backend().services.update(service, form).await;
    let outcome = outcome.map(|()| done(paths::service(service), "Saved."));
    answer("services/update", &paths::edit_service(service), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "services/remove")]
pub async fn remove_service(#[server(default)] service: String) -> Result<(), Fault> {
    let service: ServiceId = id(&service)?;
    let outcome = backend().services.remove(service).await;
    let outcome = outcome.map(|()| done(paths::directory(), "The service is taken off the board."));
    answer("services/remove", &paths::remove_service(service), Vec::new(), outcome).await
}
