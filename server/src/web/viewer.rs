//! Who is asking: resolved once per request, before anything else looks at it.

use app::request::ZONE;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use model::Zone;
use tower_sessions::Session;

use super::problem::Problem;
use super::{Web, client, visitors};
use crate::failure::OrInternal as _;
use crate::session::{Arrived, BrowserSession};
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
    let told = zone(request.headers());
    let arrived = session.arrived().await?;
    let chosen = arrived.as_ref().and_then(|person| person.zones.chosen());
    let session = session.reading_in(told, chosen);
    let viewer = find(&web.state, &session, arrived).await?;
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

async fn find(
    state: &AppState,
    session: &BrowserSession,
    arrived: Option<Arrived>,
) -> Result<Viewer, app::fault::Fault> {
    let Some(person) = arrived else { return Ok(Viewer::Anonymous) };
    // What can wait does not keep anybody from reading.
    if state.signals.health.trouble().is_none() {
        let is_first_today = session.renew(state.now()).await?;
        let told = session.told_zone().map(Zone::name);
        let known = person.zones.told.as_deref();
        // For mails. Somebody with browsers in two zones does not change it with each page.
        if let Some(told) = told.filter(|told| known != Some(*told) && (is_first_today || known.is_none())) {
            state.db.put_zone_told(person.id, told).await.or_internal("keep the time zone")?;
        }
    }
    Ok(Viewer::Person { id: person.id, instance_owner: person.instance_owner })
}

/// The time zone that script told in a cookie, if there is such a zone.
fn zone(headers: &HeaderMap) -> Option<Zone> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut all = cookies.flat_map(|all| all.split(';')).filter_map(|one| one.trim().split_once('='));
    // Nothing is no zone, though elsewhere it means UTC.
    all.find(|(name, told)| *name == ZONE && !told.is_empty()).and_then(|(_, told)| told.parse().ok())
}
