//! Tells a browser that what is on its page changed: a share, or a machine that is waited for.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use model::ShareId;
use model::ids::JoiningId;
use tokio::sync::broadcast::{self, error::RecvError};

use super::Web;
use super::session::BrowserSession;
use crate::services::Viewer;
use crate::use_cases;

/// Then the browser comes again by itself, and is asked again who it is.
const LIFE: Duration = Duration::from_mins(5);

pub async fn share(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let services = &web.services;
    let problem = |fault| web.refuse(&fault, &uri);
    // Subscribed before the look, so that no change falls between the two.
    let feed = services.share_changes.subscribe();
    let id: ShareId = id.parse().map_err(|_| problem(app::fault::Fault::NotFound))?;
    use_cases::backend(services, viewer, session).shares.get(id).await.map_err(problem)?;
    Ok(changes(&web, feed, id))
}

pub async fn joining(
    State(web): State<Web>,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<BrowserSession>,
    Path((_, id)): Path<(String, String)>,
    uri: Uri,
) -> Result<impl IntoResponse, Response> {
    let services = &web.services;
    let problem = |fault| web.refuse(&fault, &uri);
    let feed = services.joining_changes.subscribe();
    let id: JoiningId = id.parse().map_err(|_| problem(app::fault::Fault::NotFound))?;
    use_cases::backend(services, viewer, session).joining.get(id).await.map_err(problem)?;
    Ok(changes(&web, feed, id))
}

/// One `changed` for each change of the one with this id.
fn changes<T: Copy + PartialEq + Send + 'static>(
    web: &Web,
    feed: broadcast::Receiver<T>,
    id: T,
) -> impl IntoResponse + use<T> {
    let end = tokio::time::Instant::now() + LIFE;
    let stop = web.services.stop.subscribe();
    let events = stream::unfold((feed, stop), move |(mut feed, mut stop)| async move {
        loop {
            let change = tokio::select! {
                change = feed.recv() => change,
                () = tokio::time::sleep_until(end) => return None,
                _ = stop.wait_for(|stop| *stop) => return None,
            };
            match change {
                Ok(changed) if changed != id => {}
                // Missed some: maybe ours was among them.
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    // Browsers ignore an event without data.
                    let event = Event::default().event("changed").data("look");
                    return Some((Ok::<_, Infallible>(event), (feed, stop)));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
