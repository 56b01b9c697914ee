//! A node's firewall snippet as a file.

use app::fault::Fault;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};

use super::Web;
use crate::session::BrowserSession;
use crate::state::Viewer;
use crate::use_cases;

pub async fn text(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path((_tailnet, node)): Path<(String, String)>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let problem = |fault| web.refuse(&fault, &uri);
    let node = node.parse().map_err(|_| problem(Fault::NotFound))?;
    let text = use_cases::backend(&web.state, viewer, session).firewall.text(node).await.map_err(problem)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"acequia-firewall.txt\""),
    ];
    Ok((headers, text))
}
