use leptos::prelude::*;
use model::{Id, NodeId, ServiceId};

use super::{done, id};
use crate::fault::Fault;
use crate::paths;
use crate::ports::services::ServiceForm;
use crate::request::{answer, backend, kept};

/// What of the form names neither people nor circles.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub about: String,
    pub audience: String,
    pub left_alone: String,
    pub gates: String,
}

impl Chosen {
    fn with(self, form: ServiceForm) -> ServiceForm {
        let Self { about, audience, left_alone, gates } = self;
        ServiceForm { about, audience, left_alone, gates, ..form }
    }
}

/// The boxes of the form that name people, or circles.
fn ids<T>(ticked: &[String]) -> Vec<Id<T>> {
    ticked.iter().filter_map(|id| id.parse().ok()).collect()
}

#[server(prefix = "/fn", endpoint = "services/create")]
pub async fn create_service(
    #[server(default)] node: String,
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] ports: String,
    #[server(default)] people: Vec<String>,
    #[server(default)] circles: Vec<String>,
    #[server(flatten)] chosen: Chosen,
) -> Result<(), Fault> {
    let node: NodeId = id(&node)?;
    let form = chosen.with(ServiceForm {
        name,
        kind,
        ports,
        people: ids(&people),
        circles: ids(&circles),
        ..ServiceForm::default()
    });
    let (values, name) = (kept(&form), form.name.clone());
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
    #[server(default)] people: Vec<String>,
    #[server(default)] circles: Vec<String>,
    #[server(flatten)] chosen: Chosen,
) -> Result<(), Fault> {
    let service: ServiceId = id(&service)?;
    let form = chosen.with(ServiceForm {
        name,
        kind,
        ports,
        people: ids(&people),
        circles: ids(&circles),
        ..ServiceForm::default()
    });
    let values = kept(&form);
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
