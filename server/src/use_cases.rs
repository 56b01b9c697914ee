//! The answers to what pages ask: authorise, load, decide, store, enqueue. One file per noun.

use std::sync::Arc;

use app::fault::Fault;
use app::ports::{Backend, Place};
use tokio::sync::OnceCell;

use crate::failure::OrInternal as _;
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};

mod accounts;
mod asks;
pub mod audit;
mod circles;
mod edits;
mod exposures;
mod firewall;
mod flash;
mod gates;
mod graph;
mod hosts;
mod households;
mod inbox;
pub mod instance;
mod joining;
mod lenders;
mod losers;
mod manual;
mod members;
mod names;
mod nodes;
pub mod notifications;
mod offers;
mod own_reach;
pub mod people;
mod probes;
mod reach;
mod review;
mod revisions;
mod rights;
mod services;
mod settings;
mod shares;
pub mod sign_in;
mod stewards;
mod tailnets;
mod unmanaged;
mod until;

/// One who asks, with everything that answers are made of. Implements every port.
#[derive(Clone, Debug)]
pub struct Asker {
    pub state: AppState,
    pub viewer: Viewer,
    pub session: BrowserSession,
    /// Whom they have met, once it was asked.
    known: Arc<OnceCell<Vec<names::Known>>>,
}

impl Asker {
    pub fn new(state: &AppState, viewer: Viewer, session: BrowserSession) -> Self {
        Self { state: state.clone(), viewer, session, known: Arc::default() }
    }
}

/// The questions, bound to who is asking.
pub fn backend(state: &AppState, viewer: Viewer, session: BrowserSession) -> Backend {
    let zone = session.zone().clone();
    let asker = Arc::new(Asker::new(state, viewer, session));
    Backend {
        accounts: asker.clone(),
        asks: asker.clone(),
        audit: asker.clone(),
        circles: asker.clone(),
        unmanaged: asker.clone(),
        edits: asker.clone(),
        firewall: asker.clone(),
        flash: asker.clone(),
        graph: asker.clone(),
        hosts: asker.clone(),
        households: asker.clone(),
        inbox: asker.clone(),
        joining: asker.clone(),
        lenders: asker.clone(),
        members: asker.clone(),
        notifications: asker.clone(),
        offers: asker.clone(),
        people: asker.clone(),
        reach: asker.clone(),
        revisions: asker.clone(),
        services: asker.clone(),
        settings: asker.clone(),
        shares: asker.clone(),
        stewards: asker.clone(),
        tailnets: asker,
        zone,
        place: Place { base_url: state.config.base().to_owned(), now: state.now(), demo: state.config.demo },
    }
}

/// Works something out on a thread that serves no requests: questions to the policy engine may take a while.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.or_internal("work it out")
}

/// What a person searches for as a pattern of `LIKE … ESCAPE '!'`, in lower case. `None` for an empty search.
fn like(q: &str) -> Option<String> {
    let q = q.trim().to_lowercase();
    let escaped: String = q
        .chars()
        .take(100)
        .flat_map(|c| {
            let escape = matches!(c, '%' | '_' | '!').then_some('!');
            escape.into_iter().chain([c])
        })
        .collect();
    (!escaped.is_empty()).then(|| format!("%{escaped}%"))
}
