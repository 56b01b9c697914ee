use leptos::prelude::*;
use model::{CircleId, PersonId, ServiceKind, ShareId};

use super::{done, id, typed};
use crate::fault::Fault;
use crate::paths;
use crate::ports::circles::Leaver;
use crate::request::{answer, backend};

#[server(prefix = "/fn", endpoint = "circles/create")]
pub async fn create_circle(#[server(default)] name: String) -> Result<(), Fault> {
    let values = typed([("name", &name)]);
    let outcome = backend().circles.create(name).await;
    let outcome = outcome.map(|circle| done(paths::circle(circle), "Made. Nobody is in it yet."));
    answer("circles/create", &paths::circles(), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "circles/rename")]
pub async fn rename_circle(
    #[server(default)] circle: String,
    #[server(default)] name: String,
) -> Result<(), Fault> {
    let circle: CircleId = id(&circle)?;
    let values = typed([("name", &name)]);
    let outcome = backend().circles.rename(circle, name).await;
    let outcome = outcome.map(|()| done(paths::circle(circle), "Saved."));
    answer("circles/rename", &paths::circle(circle), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "circles/add")]
pub async fn add_to_circle(
    #[server(default)] circle: String,
    #[server(default)] person: String,
) -> Result<(), Fault> {
    let circle: CircleId = id(&circle)?;
    let values = typed([("person", &person)]);
    let outcome = backend().circles.add(circle, person).await;
    let outcome = outcome.map(|name| done(paths::circle(circle), format!("{name} is in it now.")));
    answer("circles/add", &paths::circle(circle), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "circles/leave")]
pub async fn leave_circle(
    #[server(default)] circle: String,
    #[server(default)] person: String,
    #[server(default)] end: Vec<String>,
) -> Result<(), Fault> {
    let (circle, person): (CircleId, PersonId) = (id(&circle)?, id(&person)?);
    let (end, values) = ticked(&end);
    let outcome = backend().circles.leave(circle, Leaver::One(person), end).await;
    let outcome = outcome.map(|text| done(paths::circle(circle), text));
    answer("circles/leave", &paths::leave_circle(circle, Some(person)), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "circles/end")]
pub async fn end_circle(
    #[server(default)] circle: String,
    #[server(default)] end: Vec<String>,
) -> Result<(), Fault> {
    let circle: CircleId = id(&circle)?;
    let (end, values) = ticked(&end);
    let outcome = backend().circles.leave(circle, Leaver::All, end).await;
    let outcome = outcome.map(|text| done(paths::circles(), text));
    answer("circles/end", &paths::leave_circle(circle, None), values, outcome).await
}

/// The shares that are to end too, and the same as what was ticked.
fn ticked(end: &[String]) -> (Vec<ShareId>, Vec<(String, String)>) {
    let end: Vec<ShareId> = end.iter().filter_map(|share| share.parse().ok()).collect();
    let values = end.iter().map(|share| ("end[]".to_owned(), share.to_string())).collect();
    (end, values)
}

#[server(prefix = "/fn", endpoint = "circles/approve")]
pub async fn approve_beforehand(
    #[server(default)] circle: String,
    #[server(default)] kind: String,
    #[server(default)] days: String,
) -> Result<(), Fault> {
    let circle: CircleId = id(&circle)?;
    let values = typed([("kind", &kind), ("days", &days)]);
    let outcome = backend().circles.approve(circle, kind, days).await;
    let outcome =
        outcome.map(|()| done(paths::circle(circle), "Approved, for what they accept from now on."));
    answer("circles/approve", &paths::circle(circle), values, outcome).await
}

#[server(prefix = "/fn", endpoint = "circles/ask-me")]
pub async fn ask_me_again(
    #[server(default)] circle: String,
    #[server(default)] service_kind: String,
) -> Result<(), Fault> {
    let (circle, kind): (CircleId, ServiceKind) = (id(&circle)?, id(&service_kind)?);
    let outcome = backend().circles.ask_me(circle, kind).await;
    let outcome = outcome.map(|()| done(paths::circle(circle), "You are asked again each time."));
    answer("circles/ask-me", &paths::circle(circle), Vec::new(), outcome).await
}
