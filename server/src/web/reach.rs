//! All reach of a tailnet as files.

use app::fault::Fault;
use app::ports::Backend;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderName, Uri, header};
use axum::response::{IntoResponse, Response};
use model::TailnetId;

use super::Web;
use super::session::BrowserSession;
use crate::services::Viewer;
use crate::use_cases;

pub async fn json(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let (backend, id) = (use_cases::backend(&web.services, viewer, session), id(&tailnet));
    let text = answer(&backend, id, false).await.map_err(|fault| web.refuse(&fault, &uri))?;
    Ok((file("application/json", "attachment; filename=\"reach.json\""), text))
}

pub async fn csv(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let (backend, id) = (use_cases::backend(&web.services, viewer, session), id(&tailnet));
    let text = answer(&backend, id, true).await.map_err(|fault| web.refuse(&fault, &uri))?;
    Ok((file("text/csv; charset=utf-8", "attachment; filename=\"reach.csv\""), text))
}

async fn answer(backend: &Backend, id: Option<TailnetId>, table: bool) -> Result<String, Fault> {
    let Some(id) = id else { return Err(Fault::NotFound) };
    if table { backend.reach.csv(id).await } else { backend.reach.json(id).await }
}

fn id(text: &str) -> Option<TailnetId> {
    text.parse().ok()
}

fn file(kind: &'static str, name: &'static str) -> [(HeaderName, &'static str); 2] {
    [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)]
}
