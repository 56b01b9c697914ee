//! All reach of a tailnet as files.

use std::io;

use app::fault::Fault;
use app::ports::reach::Export;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Web;
use crate::session::BrowserSession;
use crate::state::Viewer;
use crate::use_cases;

pub async fn json(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let backend = use_cases::backend(&web.state, viewer, session);
    let export = match tailnet.parse() {
        Ok(id) => backend.reach.json(id).await,
        Err(_) => Err(Fault::NotFound),
    };
    file(export, "application/json", "reach.json").map_err(|fault| web.refuse(&fault, &uri))
}

pub async fn csv(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(tailnet): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let backend = use_cases::backend(&web.state, viewer, session);
    let export = match tailnet.parse() {
        Ok(id) => backend.reach.csv(id).await,
        Err(_) => Err(Fault::NotFound),
    };
    file(export, "text/csv; charset=utf-8", "reach.csv").map_err(|fault| web.refuse(&fault, &uri))
}

/// Parts are made as fast as somebody reads them. What fails midway ends the connection: half a file must not look
/// like a whole one.
fn file(
    export: Result<Box<dyn Export>, Fault>,
    kind: &'static str,
    name: &str,
) -> Result<impl IntoResponse + use<>, Fault> {
    let place = format!("attachment; filename=\"{name}\"");
    let parts = stream::try_unfold(export?, async |mut export| {
        let part = export.next().await.map_err(|fault| io::Error::other(format!("{fault:?}")))?;
        Ok::<_, io::Error>(part.map(|part| (part, export)))
    });
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, place)];
    Ok((headers, Body::from_stream(parts)))
}
