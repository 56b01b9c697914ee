//! Who is asking: resolved once per request, before anything else looks at it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tower_sessions::Session;

use super::problem::Problem;
use super::{Web, client, visitors};
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};

/// Puts [`Viewer`] and [`BrowserSession`] into the request.
pub async fn layer(
    State(web): State<Web>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let session = BrowserSession::new(session);
    let config = &web.state.config;
    let viewer = find(&web.state, &session).await?;
    // Whoever is not remembered yet may be from now on: a page alone gives no reason for that, a form may.
    if viewer == Viewer::Anonymous
        && session.id_hash().is_none()
        && !request.method().is_safe()
        && let Some(address) = client::address(&request, &config.trusted_proxies)
        && let Err(wait) = web.visitors.admit(address)
    {
        return Ok(visitors::too_many(wait));
    }
    request.extensions_mut().insert(viewer);
    request.extensions_mut().insert(session);
    Ok(next.run(request).await)
}

async fn find(state: &AppState, session: &BrowserSession) -> Result<Viewer, app::fault::Fault> {
    let Some(person) = session.arrived().await? else { return Ok(Viewer::Anonymous) };
    // What can wait does not keep anybody from reading.
    if state.signals.health.trouble().is_none() {
        session.renew(state.now()).await?;
    }
    Ok(Viewer::Person { id: person.id, instance_owner: person.instance_owner })
}
