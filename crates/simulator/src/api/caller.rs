//! Who calls, about which tailnet, and what they ask; what is not understood is refused in the form of the API.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::gate::Gate;
use crate::rights::{Actor, Refusal, bearer};
use crate::state::State;

/// The caller of a request with a good credential.
pub struct Caller(pub Actor);

impl FromRequestParts<Arc<Gate>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Refusal> {
        let secret = bearer(&parts.headers).ok_or_else(Refusal::unauthorised)?;
        gate.state().actor(&secret).map(Self).ok_or_else(Refusal::unauthorised)
    }
}

/// The query of a request.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Gate>> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Gate>) -> Result<Self, Refusal> {
        let query = Query::try_from_uri(&parts.uri);
        query.map(|Query(query)| Self(query)).map_err(|error| Refusal::bad_request(error.body_text()))
    }
}

/// The body of a request, whatever content type it was given.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))
}

impl Caller {
    /// Index of the tailnet in the path: `-`, its id or its domain, and never another than the credential's.
    pub fn tailnet(&self, state: &State, name: &str) -> Result<usize, Refusal> {
        let index = self.0.tailnet();
        let own = state.tailnets.get(index).ok_or_else(Refusal::not_found)?;
        let named = name == "-" || name == own.id() || own.domain.as_deref() == Some(name);
        if named { Ok(index) } else { Err(Refusal::not_found()) }
    }
}
