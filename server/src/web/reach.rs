//! All reach of a tailnet as files.

use app::fault::Fault;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};

use super::Web;
use crate::services::Viewer;
use crate::session::BrowserSession;
use crate::use_cases;

pub async fn json(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let backend = use_cases::backend(&web.services, viewer, session);
    let text = match tailnet.parse() {
        Ok(id) => backend.reach.json(id).await,
        Err(_) => Err(Fault::NotFound),
    };
    file(text, "application/json", "reach.json").map_err(|fault| web.refuse(&fault, &uri))
}

pub async fn csv(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let backend = use_cases::backend(&web.services, viewer, session);
    let text = match tailnet.parse() {
        Ok(id) => backend.reach.csv(id).await,
        Err(_) => Err(Fault::NotFound),
    };
    file(text, "text/csv; charset=utf-8", "reach.csv").map_err(|fault| web.refuse(&fault, &uri))
}

fn file(
    text: Result<String, Fault>,
    kind: &'static str,
    name: &str,
) -> Result<impl IntoResponse + use<>, Fault> {
    let place = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, place)], text?))
}
