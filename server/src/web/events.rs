//! Tells a browser that what is on its page changed: a share, or a machine that is waited for.

use std::convert::Infallible;
use std::time::Duration;

use app::fault::Fault;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use model::ids::JoiningId;
use model::{PersonId, ShareId, TailnetId};
use tokio::sync::broadcast::{self, error::RecvError};

use super::asking::{Asking, Ids};
use super::problem::Problem;
use crate::state::AppState;

/// So often it is looked whether whoever is told may still be: another process may have ended their session.
const LOOK: Duration = Duration::from_secs(2);
/// Then the browser comes again by itself, and is asked again who it is.
const LIFE: Duration = Duration::from_mins(5);

pub async fn share(asking: Asking, Ids(id): Ids<ShareId>) -> Result<impl IntoResponse, Problem> {
    // Subscribed before the look, so that no change falls between the two.
    let feed = asking.state.signals.share_changes.subscribe();
    let told = Told::new(&asking)?;
    asking.backend().shares.get(id).await?;
    Ok(changes(told, feed, id))
}

pub async fn joining(
    asking: Asking,
    Ids((_, id)): Ids<(TailnetId, JoiningId)>,
) -> Result<impl IntoResponse, Problem> {
    let feed = asking.state.signals.joining_changes.subscribe();
    let told = Told::new(&asking)?;
    asking.backend().joining.get(id).await?;
    Ok(changes(told, feed, id))
}

/// Who is told, in which browser.
struct Told {
    state: AppState,
    person: PersonId,
    session: String,
}

impl Told {
    fn new(asking: &Asking) -> Result<Self, Fault> {
        let session = asking.session.id_hash().ok_or(Fault::SignedOut)?;
        Ok(Self { state: asking.state.clone(), person: asking.viewer.person()?, session })
    }

    /// A database that does not answer for a moment ends nothing, and tells nothing.
    async fn may(&self) -> Option<bool> {
        let Self { state, person, session } = self;
        state.db.is_signed_in(*person, session, state.now()).await.ok()
    }
}

/// One `changed` for each change of the one with this id, as long as whoever is told is signed in.
fn changes<T: Copy + PartialEq + Send + 'static>(
    told: Told,
    feed: broadcast::Receiver<T>,
    id: T,
) -> impl IntoResponse + use<T> {
    let end = tokio::time::Instant::now() + LIFE;
    let stop = told.state.signals.stop.subscribe();
    let looks = tokio::time::interval(LOOK);
    let events =
        stream::unfold((told, feed, stop, looks), move |(told, mut feed, mut stop, mut looks)| async move {
            loop {
                let change = tokio::select! {
                    change = feed.recv() => Some(change),
                    _ = looks.tick() => None,
                    () = tokio::time::sleep_until(end) => return None,
                    _ = stop.wait_for(|stop| *stop) => return None,
                };
                match change {
                    Some(Ok(changed)) if changed != id => {}
                    None => {
                        if told.may().await == Some(false) {
                            return None;
                        }
                    }
                    // Missed some: maybe ours was among them.
                    Some(Ok(_) | Err(RecvError::Lagged(_))) => {
                        match told.may().await {
                            Some(true) => {}
                            Some(false) => return None,
                            None => continue,
                        }
                        // Browsers ignore an event without data.
                        let event = Event::default().event("changed").data("look");
                        return Some((Ok::<_, Infallible>(event), (told, feed, stop, looks)));
                    }
                    Some(Err(RecvError::Closed)) => return None,
                }
            }
        });
    Sse::new(events).keep_alive(KeepAlive::default())
}
