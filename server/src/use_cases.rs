//! The answers to what pages ask: authorise, load, decide, store, enqueue. One file per noun.

use std::sync::Arc;

use app::ports::{Backend, Place};

use crate::services::{Services, Viewer};
use crate::web::session::BrowserSession;

mod accounts;
mod flash;
pub mod sign_in;
mod unanswered;

/// One who asks, with everything that answers are made of. Implements every port.
#[derive(Clone, Debug)]
pub struct Asker {
    pub services: Services,
    pub viewer: Viewer,
    pub session: BrowserSession,
}

/// The questions, bound to who is asking.
pub fn backend(services: &Services, viewer: Viewer, session: BrowserSession) -> Backend {
    let asker = Arc::new(Asker { services: services.clone(), viewer, session });
    let unanswered = Arc::new(unanswered::Unanswered);
    Backend {
        accounts: asker.clone(),
        audit: unanswered.clone(),
        firewall: unanswered.clone(),
        flash: asker,
        inbox: unanswered.clone(),
        offers: unanswered.clone(),
        services: unanswered.clone(),
        shares: unanswered.clone(),
        tailnets: unanswered,
        place: Place {
            base_url: services.config.base().to_owned(),
            now: services.now(),
            demo: services.config.demo,
        },
    }
}
