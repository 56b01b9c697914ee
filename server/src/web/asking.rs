//! What a handler needs before it does anything: who asks, and about what.

use app::fault::Fault;
use app::ports::Backend;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Web;
use super::problem::Problem;
use crate::session::BrowserSession;
use crate::state::{AppState, Viewer};
use crate::use_cases;

/// Who asks, in which browser.
#[derive(Clone, Debug)]
pub struct Asking {
    pub state: AppState,
    pub viewer: Viewer,
    pub session: BrowserSession,
}

impl Asking {
    /// The questions, bound to them.
    pub fn backend(&self) -> Backend {
        use_cases::backend(&self.state, self.viewer, self.session.clone())
    }
}

impl FromRequestParts<Web> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        // Put there by `viewer::layer`.
        let known = (parts.extensions.get().copied(), parts.extensions.get().cloned());
        let (Some(viewer), Some(session)) = known else { return Err(Fault::SignedOut.into()) };
        Ok(Self { state: web.state.clone(), viewer, session })
    }
}

/// The ids in a path. What is none is not there, as are those of others.
#[derive(Clone, Copy, Debug)]
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, web).await;
        path.map(|Path(ids)| Self(ids)).map_err(|_| Fault::NotFound.into())
    }
}
